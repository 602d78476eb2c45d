"""A recorded session as JSON lines, and back through the engine: the same in, the same out.

A line is one input: ``{"at_s": 40, "type": "answer", "step": "s1", …}`` with the fields of the
dataclass of `types.py` that the type names; ``{"type": "reading", …}`` and ``{"type": "estimate",
…}`` likewise. Empty lines and lines that begin with ``#`` are passed over.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import MISSING, Field, asdict, fields
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from tutor_emotion.core import types
from tutor_emotion.core.config import EngineConfig
from tutor_emotion.core.engine import EngineInput, Step, start, step
from tutor_emotion.core.types import (
    Adaptation,
    AdaptationKind,
    AffectSignal,
    Reading,
)
from tutor_emotion.errors import BadInput

TYPES: Mapping[str, type[Any]] = {
    "step_shown": types.StepShown,
    "answer": types.Answer,
    "hint_request": types.HintRequest,
    "idle": types.Idle,
    "activity": types.Activity,
    "visibility": types.Visibility,
    "text": types.TextMessage,
    "self_report": types.SelfReport,
    "outcome": types.Outcome,
    "reading": types.Reading,
    "estimate": types.Estimate,
}
_NAMES = {cls: name for name, cls in TYPES.items()}
TAIL_S = 30.0
LONGEST_S = 86_400.0  # a day; at one step a second more is a mistake in the file


# --- lines → inputs ------------------------------------------------------------------------------


def parse(lines: Iterable[str]) -> list[EngineInput]:
    """The inputs that the lines hold, by time.

    Raises:
        BadInput: ``bad_replay``, naming the line and the field.
    """
    inputs: list[EngineInput] = []
    for number, line in enumerate(lines, start=1):
        if line.strip() and not line.lstrip().startswith("#"):
            inputs.append(_input(line, number))
    if not inputs:
        raise BadInput("bad_replay", "The recording holds no input.", hint="See docs/engine.md.")
    return sorted(inputs, key=at_s_of)


def _input(line: str, number: int) -> EngineInput:
    try:
        raw = json.loads(line, parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        raise _bad(number, "is not JSON") from None
    if not isinstance(raw, dict):
        raise _bad(number, "is not a JSON object")
    name = raw.pop("type", None)
    cls = TYPES.get(name) if isinstance(name, str) else None
    if cls is None:
        raise _bad(number, "has no known type", f"Known: {', '.join(TYPES)}.")
    try:
        made: EngineInput = _object(cls, raw)
    except _Fault as fault:
        raise _bad(number, str(fault)) from None
    if not 0 <= at_s_of(made) <= LONGEST_S:
        raise _bad(number, "is not within a day of the session's start")
    return made


def _bad(number: int, fault: str, hint: str = "See docs/engine.md.") -> BadInput:
    return BadInput("bad_replay", f"Line {number} {fault}.", hint=hint)


class _Fault(ValueError):
    """What is wrong with a value, without the value itself."""


def _refuse_constant(_: str) -> float:
    raise ValueError


def at_s_of(item: EngineInput) -> float:
    """When an input counts, in seconds on the session clock."""
    return item.end_s if isinstance(item, Reading) else item.at_s


def _shape_of(cls: type[Any]) -> tuple[tuple[Field[Any], Any], ...]:
    hints = get_type_hints(cls)
    return tuple((item, hints[item.name]) for item in fields(cls))


_SHAPES = {cls: _shape_of(cls) for cls in (*_NAMES, types.Evidence)}


def _object(cls: type[Any], raw: Any) -> Any:
    if not isinstance(raw, dict):
        raise _Fault("holds something else where an object belongs")
    shape = _SHAPES[cls]
    unknown = set(raw) - {item.name for item, _ in shape}
    if unknown:
        raise _Fault(f"has no use for {min(unknown)!r:.40}")
    values = {}
    for item, hint in shape:
        if item.name in raw:
            values[item.name] = _value(hint, raw[item.name], item.name)
        elif item.default is MISSING and item.default_factory is MISSING:
            raise _Fault(f"lacks {item.name!r}")
    return cls(**values)


def _value(hint: Any, raw: Any, name: str) -> Any:
    """``raw`` as a value of the type ``hint``; only the types that `types.py` uses for inputs."""
    origin, args = get_origin(hint), get_args(hint)
    if origin in (Union, UnionType):
        if raw is None and NoneType in args:
            return None
        return _value(next(a for a in args if a is not NoneType), raw, name)
    if origin is Literal:
        if raw not in args:
            raise _Fault(f"{name!r} is none of {', '.join(map(str, args))}")
        return raw
    if origin is tuple:
        return _tuple(args, raw, name)
    if hint is float:
        return _number(raw, name)
    if isinstance(hint, type) and hint in (str, bool, int):
        if type(raw) is not hint:
            raise _Fault(f"{name!r} is no {hint.__name__}")
        return raw
    if hint is types.Evidence:
        return _object(types.Evidence, raw)
    if not isinstance(raw, dict):
        raise _Fault(f"{name!r} is no object of numbers")
    return {key: _number(value, f"{name}.{key}") for key, value in raw.items()}


def _tuple(args: tuple[Any, ...], raw: Any, name: str) -> tuple[Any, ...]:
    if not isinstance(raw, list):
        raise _Fault(f"{name!r} is no list")
    if args[-1] is ...:
        return tuple(_value(args[0], item, name) for item in raw)
    if len(raw) != len(args):
        raise _Fault(f"{name!r} does not hold {len(args)} values")
    return tuple(_value(arg, item, name) for arg, item in zip(args, raw, strict=True))


def _number(raw: Any, name: str) -> float:
    if isinstance(raw, bool) or not isinstance(raw, (int, float)):
        raise _Fault(f"{name!r} is no number")
    try:
        value = float(raw)
    except OverflowError:
        value = math.inf
    if not math.isfinite(value):
        raise _Fault(f"{name!r} is not finite")
    return value


# --- inputs and outputs → lines ------------------------------------------------------------------


def line(item: EngineInput | AffectSignal | Adaptation) -> str:
    """One input or output as a JSON line, without the newline."""
    if isinstance(item, AffectSignal):
        name = "signal"
    elif isinstance(item, Adaptation):
        name = "adaptation"
    else:
        name = _NAMES[type(item)]
    return json.dumps({"type": name, **asdict(item)}, ensure_ascii=False)


# --- through the engine --------------------------------------------------------------------------


def run(lines: Iterable[str], config: EngineConfig, *, tail_s: float = TAIL_S) -> Iterator[Step]:
    """Every Step of the recording: each second, and at each input, until ``tail_s`` after the last.

    Raises:
        BadInput: ``bad_replay``, before the first Step.
    """
    return steps(parse(lines), config, tail_s=tail_s)


def steps(
    inputs: Iterable[EngineInput],
    config: EngineConfig,
    *,
    tail_s: float = TAIL_S,
    offered: Mapping[int, AdaptationKind] | None = None,
) -> Iterator[Step]:
    """As ``run``, from inputs that are in the order of their times.

    Args:
        offered: what was offered under which id when this was recorded. A reply to it is taken for
            one only where this run has offered the same; None takes every reply as it stands.
    """
    waiting = list(inputs)
    made: dict[int, AdaptationKind] = {}
    end_s = (at_s_of(waiting[-1]) if waiting else 0.0) + tail_s
    state, second, i = start(config), 0, 0
    while second <= end_s or i < len(waiting):
        now_s = float(second)
        if i < len(waiting) and at_s_of(waiting[i]) <= now_s:
            now_s = at_s_of(waiting[i])
        first = i
        while i < len(waiting) and at_s_of(waiting[i]) <= now_s:
            i += 1
        now = [x for x in waiting[first:i] if offered is None or _still_fits(x, offered, made)]
        done = step(state, now, now_s, config)
        state = done.state
        made.update((item.id, item.kind) for item in done.adaptations)
        yield done
        second += now_s >= second


def _still_fits(
    item: EngineInput,
    offered: Mapping[int, AdaptationKind],
    made: Mapping[int, AdaptationKind],
) -> bool:
    if not isinstance(item, types.Outcome):
        return True
    kind = made.get(item.adaptation)
    return kind is not None and kind == offered.get(item.adaptation)
