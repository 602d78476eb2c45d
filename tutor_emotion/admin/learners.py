"""How old a learner is: what the law's table asks. By who manages a class that they are in."""

from __future__ import annotations

from functools import partial
from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.auth import get_user_model
from django.db import transaction
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from tutor_emotion import services
from tutor_emotion.admin.erasure import copy_link, erase_link
from tutor_emotion.admin.people import NamesPeople
from tutor_emotion.admin.scope import NeverAlone, name_of
from tutor_emotion.admin.theme import Select
from tutor_emotion.live.telling import tell_courses
from tutor_emotion.models import LearnerRecord
from tutor_emotion.services import fairness


class AgeForm(forms.ModelForm):  # type: ignore[type-arg]
    """``actor`` is set by the admin."""

    actor: Any = None

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        learner = data.get("learner")
        if learner and not services.may_set_age(learner.pk, self.actor):
            self.add_error("learner", gettext("This learner is in no class that you manage."))
        return data


@admin.register(LearnerRecord)
class LearnerAdmin(NamesPeople, NeverAlone):
    form = AgeForm
    list_display = ("learner_name", "age_band")
    list_filter = ("age_band",)
    list_select_related = ("learner",)
    fields = ("learner", "age_band")
    people_fields = ("learner",)
    ordering = ("learner",)

    def visible(self, user: Any) -> QuerySet[LearnerRecord]:
        return services.learners_managed_by(user)

    def get_search_fields(self, request: HttpRequest) -> tuple[str, ...]:
        return (f"learner__{get_user_model().USERNAME_FIELD}",)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return services.managed_by(request.user).exists()

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return self.sees(request, obj) if obj else self.has_module_permission(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self.has_module_permission(request)

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return self.has_view_permission(request, obj)

    def get_fields(self, request: HttpRequest, obj: Model | None = None) -> Any:
        """A group is shown to whom it is to say, and only once it is clear whose it is."""
        if obj is None:
            return self.fields
        fields = ("learner_name", "age_band")
        return (*fields, "group") if fairness.may_set_group(obj.pk, request.user) else fields

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> Any:
        return ("learner_name",) if obj else ()

    def get_form(
        self, request: HttpRequest, obj: Any = None, change: bool = False, **kw: Any
    ) -> Any:
        form = super().get_form(request, obj, change, **kw)
        return type(form.__name__, (form,), {"actor": request.user})

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name != "group":
            return super().formfield_for_dbfield(db_field, request, **kwargs)
        names = [("", "–"), *((name, name) for name in fairness.group_names())]
        return forms.ChoiceField(
            label=db_field.verbose_name.capitalize(), help_text=db_field.help_text, choices=names,
            required=False, widget=Select,
        )  # fmt: skip

    def formfield_for_choice_field(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        field = super().formfield_for_choice_field(db_field, request, **kwargs)
        if field is not None and db_field.name == "age_band":
            field.help_text = gettext("In completed years. Unknown counts as the youngest.")
        return field

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        running = services.courses_open_for(obj.learner_id)
        transaction.on_commit(partial(tell_courses, running))

    def get_list_display(self, request: HttpRequest) -> tuple[str, ...]:
        """A copy and erasure are for whoever answers for the learner, who need not be a teacher."""
        answers = request.user.is_superuser or services.schools_of(request.user).exists()
        return (*self.list_display, "copy", "erase") if answers else self.list_display

    @admin.display(description=_("copy"))
    def copy(self, row: LearnerRecord) -> SafeString:
        return copy_link(row.learner)

    @admin.display(description=_("erase"))
    def erase(self, row: LearnerRecord) -> SafeString:
        return erase_link(self.admin_site.name, row.learner)

    @admin.display(description=_("learner"), ordering="learner")
    def learner_name(self, row: LearnerRecord) -> str:
        return name_of(row.learner)
