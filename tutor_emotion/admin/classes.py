"""Classes, as a school's office works with them: who teaches, who is in them, and from a list."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin import RelatedOnlyFieldListFilter
from django.db.models import Count, Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from tutor_emotion import services
from tutor_emotion.admin.enrolling import enrol_view, template_view
from tutor_emotion.admin.history import WithHistory, changes_of_classes
from tutor_emotion.admin.people import NamesPeople
from tutor_emotion.admin.scope import name_of
from tutor_emotion.admin.theme import TabularInline
from tutor_emotion.models import ClassRole, SchoolClass
from tutor_emotion.words import ROLE_LABELS

MOST_NAMED = 60  # on the page of a class; all of them are in the list of enrolments


class RoleForm(forms.ModelForm):  # type: ignore[type-arg]
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in {"user", "role"} & self.fields.keys():
            # A row of a table: its heading is no label to who hears the page.
            widget = self.fields[name].widget
            inner: Any = getattr(widget, "widget", widget)  # the admin wraps those of relations
            inner.attrs["aria-label"] = str(self.fields[name].label)
        if self.instance.pk and "user" in self.fields:
            self.fields["user"].disabled = True  # another person is another role


class ClassRoleInline(NamesPeople, TabularInline[ClassRole, SchoolClass]):
    model = ClassRole
    form = RoleForm
    extra = 1
    people_fields = ("user",)
    verbose_name_plural = _("who teaches this class")

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return True  # of the class's page; whoever sees it knows its teachers

    def _manages(self, request: HttpRequest, obj: Any) -> bool:
        if obj is None:
            return services.may_open_class_in(request.user).exists()
        return services.managed_by(request.user).filter(pk=obj.pk).exists()

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return self._manages(request, obj)

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return self._manages(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return self._manages(request, obj)

    def formfield_for_choice_field(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "role":
            kwargs["choices"] = list(ROLE_LABELS.items())
        return super().formfield_for_choice_field(db_field, request, **kwargs)


class ClassForm(forms.ModelForm):  # type: ignore[type-arg]
    """``actor`` is set by the admin: a class must stay within what its maker answers for."""

    actor: Any = None

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        course, school = data.get("course"), data.get("school")
        needs_school = course and not services.teaches_all_of(course, self.actor)
        if needs_school and school is None and "school" in self.fields:
            self.add_error("school", gettext("Choose your school."))
        return data


@admin.register(SchoolClass)
class SchoolClassAdmin(WithHistory):
    form = ClassForm
    list_display = ("name", "course", "school", "learners_count", "taught_by", "enrol_link")
    list_filter = (("course", RelatedOnlyFieldListFilter), ("school", RelatedOnlyFieldListFilter))
    list_select_related = ("course", "school")
    search_fields = ("name", "course__title", "school__name")
    fields = ("name", "course", "school", "learners")
    inlines = (ClassRoleInline,)
    change_form_template = "tutor_emotion/admin/class.html"
    change_list_template = "tutor_emotion/admin/classes.html"

    class Media:
        css = {"all": ("tutor_emotion/admin.css",)}

    # --- who may ---

    def visible(self, user: Any) -> QuerySet[SchoolClass]:
        return services.classes_of(user)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_add_permission(request) or super().has_module_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return self.sees(request, obj) or (obj is None and self.has_add_permission(request))

    def has_add_permission(self, request: HttpRequest) -> bool:
        return services.may_open_class_in(request.user).exists()

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        rows = services.managed_by(request.user)
        return rows.filter(pk=obj.pk).exists() if obj else rows.exists()

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        rows = services.removable_by(request.user)
        return rows.filter(pk=obj.pk).exists() if obj else rows.exists()

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> Any:
        """A class stays in its course, or its teachers would carry their sight into another."""
        if obj is None:
            return ("learners",)
        return (
            ("course", "learners")
            if request.user.is_superuser
            else ("course", "school", "learners")
        )

    def get_fields(self, request: HttpRequest, obj: Model | None = None) -> Any:
        return self.fields if obj else tuple(f for f in self.fields or () if f != "learners")

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "course":
            kwargs["queryset"] = services.may_open_class_in(request.user)
        if db_field.name == "school":
            kwargs["queryset"] = services.schools_of(request.user)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def get_form(
        self, request: HttpRequest, obj: Any = None, change: bool = False, **kw: Any
    ) -> Any:
        form = super().get_form(request, obj, change, **kw)
        return type(form.__name__, (form,), {"actor": request.user})

    def changes(self, request: HttpRequest, obj: SchoolClass) -> Iterator[QuerySet[Any]]:
        yield from changes_of_classes([obj.pk])

    # --- the list and the page ---

    def get_queryset(self, request: HttpRequest) -> QuerySet[SchoolClass]:
        rows: QuerySet[SchoolClass] = super().get_queryset(request)
        rows = rows.annotate(learners_n=Count("enrolments", distinct=True))
        return rows.prefetch_related("roles__user")

    @admin.display(description=_("learners"), ordering="learners_n")
    def learners_count(self, school_class: Any) -> SafeString:
        return format_html(
            '<a href="{}">{}</a>', _enrolments_url(school_class), school_class.learners_n
        )

    @admin.display(description=_("taught by"))
    def taught_by(self, school_class: SchoolClass) -> str:
        return ", ".join(name_of(role.user) for role in school_class.roles.all()) or "–"

    @admin.display(description=_("enrol"))
    def enrol_link(self, school_class: SchoolClass) -> SafeString:
        url = reverse(f"{self.admin_site.name}:tutor_emotion_enrol") + f"?class={school_class.pk}"
        return format_html('<a href="{}">{}</a>', url, gettext("from a list"))

    @admin.display(description=_("learners"))
    def learners(self, school_class: Any) -> SafeString:
        rows = school_class.enrolments.select_related("learner").order_by("pk")
        names = sorted(name_of(row.learner) for row in rows[:MOST_NAMED])
        more = school_class.enrolments.count() - len(names)
        if not names:
            return format_html("{}", gettext("Nobody yet."))
        listed = format_html_join("", "<li>{}</li>", ((name,) for name in names))
        text = (
            ngettext("and %(n)d more", "and %(n)d more", more) % {"n": more}
            if more > 0
            else gettext("Change")
        )
        return format_html(
            '<ul class="te-names">{}</ul><a href="{}">{}</a>',
            listed,
            _enrolments_url(school_class),
            text,
        )

    # --- from a list ---

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        own = [
            path("enrol/", wrap(self._enrol), name="tutor_emotion_enrol"),
            path("enrol/template.csv", wrap(template_view), name="tutor_emotion_enrol_template"),
        ]
        return own + super().get_urls()

    def _enrol(self, request: HttpRequest) -> HttpResponse:
        return enrol_view(request, self)


def _enrolments_url(school_class: SchoolClass) -> str:
    query = f"?school_class__id__exact={school_class.pk}"
    return reverse("admin:tutor_emotion_enrolment_changelist") + query
