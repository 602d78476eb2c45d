"""What a web process does once before it serves: it refuses settings that cannot be, says that
it lives, and opens the port of its metrics. ``uvicorn`` runs none of Django's checks; a worker of
ours does its part by itself.
"""

from __future__ import annotations

from django.core.exceptions import ImproperlyConfigured

from tutor_emotion import contradictions, core_dumps
from tutor_emotion.conf import get_settings
from tutor_emotion.live import beating
from tutor_emotion.telemetry import metrics
from tutor_emotion.telemetry.serving import serve


def web() -> None:
    """Call it in ``asgi.py``, once, when Django is set up.

    Raises:
        ImproperlyConfigured: with the id, the words and the hint of each check that fails.
    """
    failed = contradictions.failed()
    if failed:
        raise ImproperlyConfigured("\n".join(map(contradictions.said, failed)))
    core_dumps.forbid()
    beating.begin()
    metrics.SESSIONS_LIMIT.set(get_settings().MAX_SESSIONS)
    serve("web")
