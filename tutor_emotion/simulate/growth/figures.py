"""The model's numbers: what was measured, what is supposed, and that both can be."""

from __future__ import annotations

import math
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

from tutor_emotion.errors import BadInput

HERE = Path(__file__).parent
ASSUMED, FITTED = HERE / "assumptions.toml", HERE / "fitted.toml"
_HINT = "Compare it with tutor_emotion/simulate/growth/"


@dataclass(frozen=True, slots=True)
class Assumption:
    """A number, and the range in which it may be."""

    name: str
    value: float
    low: float
    high: float
    what: str
    source: str


@dataclass(frozen=True, slots=True)
class Figures:
    """``assumed`` by ``part.name``; ``fitted`` by name, of one learner, and ``about`` how."""

    assumed: Mapping[str, Assumption]
    fitted: Mapping[str, float]
    about: Mapping[str, str]

    def __getitem__(self, name: str) -> float:
        """A value by its name: of an assumption with its part, of a fitted one as it is."""
        return self.assumed[name].value if "." in name else self.fitted[name]

    def with_value(self, name: str, value: float) -> Figures:
        changed = {**self.assumed, name: replace(self.assumed[name], value=value)}
        return replace(self, assumed=MappingProxyType(changed))


def load(assumed: Path = ASSUMED, fitted: Path = FITTED) -> Figures:
    """Both files, checked against those that ship.

    Raises:
        BadInput: ``no_file``, ``bad_figures``: no TOML, an unknown or missing name, no number, a
            value outside of its own range or below nought.
    """
    shipped = {one.name for one in _assumptions(_read(ASSUMED), ASSUMED)}
    found = {one.name: one for one in _assumptions(_read(assumed), assumed)}
    _same_names(shipped, set(found), assumed)
    measured = _read(fitted)
    names = set(_table(_read(FITTED), "a_learner", FITTED))
    numbers = {
        name: _number(value, name, fitted)
        for name, value in _table(measured, "a_learner", fitted).items()
    }
    _same_names(names, set(numbers), fitted)
    about = {k: str(v) for k, v in _table(measured, "about", fitted).items()}
    return Figures(MappingProxyType(found), MappingProxyType(numbers), MappingProxyType(about))


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError:
        raise BadInput(
            "no_file", f"There is no file {path.name}.", hint="Check the path."
        ) from None
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise _bad(path, f"it is no TOML ({error})") from None


def _table(whole: Mapping[str, Any], name: str, path: Path) -> dict[str, Any]:
    table = whole.get(name)
    if not isinstance(table, dict):
        raise _bad(path, f"it has no table [{name}]")
    return table


def _assumptions(whole: Mapping[str, Any], path: Path) -> Iterator[Assumption]:
    for part in whole:
        for key, row in _table(whole, part, path).items():
            name = f"{part}.{key}"
            if not isinstance(row, dict) or not {"value", "low", "high"} <= set(row):
                raise _bad(path, f"{name} needs value, low and high")
            value, low, high = (_number(row[k], name, path) for k in ("value", "low", "high"))
            if not low <= value <= high:
                raise _bad(path, f"{name}: {value:g} is not between {low:g} and {high:g}")
            about = str(row.get("what", "")), str(row.get("source", ""))
            yield Assumption(name, value, low, high, *about)


def _number(value: Any, name: str, path: Path) -> float:
    plain = isinstance(value, int | float) and not isinstance(value, bool)
    if not plain or not math.isfinite(value) or value < 0:
        raise _bad(path, f"{name} is not a number of nought or more")
    return float(value)


def _same_names(wanted: set[str], found: set[str], path: Path) -> None:
    for name in sorted(wanted ^ found):
        raise _bad(path, f"{name} is {'missing' if name in wanted else 'not known'}")


def _bad(path: Path, why: str) -> BadInput:
    return BadInput("bad_figures", f"{path.name}: {why}.", hint=f"{_HINT}{path.name}.")
