"""Whether this process answers, and whether learners can be served."""

from __future__ import annotations

from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET
from pydantic import BaseModel

from tutor_emotion import __version__
from tutor_emotion.described import Described, described
from tutor_emotion.errors import Unavailable
from tutor_emotion.inference import queue


class Health(BaseModel):
    status: str
    version: str


class Readiness(BaseModel):
    """``workers``: versions of the Runners that are alive."""

    ready: bool
    database: bool
    queue: bool
    workers: list[str]


@described(Described("get", answers={200: Health}, signed_in=False))
@require_GET
@never_cache
def healthz(_: HttpRequest) -> HttpResponse:
    """This process answers."""
    return JsonResponse({"status": "ok", "version": __version__})


@described(Described("get", answers={200: Readiness, 503: Readiness}, signed_in=False))
@require_GET
@never_cache
def readyz(_: HttpRequest) -> HttpResponse:
    """Whether learners can be served: 200 when database and queue answer.

    A missing worker does not make us unready (the camera-free path needs none); it is reported.
    """
    database = _database()
    try:
        alive = queue.workers()
        broker = True
    except Unavailable:
        alive, broker = [], False
    ready = database and broker
    body = {"ready": ready, "database": database, "queue": broker, "workers": alive}
    return JsonResponse(body, status=200 if ready else 503)


def _database() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return False
    return True
