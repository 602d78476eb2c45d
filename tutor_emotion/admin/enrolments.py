"""Who is in which class."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.auth import get_user_model
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from tutor_emotion import services
from tutor_emotion.admin.large import ClassFilter
from tutor_emotion.admin.people import NamesPeople
from tutor_emotion.admin.scope import Scoped, name_of
from tutor_emotion.models import Enrolment


class _WithinReach:
    """Refuses a learner of a class of the same course that the actor does not see."""

    actor: Any = None

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data  # type: ignore[misc, attr-defined]
        chosen, learner = data.get("school_class"), data.get("learner")
        if chosen and learner and learner.pk in services.out_of_reach(chosen.course, self.actor):
            text = gettext("This learner is in a class of this course that you do not see.")
            self.add_error("learner", text)  # type: ignore[attr-defined]
        return data


@admin.register(Enrolment)
class EnrolmentAdmin(NamesPeople, Scoped):
    list_display = ("learner_name", "school_class", "school")
    list_display_links = None
    list_filter = (ClassFilter,)
    list_select_related = ("learner", "school_class__course", "school_class__school")
    fields = ("school_class", "learner")
    people_fields = ("learner",)

    def visible(self, user: Any) -> QuerySet[Enrolment]:
        return Enrolment.objects.filter(school_class__in=services.classes_of(user))

    def get_search_fields(self, request: HttpRequest) -> tuple[str, ...]:
        return (f"learner__{get_user_model().USERNAME_FIELD}", "school_class__name")

    def has_module_permission(self, request: HttpRequest) -> bool:
        return services.classes_of(request.user).exists()

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return self.sees(request, obj) if obj else self.has_module_permission(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return services.managed_by(request.user).exists()

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False  # somebody else in another class is another enrolment

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        rows = services.managed_by(request.user)
        return rows.filter(pk=obj.school_class_id).exists() if obj else rows.exists()

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "school_class":
            kwargs["queryset"] = services.managed_by(request.user).select_related("course")
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def get_form(
        self, request: HttpRequest, obj: Any = None, change: bool = False, **kw: Any
    ) -> Any:
        form = super().get_form(request, obj, change, **kw)
        return type(form.__name__, (_WithinReach, form), {"actor": request.user})

    @admin.display(description=_("learner"), ordering="learner")
    def learner_name(self, row: Enrolment) -> str:
        return name_of(row.learner)

    @admin.display(description=_("school"), ordering="school_class__school")
    def school(self, row: Enrolment) -> str:
        return str(row.school_class.school or "–")
