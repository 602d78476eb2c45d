"""A skill: its name, what comes before it, and the question of what one must know first."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.db import transaction
from django.db.models import Model
from django.http import HttpRequest
from django.utils.text import format_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tutor_emotion import api as plugin
from tutor_emotion.admin.theme import Checkboxes, NumberInput, Select, TextInput
from tutor_emotion.errors import BadInput
from tutor_emotion.lessons import mastery
from tutor_emotion.lessons.admin.step import SLUG_HELP, SlugInput, clean_slug
from tutor_emotion.lessons.admin.variants import (
    SIBLING_FIELDS,
    SiblingForm,
    VariantFormSet,
    VariantInline,
)
from tutor_emotion.lessons.admin.writers import Written, course_choices
from tutor_emotion.lessons.models import Skill, Step

if TYPE_CHECKING:
    _Form = forms.ModelForm[Skill]
else:
    _Form = forms.ModelForm


# A page should not be waited for longer; beyond it there is a command.
MOST_TRACED_AT_ONCE = 500

_PARAMETERS = {
    "p_known": gettext_lazy("Known before the first answer"),
    "p_learn": gettext_lazy("Learned by an answer"),
    "p_slip": gettext_lazy("Known, and answered wrongly"),
    "p_guess": gettext_lazy("Not known, and answered rightly"),
}


def _share(name: str) -> forms.FloatField:
    default = getattr(plugin.Knowledge(), name)
    return forms.FloatField(
        label=_PARAMETERS[name],
        required=False,
        widget=NumberInput(attrs={"step": "any", "min": 0.0001, "max": 0.9999}),
        help_text=format_lazy("{} {}", gettext_lazy("Empty: the default,"), default),
    )


class SkillForm(_Form):
    """``courses`` are those that the person who fills it in may write."""

    courses: ClassVar[Any] = ()
    course_key = forms.ChoiceField(label=gettext_lazy("Course"), widget=Select)
    prerequisites = forms.MultipleChoiceField(
        label=gettext_lazy("Comes after"),
        required=False,
        widget=Checkboxes,
        help_text=gettext_lazy("Skills that one needs before this one."),
    )

    p_known, p_learn, p_slip, p_guess = (_share(name) for name in _PARAMETERS)

    class Meta:
        model = Skill
        fields = ("course_key", "key", "name", "prerequisites")
        widgets: ClassVar = {"key": SlugInput(), "name": TextInput(attrs={"dir": "auto"})}
        help_texts: ClassVar = {
            "key": SLUG_HELP,
            "name": gettext_lazy("Learners read it. Example: Comparing fractions"),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "course_key" in self.fields:
            self.fields["course_key"].choices = self.courses  # type: ignore[attr-defined]
        others = Skill.objects.filter(course_key__in=self._course_keys()).exclude(
            pk=self.instance.pk
        )
        choices = [(skill.key, skill.name) for skill in others]
        self.fields["prerequisites"].choices = choices  # type: ignore[attr-defined]
        for name in _PARAMETERS:
            self.initial.setdefault(name, self.instance.parameters.get(name))

    def _course_keys(self) -> list[str]:
        if self.instance.pk:
            return [self.instance.course_key]
        return [key for key, _title in self.courses]

    def clean_key(self) -> str:
        return clean_slug(self.cleaned_data["key"])

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        course = data.get("course_key", self.instance.course_key)
        before = dict(Skill.objects.filter(course_key=course).values_list("key", "prerequisites"))
        for key in data.get("prerequisites", []):
            if key not in before:
                self.add_error("prerequisites", _("“%s” is a skill of another course.") % key)
            elif (data.get("key") or self.instance.key) in _all_before(key, before):
                self.add_error("prerequisites", _("“%s” itself comes after this skill.") % key)
        given = {name: data[name] for name in _PARAMETERS if data.get(name) is not None}
        try:
            plugin.knowledge_from(given)
        except BadInput as error:
            self.add_error(None, f"{error.message} {error.hint}".strip())
        self.instance.parameters = given
        return data


def _all_before(key: str, before: dict[str, list[str]]) -> set[str]:
    found, waiting = {key}, [key]
    while waiting:
        new = set(before.get(waiting.pop(), [])) - found
        found |= new
        waiting += new
    return found


class PrerequisiteInline(VariantInline):
    kind = "prerequisite_item"
    form = SiblingForm
    formset = VariantFormSet
    fk_name = "of_skill"
    names = SIBLING_FIELDS
    verbose_name = gettext_lazy("Question of what comes before")
    verbose_name_plural = verbose_name
    why = gettext_lazy(
        "Asked where a step of this skill gives trouble: what must be known first? "
        "It leads back to the step."
    )


@admin.register(Skill)
class SkillAdmin(Written):
    form = SkillForm
    list_display = ("name", "course_key", "key", "steps")
    list_filter = ("course_key",)
    search_fields = ("name", "key")
    inlines = (PrerequisiteInline,)
    fieldsets = (
        (None, {"fields": ("course_key", "key", "name", "prerequisites")}),
        (
            gettext_lazy("Knowledge tracing"),
            {
                "fields": tuple(_PARAMETERS),
                "classes": ("collapse",),
                "description": gettext_lazy(
                    "Probabilities by which answers move what is believed of a learner. The "
                    "defaults are sane; they can be fitted from answers (docs/lessons.md)."
                ),
            },
        ),
    )

    class Media:
        css: ClassVar = {"all": ("tutor_emotion/admin.css", "tutor_emotion_lessons/authoring.css")}
        js = ("tutor_emotion_lessons/authoring.js",)

    def save_model(self, request: HttpRequest, obj: Skill, form: Any, change: bool) -> None:
        """Other parameters say something else of the answers that are there already."""
        before = Skill.objects.filter(pk=obj.pk).values_list("parameters", flat=True).first()
        super().save_model(request, obj, form, change)
        if before is None or before == obj.parameters:
            return
        learners = obj.masteries.count()
        if learners <= MOST_TRACED_AT_ONCE:
            transaction.on_commit(lambda: mastery.recompute(obj.course_key, [obj.key]))
            return
        command = f"manage.py recompute_mastery {obj.course_key}"
        told = _("What is believed of %(count)d learners follows once this is run: %(command)s")
        told %= {"count": learners, "command": command}
        self.message_user(request, told, messages.WARNING)

    @admin.display(description=gettext_lazy("steps"))
    def steps(self, skill: Skill) -> int:
        return _steps_of(skill)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Steps and the knowledge of learners hang on these."""
        return ("course_key", "key") if obj else ()

    def get_form(
        self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any
    ) -> Any:
        made = super().get_form(request, obj, change, **kwargs)
        return type(made.__name__, (made,), {"courses": course_choices(request.user)})

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """What learners know of it goes with a skill, so one that is in use stays."""
        if isinstance(obj, Skill) and (_steps_of(obj) or obj.masteries.exists()):
            return False
        return super().has_delete_permission(request, obj)

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        return {k: v for k, v in super().get_actions(request).items() if k != "delete_selected"}


def _steps_of(skill: Skill) -> int:
    return Step.objects.filter(lesson__course_key=skill.course_key, skill=skill.key).count()
