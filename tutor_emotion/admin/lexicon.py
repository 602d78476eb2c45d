"""The phrases of typed messages, as a school edits them, and a box to try a sentence."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import Model
from django.http import HttpRequest
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from tutor_emotion import services
from tutor_emotion.admin.theme import ModelAdmin, Textarea, TextInput
from tutor_emotion.core.estimators.text import MAX_CHARACTERS, is_alarming, said
from tutor_emotion.core.lexicon import Lexicon
from tutor_emotion.errors import BadInput
from tutor_emotion.models import LexiconEdit

if TYPE_CHECKING:
    LexiconModelForm = forms.ModelForm[LexiconEdit]
else:
    LexiconModelForm = forms.ModelForm

FOUND = {
    "confused": _("not clear to them"),
    "annoyed": _("annoyed"),
    "bored": _("bored"),
}


def understood(sentence: str, lexicon: Lexicon) -> str:
    """What a sentence is taken to say, in words."""
    if is_alarming(sentence, lexicon):
        return str(_("A person is called: this sentence alarms."))
    found = [str(FOUND[kind]) for kind in said(sentence, lexicon).holds if kind in FOUND]
    return ", ".join(found) if found else str(_("nothing"))


EXAMPLE = '[add]\nconfused = ["brain fog"]\n\n[remove]\nbored = ["too|way|far easy"]'


class LexiconForm(LexiconModelForm):
    sentence = forms.CharField(
        label=capfirst(_("try a sentence")),
        required=False,
        max_length=MAX_CHARACTERS,
        widget=TextInput,
        help_text=_("Save and continue: what it is taken to say is shown above. It is not kept."),
    )

    class Meta:
        model = LexiconEdit
        fields = ("text",)
        widgets = {
            "text": Textarea(
                attrs={"rows": 18, "cols": 90, "spellcheck": "false", "placeholder": EXAMPLE}
            )
        }

    def clean_text(self) -> str:
        text: str = self.cleaned_data["text"].replace("\r\n", "\n")
        try:
            services.lexicon_with(text)
        except BadInput as error:
            raise ValidationError(error.message) from None
        return text


@admin.register(LexiconEdit)
class LexiconAdmin(ModelAdmin[LexiconEdit]):
    """One row a site, for superusers: it decides what is read in every course."""

    form = LexiconForm
    list_display = ("__str__", "updated_at")

    def save_model(self, request: HttpRequest, obj: LexiconEdit, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        sentence = form.cleaned_data.get("sentence")
        if sentence:
            self.message_user(request, understood(sentence, services.lexicon_with(obj.text)))

    def has_module_permission(self, request: HttpRequest) -> bool:
        return request.user.is_superuser

    def has_add_permission(self, request: HttpRequest) -> bool:
        return request.user.is_superuser and not LexiconEdit.objects.exists()

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return request.user.is_superuser

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return request.user.is_superuser

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return request.user.is_superuser
