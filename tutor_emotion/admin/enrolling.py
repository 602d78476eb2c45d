"""Enrolling from a list: upload or paste, see what would happen row by row, then let it happen."""

from __future__ import annotations

import csv
from dataclasses import asdict
from functools import partial
from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import messages
from django.core import signing
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext, gettext_lazy, ngettext
from django.views.decorators.http import require_safe

from tutor_emotion import services
from tutor_emotion.admin.theme import FileInput, Select, Textarea
from tutor_emotion.errors import BadInput
from tutor_emotion.live.telling import tell_courses
from tutor_emotion.models import Course, SchoolClass
from tutor_emotion.services.fairness import group_names
from tutor_emotion.words import ROLE_LABELS

if TYPE_CHECKING:
    from tutor_emotion.admin.scope import Scoped

TEMPLATE = "tutor_emotion/admin/enrol.html"
AS_NAMED = gettext_lazy("the classes that the list names")
CONFIRM_WITHIN_S = 3600
EXAMPLE = "ada\nben@example.org\n…"
WHAT_WORDS = {
    "enrol": gettext_lazy("will be enrolled"),
    "role": gettext_lazy("will get a role"),
    "change": gettext_lazy("the role will change"),
    "age": gettext_lazy("is there already; the age will be set"),
    "group": gettext_lazy("is there already; the group will be set"),
    "there": gettext_lazy("is there already"),
    "bad": gettext_lazy("left out"),
}


