"""The teacher's live classroom."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from tutor_emotion.views.teaching import taught_course


@require_GET
@login_required
@never_cache
def classroom(request: HttpRequest, course: str) -> HttpResponse:
    """The live classroom; whose rows reach it is the socket's to say."""
    found = taught_course(request, course)
    return render(request, "tutor_emotion/classroom.html", {"course": found})
