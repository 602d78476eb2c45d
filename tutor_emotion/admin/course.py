"""A course and its policy: what may be looked at, how often we interrupt, the big switch."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from functools import partial
from typing import Any

import redis
from asgiref.sync import async_to_sync
from django.contrib import admin, messages
from django.contrib.auth import get_user_model
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import NoReverseMatch, URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from tutor_emotion import privacy, services
from tutor_emotion.admin.history import WithHistory, changes_of_classes
from tutor_emotion.admin.policy import PolicyInline, may_set_policy
from tutor_emotion.admin.what_if import what_if_view
from tutor_emotion.core.types import MODALITIES
from tutor_emotion.live import push
from tutor_emotion.models import Course, Experiment, Policy, SchoolClass

logger = logging.getLogger(__name__)


def classroom_url(course: Course) -> str | None:
    """The live classroom, or None where the host has not mounted the plugin's pages."""
    try:
        return reverse("tutor_emotion:classroom", args=[course.key])
    except NoReverseMatch:
        return None


@admin.register(Course)
class CourseAdmin(WithHistory):
    list_display = ("title", "key", "now", "may_use", "classroom")
    search_fields = ("title", "key")
    list_select_related = ("policy",)
    inlines = (PolicyInline,)
    actions = ("pause_everything", "resume")
    raw_id_fields = ("teachers",)
    change_form_template = "tutor_emotion/admin/course.html"

    class Media:
        css = {"all": ("tutor_emotion/admin.css",)}

    # --- who may ---

    def visible(self, user: Any) -> QuerySet[Course]:
        return services.courses_of(user)

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return may_set_policy(request, obj)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return request.user.is_superuser

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return request.user.is_superuser

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> Any:
        """The host knows a course by its key; only a superuser says who may look into it."""
        if not request.user.is_superuser:
            return ("key", "title", "teachers")
        return ("key",) if obj else ()

    def get_autocomplete_fields(self, request: HttpRequest) -> Any:
        user_admin = self.admin_site._registry.get(get_user_model())
        return ("teachers",) if user_admin and user_admin.search_fields else ()

    # --- the list ---

    @admin.display(description=_("now"), boolean=False)
    def now(self, course: Course) -> SafeString:
        paused = _policy(course).paused
        word = gettext("paused") if paused else gettext("running")
        return format_html(
            '<span class="te-now te-now-{}">{}</span>', *(("paused" if paused else "running"), word)
        )

    @admin.display(description=_("may be looked at"))
    def may_use(self, course: Course) -> str:
        policy = _policy(course)
        used = [m for m in MODALITIES if privacy.permitted(m)[0] and getattr(policy, f"use_{m}")]
        labels = [str(Policy._meta.get_field(f"use_{m}").verbose_name) for m in used]  # type: ignore[union-attr]
        return ", ".join(labels) or gettext("nothing")

    @admin.display(description=_("live classroom"))
    def classroom(self, course: Course) -> SafeString | str:
        url = classroom_url(course)
        return format_html('<a href="{}">{}</a>', url, gettext("open")) if url else "–"

    def changes(self, request: HttpRequest, obj: Course) -> Iterator[QuerySet[Any]]:
        """The course, its policy and experiments, and the classes of it that the user sees."""
        yield Course.history.filter(id=obj.pk)
        yield Policy.history.filter(course_id=obj.pk)
        if services.teaches_all_of(obj, request.user):
            yield Experiment.history.filter(course_id=obj.pk)
            # Also of classes that are gone: their history is what is left of them.
            ever = SchoolClass.history.filter(course_id=obj.pk)
            classes = set(ever.values_list("id", flat=True))
        else:
            mine = services.classes_of(request.user).filter(course=obj)
            classes = set(mine.values_list("pk", flat=True))
        yield from changes_of_classes(classes)

    # --- the big switch ---

    @admin.action(description=_("Pause everything"), permissions=["change"])
    def pause_everything(self, request: HttpRequest, courses: QuerySet[Course]) -> None:
        self._switch(request, courses, paused=True)

    @admin.action(description=_("Resume"), permissions=["change"])
    def resume(self, request: HttpRequest, courses: QuerySet[Course]) -> None:
        self._switch(request, courses, paused=False)

    @transaction.atomic
    def _switch(self, request: HttpRequest, courses: QuerySet[Course], *, paused: bool) -> None:
        done = [course for course in courses if may_set_policy(request, course)]
        for course in done:
            Policy.objects.update_or_create(course=course, defaults={"paused": paused})
            self.log_change(request, course, "Paused everything." if paused else "Resumed.")
            self._announce(request, course)
        count = len(done)
        if paused:
            text = ngettext("%(n)d course is paused.", "%(n)d courses are paused.", count)
        else:
            text = ngettext("%(n)d course is running.", "%(n)d courses are running.", count)
        self.message_user(request, text % {"n": count}, messages.SUCCESS)

    def switch_view(self, request: HttpRequest, pk: int, *, paused: bool) -> HttpResponse:
        course = get_object_or_404(self.get_queryset(request), pk=pk)
        if not self.has_change_permission(request, course):
            raise PermissionDenied
        self._switch(request, Course.objects.filter(pk=course.pk), paused=paused)
        return HttpResponseRedirect(
            reverse(f"{self.admin_site.name}:tutor_emotion_course_change", args=[pk])
        )

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        own = [
            path(
                f"<int:pk>/{name}/",
                wrap(require_POST(partial(self.switch_view, paused=paused))),
                name=f"tutor_emotion_course_{name}",
            )
            for name, paused in (("pause", True), ("resume", False))
        ]
        ask = path(
            "<int:pk>/what-if/",
            wrap(require_POST(self.what_if)),
            name="tutor_emotion_course_what_if",
        )
        return [*own, ask, *super().get_urls()]

    def what_if(self, request: HttpRequest, pk: int) -> HttpResponse:
        course = get_object_or_404(self.get_queryset(request), pk=pk)
        return what_if_view(request, course, self)

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        course = self.get_object(request, object_id)
        extra = {
            "classroom_url": classroom_url(course) if course else None,
            "course_paused": bool(course and _policy(course).paused),
        }
        return super().change_view(request, object_id, form_url, {**extra, **(extra_context or {})})

    # --- what leaves with the write ---

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        self._announce(request, form.instance)

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        self._announce(request, obj)
        super().delete_model(request, obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        for course in queryset:
            self._announce(request, course)
        super().delete_queryset(request, queryset)

    def _announce(self, request: HttpRequest, course: Course) -> None:
        transaction.on_commit(partial(self._tell_live_sessions, request, course.key))

    def _tell_live_sessions(self, request: HttpRequest, course_key: str) -> None:
        try:
            async_to_sync(push.policy_changed)(course_key)
        except (OSError, redis.RedisError) as error:
            logger.warning("policy_changed was not delivered: %s", type(error).__name__)
            text = gettext(
                "Saved, but lessons that run right now could not be told. Please try again."
            )
            self.message_user(request, text, messages.ERROR)


def _policy(course: Course) -> Policy:
    """The course's policy, or the defaults where none was written."""
    return getattr(course, "policy", None) or Policy(course=course)