class EnrolForm(forms.Form):
    """Where to, and the list: a file or pasted lines."""

    target = forms.ChoiceField(label=gettext_lazy("Into"), widget=Select)
    file = forms.FileField(label=gettext_lazy("File"), required=False, widget=FileInput)
    pasted = forms.CharField(
        label=gettext_lazy("or paste a list"),
        required=False,
        max_length=services.MAX_BYTES,
        widget=Textarea(attrs={"rows": 6, "spellcheck": "false", "placeholder": EXAMPLE}),
        help_text=gettext_lazy(
            "One username or e-mail address a line, or with columns as in the template."
        ),
    )

    def __init__(self, user: Any, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        self.fields["target"].choices = targets(user)  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        file, pasted = data.get("file"), (data.get("pasted") or "").strip()
        if bool(file) == bool(pasted):
            text = (
                gettext_lazy("Choose a file or paste a list.")
                if not file
                else gettext_lazy("A file or a list, not both.")
            )
            raise ValidationError(text, code="one_list")
        if file and file.size > services.MAX_BYTES:
            raise ValidationError(
                gettext_lazy("The file is larger than 1 MB."), code="roster_too_large"
            )
        try:
            data["roster"] = services.read_roster(file.read() if file else pasted.encode())
        except BadInput as error:
            raise ValidationError(
                f"{error.message} {error.hint}".strip(), code=error.code
            ) from None
        return data


def targets(user: Any) -> list[tuple[str, list[tuple[str, str]]]]:
    """By course: the classes that this user manages, and "as the list names them"."""
    classes = services.managed_by(user).select_related("course").order_by("course__title", "name")
    choices: dict[Course, list[tuple[str, str]]] = {}
    for course in services.may_open_class_in(user):
        choices[course] = []
    for one in classes:
        choices.setdefault(one.course, []).append((f"class:{one.pk}", one.name))
    return [
        (course.title, [*rows, (f"course:{course.pk}", str(AS_NAMED))])
        for course, rows in choices.items()
    ]


def target_of(value: str, user: Any) -> tuple[Course, SchoolClass | None]:
    """The course and class that a choice names, asked for anew.

    Raises:
        PermissionDenied: not, or no longer, this user's to change.
    """
    kind, _colon, pk = value.partition(":")
    if kind == "class":
        chosen = services.managed_by(user).select_related("course", "school").filter(pk=pk).first()
        if chosen:
            return chosen.course, chosen
    elif kind == "course":
        course = Course.objects.filter(pk=pk).first()
        open_here = services.may_open_class_in(user).filter(pk=pk).exists()
        if course and (open_here or services.managed_by(user).filter(course=course).exists()):
            return course, None
    raise PermissionDenied


def enrol_view(request: HttpRequest, admin: Scoped) -> HttpResponse:
    """One address, three steps: the form, the dry run, and the confirmation."""
    if not services.managed_by(request.user).exists() and not admin.has_add_permission(request):
        raise PermissionDenied
    if request.method == "POST" and "list" in request.POST:
        return _confirm(request, admin)
    named = request.GET.get("class", "")
    initial = {"target": f"class:{named}"} if named.isdecimal() else {}
    form = EnrolForm(request.user, request.POST or None, request.FILES or None, initial=initial)
    context: dict[str, Any] = {"form": form}
    if request.method == "POST" and form.is_valid():
        context |= _dry_run(request, form)
    return _page(request, admin, context)


def _page(request: HttpRequest, admin: Scoped, context: dict[str, Any]) -> HttpResponse:
    context = {
        **admin.admin_site.each_context(request),
        "title": gettext("Enrol from a list"),
        "opts": admin.opts,
        "media": admin.media,
        "max_rows": services.MAX_ROWS,
        "groups": group_names(),
        **context,
    }
    status = 400 if context["form"].errors else 200
    return TemplateResponse(request, TEMPLATE, context, status=status)


def _dry_run(request: HttpRequest, form: EnrolForm) -> dict[str, Any]:
    data = form.cleaned_data
    course, school_class = target_of(data["target"], request.user)
    plan = services.plan_enrolment(data["roster"].rows, course, school_class, request.user)
    name = data["file"].name if data.get("file") else gettext("pasted list")
    carried = [data["target"], name[:60], [_packed(row) for row in data["roster"].rows]]
    return {
        "plan": plan,
        "rows": [_in_words(item) for item in plan.rows],
        "course": course,
        "school_class": school_class,
        "encoding": data["roster"].encoding,
        "summary": _summary(plan),
        "list": signing.dumps(carried, salt=_salt(request.user), compress=True),
    }


def _confirm(request: HttpRequest, admin: Scoped) -> HttpResponse:
    here = HttpResponseRedirect(reverse(f"{admin.admin_site.name}:tutor_emotion_enrol"))
    try:
        target, name, packed = signing.loads(
            request.POST["list"], salt=_salt(request.user), max_age=CONFIRM_WITHIN_S
        )
    except signing.BadSignature:
        text = gettext("This list was looked at more than an hour ago. Please choose it again.")
        messages.error(request, text)
        return here
    course, school_class = target_of(target, request.user)
    rows = [services.Row(*values) for values in packed]
    try:
        plan = services.enrol(rows, course, school_class, request.user, f"list: {name}")
    except IntegrityError:  # somebody else wrote the same at the same moment; nothing was kept
        messages.error(request, gettext("Somebody else changed these classes. Please try again."))
        return here
    if plan.ages:
        transaction.on_commit(partial(tell_courses, services.courses_hit(None)))
    level = messages.WARNING if plan.bad else messages.SUCCESS
    messages.add_message(request, level, _summary(plan, done=True))
    query = f"?school_class__id__exact={school_class.pk}" if school_class else ""
    url = reverse(f"{admin.admin_site.name}:tutor_emotion_enrolment_changelist")
    return HttpResponseRedirect(url + query)


def _summary(plan: services.Plan, *, done: bool = False) -> str:
    n = plan.counts
    first = (
        ngettext("%(n)d learner enrolled", "%(n)d learners enrolled", n["enrol"])
        if done
        else ngettext("%(n)d learner to enrol", "%(n)d learners to enrol", n["enrol"])
    )
    roles, new = n["role"] + n["change"], len(plan.new_classes)
    others = (
        (ngettext("%(n)d role", "%(n)d roles", roles), roles),
        (ngettext("%(n)d new class", "%(n)d new classes", new), new),
        (ngettext("%(n)d age", "%(n)d ages", len(plan.ages)), len(plan.ages)),
        (ngettext("%(n)d group", "%(n)d groups", len(plan.groups)), len(plan.groups)),
        (gettext("%(n)d there already"), n["there"]),
        (ngettext("%(n)d row left out", "%(n)d rows left out", n["bad"]), n["bad"]),
    )
    parts = [first % {"n": n["enrol"]}, *(text % {"n": count} for text, count in others if count)]
    return ", ".join(parts) + "."


def _in_words(item: services.Planned) -> dict[str, Any]:
    named = item.row.role != "learner" and item.what != "bad"
    role = ROLE_LABELS[item.row.role] if named else ""
    return {"item": item, "words": item.why or WHAT_WORDS[item.what], "role": role}


def _packed(row: services.Row) -> list[Any]:
    return list(asdict(row).values())


def _salt(user: Any) -> str:
    return f"tutor_emotion.enrol.{user.pk}"


@require_safe
def template_view(_: HttpRequest) -> HttpResponse:
    """A list with the columns and no row, as a spreadsheet opens it (UTF-8 with its mark)."""
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="enrol.csv"'
    response.write("\ufeff")
    csv.writer(response).writerow(["username", "first_name", "last_name", "class", "role", "age"])
    return response
