"""What was there and what is there now, field by field and in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import FieldDoesNotExist
from django.db.models import Model
from django.utils.translation import gettext as _

from tutor_emotion.admin.policy_form import THRESHOLDS
from tutor_emotion.words import ADAPTATION_LABELS, ROLE_LABELS

MISSING = "–"


@dataclass(frozen=True, slots=True)
class Difference:
    """One field that changed, both sides in words."""

    label: str
    before: str
    after: str


def differences(
    model: type[Model], before: Mapping[str, Any], after: Mapping[str, Any]
) -> Iterator[Difference]:
    """The fields of ``after`` whose value was another one ``before``; a dictionary by its keys."""
    for name, value in after.items():
        old = before.get(name)
        if old == value:
            continue
        if isinstance(value, dict) and isinstance(old, dict | None):
            yield from _by_key(old or {}, value)
        else:
            yield Difference(label_of(model, name), shown(name, old), shown(name, value))


def _by_key(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Difference]:
    for key in sorted(before.keys() | after.keys()):
        if before.get(key) != after.get(key):
            words = key.replace("_", " ").replace(".", ": ")
            yield Difference(words, shown(key, before.get(key)), shown(key, after.get(key)))


def label_of(model: type[Model], name: str) -> str:
    """The field's name for a reader, as a label begins."""
    try:
        label = str(getattr(model._meta.get_field(name), "verbose_name", name))
    except FieldDoesNotExist:
        label = name
    return label[:1].upper() + label[1:]


def shown(name: str, value: Any) -> str:
    """A field's value in words."""
    if value is None or value == "":
        return MISSING
    if isinstance(value, bool):
        return _("on") if value else _("off")
    if name in THRESHOLDS:
        return f"{value * 100:g} %"
    if name == "adaptations":
        kinds = [str(ADAPTATION_LABELS.get(kind, kind)) for kind in value]
        return ", ".join(kinds) if kinds else _("all of them")
    if name == "role":
        return str(ROLE_LABELS.get(value, value))
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value)) or MISSING
    return str(value)
