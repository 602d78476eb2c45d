"""The words of offers, as a school edits them: the shipped ones beside, a second look asked for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import (
    get_language,
    get_language_info,
    gettext,
    gettext_noop,
    pgettext_lazy,
)
from django.utils.translation import gettext_lazy as _

from tutor_emotion import services
from tutor_emotion.admin.history import WithHistory
from tutor_emotion.admin.theme import Select, Textarea
from tutor_emotion.errors import BadInput
from tutor_emotion.models import MessageEdit

if TYPE_CHECKING:
    MessageModelForm = forms.ModelForm[MessageEdit]
else:
    MessageModelForm = forms.ModelForm

# When each message is said.
MOMENTS: Mapping[str, str | Promise] = {
    "offer.prerequisite": _("Back to what the step builds on"),
    "offer.worked_step": _("The step worked out, for weak learners"),
    "offer.worked_step_retry": _("The step worked out, and then one like it"),
    "offer.worked_example": _("A worked example, when they are stuck again"),
    "offer.other_activity": _("Something else in between, for strong learners"),
    "offer.challenge_hint": _("A small hint that leaves the challenge"),
    "offer.hard_step": _("The step is called hard, for weak learners"),
    "offer.hard_step_hint": _("The step is called hard, with a hint"),
    "offer.choice": _("How would you like to go on?"),
    "offer.example": _("More examples, after many tries"),
    "offer.hint_or_step": _("A hint, or a part of the step"),
    "offer.hint": _("A hint"),
    "offer.other_kind": _("Another kind of task"),
    "offer.harder": _("A harder task"),
    "offer.easier": _("An easier task"),
    "offer.shorter": _("The step in smaller parts"),
    "offer.why": _("Why does it work? After an unsure answer"),
    "offer.break": _("A short break"),
    "quiet.hint_glow": _("A hint is there (said without asking)"),
    "quiet.confirm": _("An unsure answer is confirmed (said without asking)"),
    "quiet.slower": _("The pace gets slower (said without asking)"),
    "quiet.segment": _("Steps come in parts (said without asking)"),
    "quiet.faster": _("The pace gets faster (said without asking)"),
}
REASONS: Mapping[str, str | Promise] = {
    "feeling": pgettext_lazy("a forbidden word", "names a feeling"),
    "praise": pgettext_lazy("a forbidden word", "praises the person"),
    "judgement": pgettext_lazy("a forbidden word", "judges"),
    "lecture": pgettext_lazy("a forbidden word", "lectures"),
}


def language_name(code: str) -> str:
    try:
        return capfirst(str(get_language_info(code)["name_local"]))
    except KeyError:
        return code


HELP = gettext_noop(
    "One a line, %(most)d at most, each of %(long)d characters at most; they take turns. {step} "
    "and {skill} become the titles of the step and the skill; a line with one is left out where "
    "the lesson gives no title. Plain text only. About the step, not the person: no feeling, no "
    "praise, no judgement."
)


class MessageForm(MessageModelForm):
    """``anyway`` is asked for only where a line holds a word that a message should not have."""

    key = forms.ChoiceField(label=capfirst(_("message")), widget=Select)
    language = forms.ChoiceField(label=capfirst(_("language")), widget=Select)
    anyway = forms.BooleanField(
        label=_("I have read this, and want these words all the same"), required=False
    )

    class Meta:
        model = MessageEdit
        fields = ("key", "language", "lines")
        widgets: ClassVar = {"lines": Textarea(attrs={"rows": 6, "cols": 90, "dir": "auto"})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        keys = services.shipped_messages("en")
        self.choices("key", [(key, MOMENTS.get(key, key)) for key in keys])
        self.choices("language", [(code, language_name(code)) for code in services.languages()])
        here = (get_language() or "").partition("-")[0]
        if here in services.languages():
            self.initial.setdefault("language", here)
        if not self.is_bound:
            self.fields["anyway"].widget = forms.HiddenInput()
        if "lines" in self.fields:
            limits = {"most": services.MOST_LINES, "long": services.LONGEST_LINE}
            self.fields["lines"].help_text = gettext(HELP) % limits

    def choices(self, name: str, choices: list[tuple[str, Any]]) -> None:
        if name in self.fields:
            self.fields[name].choices = choices  # type: ignore[attr-defined]

    def clean_lines(self) -> str:
        try:
            return "\n".join(services.lines_of(self.cleaned_data["lines"]))
        except BadInput as error:
            raise ValidationError(error.message, code=error.code) from None

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        language = data.get("language") or self.instance.language
        doubts = [
            gettext("“%(line)s”: “%(word)s” %(reason)s.")
            % {"line": line, "word": word.removesuffix("*"), "reason": REASONS[why]}
            for line in (data.get("lines") or "").split("\n")
            for word, why in services.forbidden_in(line, language).items()
        ]
        if doubts and not data.get("anyway"):
            self.add_error("lines", [ValidationError(doubt, code="forbidden") for doubt in doubts])
            self.add_error("anyway", gettext("Tick this to keep these words, or change them."))
        return data


@admin.register(MessageEdit)
class MessageAdmin(WithHistory):
    """For superusers: the words are said in every course of the site."""

    form = MessageForm
    list_display = ("moment", "spoken", "first", "updated_at")
    list_filter = ("language",)
    fields = ("key", "language", "lines", "shipped", "anyway")
    readonly_fields = ("shipped",)

    class Media:
        css: ClassVar = {"all": ("tutor_emotion/admin.css",)}

    def get_readonly_fields(self, request: HttpRequest, obj: MessageEdit | None = None) -> Any:
        return ("key", "language", "shipped") if obj else ("shipped",)

    @admin.display(description=_("message"), ordering="key")
    def moment(self, edit: MessageEdit) -> str:
        return str(MOMENTS.get(edit.key, edit.key))

    @admin.display(description=_("language"), ordering="language")
    def spoken(self, edit: MessageEdit) -> str:
        return language_name(edit.language)

    @admin.display(description=_("words"))
    def first(self, edit: MessageEdit) -> str:
        return edit.lines.partition("\n")[0]

    @admin.display(description=_("shipped words"))
    def shipped(self, edit: MessageEdit | None) -> SafeString:
        """The lines of this message; where none is chosen yet, those of all."""
        if edit is not None and edit.key:
            return _list(services.shipped_messages(edit.language).get(edit.key, ()), edit.language)
        blocks = format_html_join(
            "",
            "<details><summary>{}</summary>{}</details>",
            ((language_name(code), _all(code)) for code in services.languages()),
        )
        return format_html('<div class="te-shipped">{}</div>', blocks)

    def visible(self, user: Any) -> QuerySet[MessageEdit]:
        return MessageEdit.objects.all() if user.is_superuser else MessageEdit.objects.none()

    def has_module_permission(self, request: HttpRequest) -> bool:
        return request.user.is_superuser

    def has_add_permission(self, request: HttpRequest) -> bool:
        return request.user.is_superuser

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return request.user.is_superuser

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return request.user.is_superuser

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return request.user.is_superuser


def _all(language: str) -> SafeString:
    return format_html_join(
        "",
        "<h4>{}</h4>{}",
        (
            (MOMENTS.get(key, key), _list(lines, language))
            for key, lines in services.shipped_messages(language).items()
        ),
    )


def _list(lines: Any, language: str) -> SafeString:
    items = format_html_join("", "<li>{}</li>", ((line,) for line in lines))
    return format_html('<ul class="te-lines" lang="{}" dir="auto">{}</ul>', language, items)
