"""A course as a zip: out at once; in only after one has seen what it would change."""

from __future__ import annotations

import base64
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import messages
from django.core import signing
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from tutor_emotion.admin.theme import FileInput
from tutor_emotion.errors import TutorEmotionError
from tutor_emotion.lessons.admin.writers import written_by
from tutor_emotion.lessons.content import Course, read_files, read_zip
from tutor_emotion.lessons.exporting import export_zip
from tutor_emotion.lessons.importing import load
from tutor_emotion.lessons.planning import Change, Plan, plan

if TYPE_CHECKING:
    from tutor_emotion.lessons.admin.course import LessonCourseAdmin

MAX_UPLOAD_BYTES = 1_000_000  # it goes to the browser and back, in a field of the form
CONFIRM_WITHIN_S = 3600
TEMPLATE = "tutor_emotion_lessons/admin/import.html"
WORDS = {
    "course": gettext_lazy("Course"),
    "lesson": gettext_lazy("Lesson"),
    "skill": gettext_lazy("Skill"),
    "step": gettext_lazy("Step"),
    "item": gettext_lazy("Question"),
}


class UploadForm(forms.Form):
    file = forms.FileField(
        label=gettext_lazy("Zip file"),
        widget=FileInput(attrs={"accept": ".zip,application/zip"}),
        help_text=gettext_lazy("As it is exported here: course.md and a folder for each lesson."),
    )

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > MAX_UPLOAD_BYTES:
            raise forms.ValidationError(
                _("The file is larger than 1 MB. Larger ones come in by manage.py import_course.")
            )
        return file


class Doors:
    """The two views, on behalf of the admin of courses."""

    def __init__(self, admin: LessonCourseAdmin) -> None:
        self.admin = admin
        self.take = require_safe(self._take)
        self.bring = require_http_methods(["GET", "HEAD", "POST"])(self._bring)

    def _take(self, request: HttpRequest, pk: int) -> HttpResponse:
        course = get_object_or_404(self.admin.get_queryset(request), pk=pk)
        try:
            raw = export_zip(course.key)
        except TutorEmotionError as error:
            messages.error(request, f"{error.message} {error.hint}".strip())
            return HttpResponseRedirect(self._url("lessoncourse_change", pk))
        name = f'attachment; filename="{course.key}.zip"'
        return HttpResponse(
            raw, content_type="application/zip", headers={"Content-Disposition": name}
        )

    def _bring(self, request: HttpRequest) -> HttpResponse:
        if not self.admin.has_module_permission(request):
            raise PermissionDenied
        if request.method == "POST" and "zip" in request.POST:
            return self._confirmed(request)
        form = UploadForm(request.POST or None, request.FILES or None)
        if request.method == "POST" and form.is_valid():
            raw = form.cleaned_data["file"].read()
            try:
                return self._show_plan(request, raw, plan(_read(request, raw)))
            except TutorEmotionError as error:
                return self._page(request, form=form, faults=_lines(error))
        return self._page(request, form=form)

    def _confirmed(self, request: HttpRequest) -> HttpResponse:
        try:
            packed, seen = signing.loads(
                request.POST["zip"], salt=_salt(request), max_age=CONFIRM_WITHIN_S
            )
        except signing.BadSignature:
            messages.error(request, _("This file was looked at too long ago. Choose it again."))
            return HttpResponseRedirect(self._url("import"))
        raw = base64.b85decode(packed)
        try:
            course = _read(request, raw)
            now = plan(course)
            if _told(now) != seen:
                messages.warning(request, _("The course has changed meanwhile. Look again."))
                return self._show_plan(request, raw, now)
            done = load(course, delete="delete" in request.POST)
        except TutorEmotionError as error:
            messages.error(request, f"{error.message} {error.hint}".strip())
            return HttpResponseRedirect(self._url("import"))
        row = self.admin.get_queryset(request).get(key=done.course.key)
        self.admin.log_change(request, row, "Imported from a file.")
        messages.success(request, _("The course “%s” has been imported.") % row.title)
        return HttpResponseRedirect(self._url("lessoncourse_change", row.pk))

    def _show_plan(self, request: HttpRequest, raw: bytes, found: Plan) -> HttpResponse:
        carried = [base64.b85encode(raw).decode(), _told(found)]
        return self._page(
            request,
            plan=found,
            groups=_groups(found.changes),
            zip=signing.dumps(carried, salt=_salt(request)),
        )

    def _page(self, request: HttpRequest, **context: Any) -> HttpResponse:
        shared = self.admin.admin_site.each_context(request)
        title = _("Import a course")
        whole = {**shared, "title": title, "media": self.admin.media, **context}
        status = 400 if context.get("faults") else 200
        return TemplateResponse(request, TEMPLATE, whole, status=status)

    def _url(self, name: str, *args: Any) -> str:
        site = self.admin.admin_site.name
        return reverse(f"{site}:tutor_emotion_lessons_{name}", args=args)


def _read(request: HttpRequest, raw: bytes) -> Course:
    """Raises ``BadInput``; PermissionDenied where it is not this person's course."""
    course = read_files(read_zip(raw))
    user: Any = request.user
    if not user.is_superuser and not written_by(user).filter(key=course.key).exists():
        raise PermissionDenied
    return course


def _salt(request: HttpRequest) -> str:
    return f"tutor_emotion_lessons.import.{request.user.pk}"


def _told(found: Plan) -> list[list[Any]]:
    return [[change.how, change.what, change.name, change.answers] for change in found.changes]


def _lines(error: TutorEmotionError) -> list[str]:
    return [*error.message.splitlines(), *filter(None, [error.hint])]


def _groups(changes: Iterable[Change]) -> list[tuple[str, str, list[dict[str, Any]]]]:
    """(kind, heading, rows) of what is new, what changes, what goes."""
    headings = {"new": _("New"), "changed": _("Changes"), "goes": _("Goes")}
    rows = list(changes)
    return [
        (how, heading, [_row(change) for change in rows if change.how == how])
        for how, heading in headings.items()
        if any(change.how == how for change in rows)
    ]


def _row(change: Change) -> dict[str, Any]:
    return {"what": WORDS[change.what], "name": change.name, "answers": change.answers}
