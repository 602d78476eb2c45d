"""A guardian's answer: yes or no to each, who answers, and the signature of a release."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext, gettext_lazy

from tutor_emotion.core.types import Modality
from tutor_emotion.services import Guardian, Needed
from tutor_emotion.views.guardian_words import NAMES, RELATIONS

ANSWERS = (("yes", gettext_lazy("Yes")), ("no", gettext_lazy("No")))
LONGEST_NAME = 120


class AnswerForm(forms.Form):
    """Nothing is chosen beforehand, and each must be answered."""

    name = forms.CharField(
        label=gettext_lazy("Your full name"),
        max_length=LONGEST_NAME,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    relation = forms.ChoiceField(label=gettext_lazy("You are the learner’s"))
    signature = forms.CharField(
        label=gettext_lazy("Your signature: type your full name once more"),
        max_length=LONGEST_NAME,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    sure = forms.BooleanField(
        label=gettext_lazy(
            "I may decide this for the learner, as a parent or legal guardian, or because I am the "
            "learner and of age."
        )
    )

    def __init__(
        self, asked: Mapping[Modality, Needed], *args: Any, of_age: bool, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.asked = asked
        relations = [("", "—"), *RELATIONS.items()]
        own = [r for r in relations if r[0] != "self" or of_age]
        self.fields["relation"].choices = own  # type: ignore[attr-defined]
        if "release" not in asked.values():
            del self.fields["signature"]
        for modality in asked:
            self.fields[modality] = forms.ChoiceField(
                label=NAMES[modality], choices=ANSWERS, widget=forms.RadioSelect
            )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        released = [m for m, need in self.asked.items() if need == "release"]
        signs = any(data.get(m) == "yes" for m in released)
        if signs and _plain(data.get("signature", "")) != _plain(data.get("name", "")):
            text = gettext("A written release needs the same full name here as above.")
            self.add_error("signature", text)
        return data

    def choices(self) -> dict[Modality, bool]:
        return {m: self.cleaned_data[m] == "yes" for m in self.asked}

    def guardian(self, language: str, release: str) -> Guardian:
        data = self.cleaned_data
        signature = data.get("signature", "")
        return Guardian(data["name"], data["relation"], language, signature, release)


def _plain(name: str) -> str:
    """A name without the accidents of typing."""
    return " ".join(name.split()).casefold()
