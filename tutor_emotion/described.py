"""What a JSON door takes and answers, said at the door itself; ``describe_api`` reads it there.

``docs/openapi.json`` is made of these, so a door that is not described does not exist for those who
read it; a test finds each one that was forgotten.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias, TypeVar

from pydantic import BaseModel

Method: TypeAlias = Literal["get", "post"]
View = TypeVar("View", bound=Callable[..., object])


class Fault(BaseModel):
    """What every error is: ``retry`` says whether the same request may work later."""

    code: str
    message: str
    hint: str
    retry: bool


@dataclass(frozen=True, slots=True)
class Described:
    """One JSON door. By HTTP status: ``answers`` are bodies, ``faults`` the codes of errors."""

    method: Method
    answers: Mapping[int, type[BaseModel] | None]
    faults: Mapping[int, tuple[str, ...]] = field(default_factory=dict)
    body: type[BaseModel] | None = None
    query: type[BaseModel] | None = None
    signed_in: bool = True


def described(door: Described) -> Callable[[View], View]:
    """Says what the view below takes and answers. Outermost, so that it is found on the view."""

    def mark(view: View) -> View:
        view.described = door  # type: ignore[attr-defined]
        return view

    return mark


def description_of(view: object) -> Described | None:
    """What was said of a view, or None."""
    found: Described | None = getattr(view, "described", None)
    return found
