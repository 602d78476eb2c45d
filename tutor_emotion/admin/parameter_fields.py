"""The engine's parameters as fields of the policy's form; what is as by default is not kept."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.text import capfirst
from django.utils.translation import gettext

from tutor_emotion import parameter_words
from tutor_emotion.admin.theme import NumberInput
from tutor_emotion.core.parameters import CATALOGUE, OWN_FIELD, Parameter, checked
from tutor_emotion.errors import BadInput

SETTABLE: Mapping[str, Parameter] = {
    name: parameter for name, parameter in CATALOGUE.items() if name not in OWN_FIELD
}


def field_name(name: str) -> str:
    """The form's field of a parameter; a dot would end a name in a template."""
    return "p_" + name.replace(".", "__")


class ParameterField(forms.FloatField):
    """One number, with its unit, its default and why. Empty is the default."""

    def __init__(self, parameter: Parameter, **kwargs: Any) -> None:
        self.parameter = parameter
        super().__init__(required=False, widget=NumberInput, **kwargs)

    def to_python(self, value: Any) -> Any:
        number = super().to_python(value)
        return self.parameter.default if number is None else number

    def validate(self, value: Any) -> None:
        super().validate(value)
        try:
            checked(self.parameter.name, value)
        except BadInput:
            known = self.parameter
            words = gettext("Give a number from %(low)s to %(high)s (%(unit)s).")
            if known.whole:
                words = gettext("Give a whole number from %(low)s to %(high)s (%(unit)s).")
            limits = {"low": f"{known.low:g}", "high": f"{known.high:g}"}
            text = words % {**limits, "unit": parameter_words.unit(known)}
            raise forms.ValidationError(text, code="range") from None

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        known = self.parameter
        step = "1" if known.whole else "any"
        return {
            "min": f"{known.low:g}",
            "max": f"{known.high:g}",
            "step": step,
        }


def parameter_fields() -> dict[str, forms.Field]:
    """The fields by their names, for the form's class; the words are set where it is made."""
    return {field_name(name): ParameterField(p) for name, p in SETTABLE.items()}


def parameter_fieldsets() -> Any:
    """A collapsed fieldset for each group, for the admin."""
    return tuple(
        (
            title,
            {
                "fields": tuple(field_name(n) for n, p in SETTABLE.items() if p.group == group),
                "classes": ("collapse", "te-parameters"),
                "description": words,
            },
        )
        for group, (title, words) in parameter_words.GROUPS.items()
    )


def dress(fields: Mapping[str, forms.Field], kept: Mapping[str, Any]) -> dict[str, Any]:
    """Gives each field its words in the reader's language. What the fields begin with."""
    initial = {}
    for name, parameter in SETTABLE.items():
        field = fields[field_name(name)]
        field.label = capfirst(parameter_words.label(parameter))
        default = parameter_words.figure(parameter.default)
        field.help_text = gettext("%(why)s Default: %(default)s (%(unit)s).") % {
            "why": parameter_words.why(parameter),
            "default": default,
            "unit": parameter_words.unit(parameter),
        }
        initial[field_name(name)] = _shown(kept.get(name, parameter.default))
    return initial


def _shown(value: Any) -> Any:
    """As the field shows it: a number of six digits. What is none is shown as it was written."""
    number = isinstance(value, (int, float)) and not isinstance(value, bool)
    if not number:
        return value
    shown = float(parameter_words.figure(value))
    return int(shown) if shown.is_integer() else shown


def overrides(data: Mapping[str, Any]) -> dict[str, float]:
    """What differs from its default, of a form's cleaned data."""
    found = {}
    for name, parameter in SETTABLE.items():
        value = data.get(field_name(name))
        # A default of more than six digits is not changed by being shown.
        if value is not None and _shown(value) != _shown(parameter.default):
            found[name] = checked(name, value)
    return found
