"""What was there and what is there now, field by field and in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import FieldDoesNotExist
from django.db.models import Model
from django.utils.translation import gettext as _

from tutor_emotion import parameter_words
from tutor_emotion.admin.policy_form import THRESHOLDS
from tutor_emotion.core.parameters import CATALOGUE
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
    """The fields of ``after`` whose value was another one ``before``; parameters one by one."""
    for name, value in after.items():
        old = before.get(name)
        if old == value:
            continue
        if isinstance(value, dict) and isinstance(old, dict | None):
            yield from _by_key(old or {}, value)
        else:
            words = _choices(model, name)
            one, other = (_chosen(words, name, side) for side in (old, value))
            yield Difference(label_of(model, name), one, other)


def _chosen(words: Mapping[Any, str], name: str, value: Any) -> str:
    return words[value] if isinstance(value, str) and value in words else shown(name, value)


def _choices(model: type[Model], name: str) -> dict[Any, str]:
    """The words of a field that is chosen from a few."""
    if name == "role":
        return {role: str(words) for role, words in ROLE_LABELS.items()}
    try:
        chosen = getattr(model._meta.get_field(name), "flatchoices", None)
    except FieldDoesNotExist:
        return {}
    return {value: str(words) for value, words in chosen or ()}


def _by_key(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Difference]:
    for key in sorted(before.keys() | after.keys()):
        if before.get(key) != after.get(key):
            known = CATALOGUE.get(key)
            usual = known.default if known else None
            one, other = (_figure(side.get(key, usual)) for side in (before, after))
            yield Difference(parameter_words.label(known) if known else key, one, other)


def _figure(value: Any) -> str:
    """A parameter's value; what is not kept is as by default."""
    return parameter_words.figure(value) if isinstance(value, int | float) else shown("", value)


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
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value)) or MISSING
    return str(value)
