"""The policy as a form that a teacher understands, and that cannot be set to nonsense."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from django import forms
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from tutor_emotion import privacy
from tutor_emotion.admin import parameter_fields
from tutor_emotion.core.config import FusionConfig
from tutor_emotion.core.types import ADAPTATION_KINDS, MODALITIES, STATES
from tutor_emotion.errors import BadInput
from tutor_emotion.live import translate
from tutor_emotion.models import Policy
from tutor_emotion.words import ADAPTATION_LABELS

if TYPE_CHECKING:
    PolicyModelForm = forms.ModelForm[Policy]
else:
    PolicyModelForm = forms.ModelForm

# What is believed of anybody before the first evidence: a threshold at or below it always fires.
PRIOR: dict[str, float] = dict(zip(STATES, FusionConfig().prior, strict=True))
ASSUMED = {
    "suspect_on": round(PRIOR["confused"] + PRIOR["frustrated"], 4),
    "strong_on": round(PRIOR["confused"] + PRIOR["frustrated"], 4),
    "frustrated_on": PRIOR["frustrated"],
    "bored_on": PRIOR["bored"],
}
THRESHOLDS = tuple(ASSUMED)
BUDGET = ("offer_every_s", "offers_in_10_min", "offers_in_hour")


class PercentField(forms.FloatField):
    """A share of 0 to 1 that is written as 5 to 99 %."""

    default_error_messages: ClassVar = {"range": _("Give a number from 5 to 99.")}

    def to_python(self, value: Any) -> Any:
        number: float | None = super().to_python(value)
        return None if number is None else round(number / 100, 4)

    def prepare_value(self, value: Any) -> Any:
        return f"{value * 100:g}" if isinstance(value, float) else value

    def validate(self, value: Any) -> None:
        super().validate(value)
        if value is not None and not 0.05 <= value <= 0.99:
            raise forms.ValidationError(self.error_messages["range"], code="range")

    def run_validators(self, value: Any) -> None:
        """``validate`` says it in per cent; the model's own would speak of 0.05."""

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        return {"min": 5, "max": 99, "step": 1, "inputmode": "numeric"}


class ParametersForm(PolicyModelForm):
    """Every other number of the engine, each in a field of its own."""

    vars().update(parameter_fields.parameter_fields())

    class Meta:
        model = Policy
        fields: ClassVar[tuple[str, ...]] = ()


class PolicyForm(ParametersForm):
    adaptations = forms.MultipleChoiceField(
        label=_("Allowed adaptations"),
        choices=[(kind, ADAPTATION_LABELS[kind]) for kind in ADAPTATION_KINDS],
        widget=forms.CheckboxSelectMultiple,
        error_messages={
            "required": _("Tick at least one. To stop everything, use “pause everything”.")
        },
        help_text=_("Default: all of them. Each can be waved away by the learner with one key."),
    )

    class Meta:
        model = Policy
        fields = (
            "paused",
            *(f"use_{m}" for m in MODALITIES),
            *THRESHOLDS,
            "offer_every_s",
            "offers_in_10_min",
            "offers_in_hour",
            "quiet_pace",
            "pacing",
            "adaptations",
            "collect_labels",
            "keep_labels_days",
        )
        field_classes: ClassVar = dict.fromkeys(THRESHOLDS, PercentField)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["adaptations"] = [
            kind for kind in ADAPTATION_KINDS if kind in self.instance.adaptations
        ] or list(ADAPTATION_KINDS)
        for modality in MODALITIES:
            self._obey_the_law(modality)
        kept = self.instance.parameters if isinstance(self.instance.parameters, dict) else {}
        self.initial.update(parameter_fields.dress(self.fields, kept))
        for name, field in self.fields.items():
            if not isinstance(field, parameter_fields.ParameterField):  # these tell it themselves
                self._tell_default(name, field)

    def _obey_the_law(self, modality: Any) -> None:
        """What the profile forbids is off, is shown as off, and no POST can change it."""
        permitted, reason = privacy.permitted(modality)
        if not permitted:
            name = f"use_{modality}"
            self.fields[name].disabled = True
            self.fields[name].help_text = " ".join(
                filter(None, (gettext("Not available here."), reason and gettext(reason)))
            )
            self.initial[name] = False

    def _tell_default(self, name: str, field: forms.Field) -> None:
        default: Any = getattr(Policy(), name)
        text = str(field.help_text)
        if isinstance(field, PercentField):
            text += " " + gettext("Default: %(n)g %%.") % {"n": default * 100}
        elif isinstance(field, forms.IntegerField):
            text += " " + gettext("Default: %(n)d.") % {"n": default}
        elif isinstance(field, forms.BooleanField) and not field.disabled:
            text += " " + (gettext("Default: on.") if default else gettext("Default: off."))
        field.help_text = text.strip()

    def has_changed(self) -> bool:
        # A course gets its policy written down even where nobody changed a default.
        return bool(self.instance._state.adding) or super().has_changed()

    def clean_adaptations(self) -> list[str]:
        chosen = set(self.cleaned_data["adaptations"])
        # All of them is kept as none named: a kind that a later version adds is then allowed too.
        return (
            []
            if len(chosen) == len(ADAPTATION_KINDS)
            else [k for k in ADAPTATION_KINDS if k in chosen]
        )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        for name, assumed in ASSUMED.items():
            if (value := data.get(name)) is not None and value <= assumed:
                text = _("We assume %(n)g %% before anything was seen; choose more.")
                self._refuse(name, "below_prior", text, n=assumed * 100)
        suspect, strong = data.get("suspect_on"), data.get("strong_on")
        if suspect is not None and strong is not None and strong < suspect:
            text = _("“Very likely” must not be below “may be” (%(n)g %%).")
            self._refuse("strong_on", "strong_below_suspect", text, n=suspect * 100)
        few, many = data.get("offers_in_10_min"), data.get("offers_in_hour")
        if few is not None and many is not None and many < few:
            text = _("Must not be below the offers in ten minutes (%(n)d).")
            self._refuse("offers_in_hour", "hour_below_ten_minutes", text, n=few)
        self._check_budget(data.get("offer_every_s"), few)
        self._check_parameters(data)
        return data

    def _check_parameters(self, data: Mapping[str, Any]) -> None:
        """Together they must make an engine; the fault stands beside the field that it names."""
        if self.errors:
            return
        self.instance.parameters = parameter_fields.overrides(data)
        shown = {name: data[name] for name in (*THRESHOLDS, *BUDGET)}
        policy = Policy(parameters=self.instance.parameters, **shown)
        try:
            translate.engine_config(policy, frozenset())
        except BadInput as error:
            field = parameter_fields.field_name(error.message.partition(" ")[0])
            fault = forms.ValidationError(error.message, code=error.code)
            self.add_error(field if field in self.fields else None, fault)

    def _check_budget(self, every_s: int | None, in_10_min: int | None) -> None:
        if not every_s or not in_10_min:
            return
        room = 600 // every_s + 1
        if in_10_min > room:
            text = ngettext(
                "With that pause between offers, ten minutes have room for %(n)d offer.",
                "With that pause between offers, ten minutes have room for %(n)d offers.",
                room,
            )
            self._refuse("offers_in_10_min", "more_than_fit", text, n=room)

    def _refuse(self, field: str, code: str, text: Any, **params: Any) -> None:
        self.add_error(field, forms.ValidationError(text, code=code, params=params))
