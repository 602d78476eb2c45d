"""From a data set's names of its classes to ours: a TOML file, or names that are common anyway.

[labels]
angry = "anger"
surprised = ""        # left out

[voice]               # for one kind only, over the table above
surprised = ""
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal, TypeAlias

from tutor_emotion.errors import BadInput
from tutor_emotion.evaluation.data import Item
from tutor_emotion.evaluation.tables import read_text

Kind: TypeAlias = Literal["face", "voice", "text", "engine", "omni"]
SHIPPED = Path(__file__).with_name("labels")
LEFT_OUT = ""


@dataclass(frozen=True, slots=True)
class LabelMap:
    """``names``: a data set's label, case folded → ours, empty to leave it out."""

    name: str
    names: Mapping[str, str]


def shipped() -> tuple[str, ...]:
    """The maps that come with us, by name."""
    return tuple(sorted(at.stem for at in SHIPPED.glob("*.toml")))


@lru_cache(maxsize=4)
def common_names(kind: Kind) -> Mapping[str, str]:
    """Names that data sets often use for our classes."""
    return _read(SHIPPED / "common.toml", kind).names


def read_label_map(name: str, kind: Kind) -> LabelMap:
    """A map by its path, or one of ours by its name (``crema-d``).

    Raises:
        BadInput: ``bad_label_map``, ``data_missing``, ``data_unreadable``.
    """
    path = Path(name)
    own = SHIPPED / f"{name.lower()}.toml"
    if not path.suffix and own.is_file():
        return _read(own, kind)
    if not path.exists():
        raise BadInput(
            "data_missing",
            f"There is no label map {name}.",
            hint=f"Give a TOML file, or one of ours: {', '.join(shipped())}.",
        )
    return _read(path, kind)


def _read(path: Path, kind: Kind) -> LabelMap:
    try:
        raw = tomllib.loads(read_text(path))
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise BadInput("bad_label_map", f"{path.name}: {error}.") from None
    tables = [raw.get("labels", {k: v for k, v in raw.items() if not isinstance(v, dict)})]
    tables.append(raw.get(kind, {}))
    names: dict[str, str] = {}
    for table in tables:
        if not isinstance(table, dict) or not all(isinstance(v, str) for v in table.values()):
            raise BadInput(
                "bad_label_map",
                f"{path.name}: a label map is names and texts.",
                hint='As in: [labels] angry = "anger"',
            )
        names |= {key.casefold().strip(): value.strip() for key, value in table.items()}
    if not names:
        raise BadInput("bad_label_map", f"{path.name} maps no label.")
    return LabelMap(path.name, names)


def ours(
    items: Iterable[Item], classes: Sequence[str], kind: Kind, chosen: LabelMap | None
) -> tuple[list[tuple[Item, str]], dict[str, int]]:
    """Each item with our class, and how many of which label were left out.

    Raises:
        BadInput: ``label_unmapped``, naming the label, the file and the row; ``bad_label_map``.
    """
    kept: list[tuple[Item, str]] = []
    left_out: dict[str, int] = {}
    for item in items:
        label = _class_of(item, classes, common_names(kind), chosen)
        if label == LEFT_OUT:
            left_out[item.label] = left_out.get(item.label, 0) + 1
        else:
            kept.append((item, label))
    if not kept:
        raise BadInput("data_empty", "The label map leaves nothing over.")
    return kept, left_out


def _class_of(
    item: Item, classes: Sequence[str], common: Mapping[str, str], chosen: LabelMap | None
) -> str:
    key = item.label.casefold().strip()
    if chosen is None:
        target = key if key in classes else common.get(key)
    else:
        target = chosen.names.get(key)
    if target is None:
        missing = f"The label map {chosen.name} does not have" if chosen else "There is no map for"
        raise BadInput(
            "label_unmapped",
            f"{missing} the label {item.label!r:.60} of {item.where}.",
            hint=_advice(item.label, classes, chosen),
        )
    named = target.casefold()
    target = named if named in classes else common.get(named, named)
    if target and target not in classes:
        raise BadInput(
            "label_unmapped" if chosen is None else "bad_label_map",
            f"The label {item.label!r:.60} of {item.where} is {target!r:.60} here, "
            "which is no class of this model.",
            hint=_advice(item.label, classes, chosen),
        )
    return target


def _advice(label: str, classes: Sequence[str], chosen: LabelMap | None) -> str:
    how = "" if chosen else "Give a map with --labels MAP.toml: "
    return f'{how}"{label:.40}" = "" leaves it out; our classes are {", ".join(classes)}.'
