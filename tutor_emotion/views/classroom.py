"""The teacher's live classroom."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from tutor_emotion import services
from tutor_emotion.models import Course


@require_GET
@login_required
@never_cache
def classroom(request: HttpRequest, course: str) -> HttpResponse:
    """The live classroom; a course of somebody else looks like one that does not exist."""
    row = Course.objects.filter(key=course).first()
    if row is None or not services.may_teach(row, request.user):
        raise Http404
    return render(request, "tutor_emotion/classroom.html", {"course": row})
