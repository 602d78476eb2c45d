"""Whether this process answers, and whether learners can be served."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET
from pydantic import BaseModel

from tutor_emotion import __version__
from tutor_emotion.described import Described, described
from tutor_emotion.live.draining import DRAIN
from tutor_emotion.telemetry.health import HEALTH


class Health(BaseModel):
    status: str
    version: str


class Readiness(BaseModel):
    """``workers``: versions of the Runners that are alive. ``camera_free``: nobody's camera or
    microphone is read here, and ``sensors`` says why (``no_worker``, ``camera_free_by_law`` …).
    ``wrong``: the code of what is wrong, by part; a part that is not needed does not make unready.
    ``draining``: this process is about to end, takes no new socket, and waits for the ``sockets``
    that are open to move.
    """

    ready: bool
    database: bool
    migrations: bool
    queue: bool
    workers: list[str]
    camera_free: bool
    sensors: str
    wrong: dict[str, str]
    draining: bool
    sockets: int


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
    """Whether learners can be served: 200 when database, migrations and queue are as they must be,
    and this process is not about to end.

    A missing worker does not make us unready (the camera-free path needs none); it is reported.
    """
    found = HEALTH.ask()
    why_off = found["sensors"].code or found["workers"].code
    body = Readiness(
        ready=all(part.ok for part in found.values() if part.needed) and not DRAIN.begun,
        database=found["database"].ok,
        migrations=found["migrations"].ok,
        queue=found["queue"].ok,
        workers=list(found["workers"].facts),
        camera_free=bool(why_off),
        sensors=f"off: {why_off}" if why_off else "on",
        wrong={name: finding.code for name, finding in found.items() if finding.code},
        draining=DRAIN.begun,
        sockets=DRAIN.here,
    )
    return JsonResponse(body.model_dump(), status=200 if body.ready else 503)
