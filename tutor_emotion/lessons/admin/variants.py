"""What stands around a step, kind by kind: the ladder, texts that only show, siblings that ask."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, ClassVar

from django import forms
from django.db.models import F, Model, QuerySet
from django.forms.models import BaseInlineFormSet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tutor_emotion.admin.theme import NumberInput, StackedInline, TextInput
from tutor_emotion.lessons.admin.question import (
    ANSWER_FIELDS,
    QuestionForm,
    in_place,
    markdown_box,
)
from tutor_emotion.lessons.content.checking import text_problems
from tutor_emotion.lessons.content.spec import MAX_HINTS
from tutor_emotion.lessons.models import Variant

if TYPE_CHECKING:
    _Form = forms.ModelForm[Variant]
    _FormSet = BaseInlineFormSet[Any, Any, Any]
else:
    _Form, _FormSet = forms.ModelForm, BaseInlineFormSet

MAX_TEXT = 8_000
SIBLING_FIELDS = ("prompt", *ANSWER_FIELDS, "help", "difficulty")


class VariantFormSet(_FormSet):
    """Rows of one kind. An item that learners have answered is not deleted by the way."""

    kind: ClassVar[str]

    def _construct_form(self, i: int, **kwargs: Any) -> Any:
        form = super()._construct_form(i, **kwargs)  # type: ignore[misc]
        form.instance.kind = self.kind
        return form

    def clean(self) -> None:
        super().clean()
        for form in self.deleted_forms:
            if form.instance.pk and (count := form.instance.attempts.count()):
                raise forms.ValidationError(
                    _("Learners answered this %(n)d times, so it stays. Change its words instead.")
                    % {"n": count}
                )


class HintFormSet(VariantFormSet):
    """The rungs get their places by the numbers beside them."""

    def save(self, commit: bool = True) -> Any:
        kept = [form for form in self.forms if self._is_kept(form)]
        kept.sort(key=lambda form: form.cleaned_data.get("rung") or MAX_HINTS + 1)
        if self.instance.pk:  # out of the way, so that two can change places
            rows = Variant.objects.filter(step=self.instance, kind=self.kind)
            rows.update(order=F("order") + 1000)
        for order, form in enumerate(kept):
            form.instance.order = order
        saved = super().save(commit)
        for form in kept:
            Variant.objects.filter(pk=form.instance.pk).update(order=form.instance.order)
        return saved

    def _is_kept(self, form: Any) -> bool:
        if form in self.deleted_forms:
            return False
        return bool(form.instance.pk or form.has_changed())


class ShownForm(_Form):
    """A text that only shows something."""

    class Meta:
        model = Variant
        fields = ("prompt",)
        widgets: ClassVar = {"prompt": markdown_box(6)}
        labels: ClassVar = {"prompt": gettext_lazy("Text")}
        help_texts: ClassVar = {"prompt": gettext_lazy("Markdown, as in the question.")}

    def clean_prompt(self) -> str:
        text: str = self.cleaned_data["prompt"]
        if len(text) > MAX_TEXT:
            raise forms.ValidationError(_("At most %d characters.") % MAX_TEXT)
        if problems := [in_place(problem) for problem in text_problems(text, ("prompt",))]:
            raise forms.ValidationError(problems)
        return text


class HintForm(ShownForm):
    rung = forms.IntegerField(
        label=gettext_lazy("Rung"),
        required=False,
        min_value=1,
        max_value=99,
        widget=NumberInput(attrs={"class": "te-rung"}),
        help_text=gettext_lazy("1 is shown first. Empty: the last one."),
    )

    class Meta(ShownForm.Meta):
        widgets: ClassVar = {"prompt": markdown_box(3)}
        help_texts: ClassVar = {
            "prompt": gettext_lazy(
                "From a nudge to nearly the answer. Example: Count all the parts, shaded or not."
            )
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.initial["rung"] = self.instance.order + 1


class SiblingForm(QuestionForm):
    class Meta(QuestionForm.Meta):
        model = Variant
        fields = SIBLING_FIELDS
        labels: ClassVar = {**QuestionForm.Meta.labels, "help": gettext_lazy("Its one hint")}
        widgets: ClassVar = {**QuestionForm.Meta.widgets, "help": TextInput(attrs={"dir": "auto"})}
        help_texts: ClassVar = {
            **QuestionForm.Meta.help_texts,
            "help": gettext_lazy("One line. Example: 4 equal parts in all, and 1 is shaded."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["help"].required = True


class VariantInline(StackedInline[Variant, Any]):
    """``kind`` is the kind of row; ``why`` is read above its form."""

    kind: ClassVar[str]
    model = Variant
    extra = 0
    max_num = 1
    why: ClassVar[Any] = ""
    names: ClassVar[tuple[str, ...]] = ("prompt",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Variant]:
        return super().get_queryset(request).filter(kind=self.kind).order_by("order")

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        return [(None, {"fields": self.names, "description": self.why})]

    def get_formset(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> Any:
        made = super().get_formset(request, obj, **kwargs)
        return type(made.__name__, (made,), {"kind": self.kind, "validate_min": bool(self.min_num)})

    # Whoever writes the step writes what stands around it.

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return True

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return True

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return True

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return True


def _inline(
    kind: str, name: Any, why: Any, form: Any = ShownForm, **more: Any
) -> type[VariantInline]:
    fields = {
        "kind": kind,
        "form": form,
        "formset": VariantFormSet,
        "verbose_name": name,
        "verbose_name_plural": name,
        "why": why,
        **more,
    }
    return type(f"{kind.title().replace('_', '')}Inline", (VariantInline,), fields)


def inlines() -> Iterator[type[VariantInline]]:
    """In the order in which a learner may meet them."""
    yield _inline(
        "hint",
        gettext_lazy("Hint"),
        gettext_lazy("A ladder of one to six hints; the last one nearly gives it away."),
        HintForm,
        names=("rung", "prompt"),
        formset=HintFormSet,
        verbose_name_plural=gettext_lazy("Hints"),
        max_num=MAX_HINTS,
        min_num=1,
    )
    yield _inline(
        "segmented",
        gettext_lazy("In smaller parts"),
        gettext_lazy(
            "The question cut into parts that are shown one after the other. A line --- divides "
            "them; the last part ends with the question again."
        ),
    )
    yield _inline(
        "worked_step",
        gettext_lazy("Worked out"),
        gettext_lazy("The whole step, worked out. It is the last rung of the ladder."),
        min_num=1,
    )
    yield _inline(
        "extra_example",
        gettext_lazy("Another example"),
        gettext_lazy("Another one of the same kind, worked out."),
    )
    yield _inline(
        "easier_item",
        gettext_lazy("Easier question"),
        gettext_lazy("Leads to the step: asked first, then the step again."),
        SiblingForm,
        names=SIBLING_FIELDS,
    )
    yield _inline(
        "similar_item",
        gettext_lazy("Question like it"),
        gettext_lazy("The same skill, equally hard, other numbers. Asked after it was worked out."),
        SiblingForm,
        names=SIBLING_FIELDS,
    )
    yield _inline(
        "harder_item",
        gettext_lazy("Harder question"),
        gettext_lazy("For those who are quick. Right, it solves the step."),
        SiblingForm,
        names=SIBLING_FIELDS,
    )
