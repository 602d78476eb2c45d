"""The teacher's live classroom."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from tutor_emotion import services
from tutor_emotion.described import Described, described
from tutor_emotion.errors import NotAllowed
from tutor_emotion.live import tickets
from tutor_emotion.models import Course
from tutor_emotion.protocol import Ticket
from tutor_emotion.views.doors import api, as_json, learner_id_of
from tutor_emotion.views.teaching import taught_course


@require_GET
@login_required
@never_cache
def classroom(request: HttpRequest, course: str) -> HttpResponse:
    """The live classroom; whose rows reach it is the socket's to say."""
    found = taught_course(request, course)
    return render(request, "tutor_emotion/classroom.html", {"course": found})


@described(Described("post", answers={200: Ticket}, faults={403: ("not_your_course",)}))
@require_POST
@api
def ticket(request: HttpRequest, course: str) -> HttpResponse:
    """For the classroom's socket, each time that it opens."""
    found = Course.objects.filter(key=course).first()
    if found is None or not services.may_teach(found, request.user):
        raise NotAllowed("not_your_course", "You do not teach this course.")
    return as_json(Ticket(ticket=tickets.issue(f"classroom/{found.key}", learner_id_of(request))))
