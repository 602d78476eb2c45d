"""The scrape over the site's own address, for hosts that cannot open a second port."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from tutor_emotion.conf import get_settings
from tutor_emotion.telemetry import exposition


@require_GET
@never_cache
def metrics(request: HttpRequest) -> HttpResponse:
    """This process' metrics, for whoever has METRICS_TOKEN; without one there is no such page."""
    if not get_settings().METRICS_TOKEN:
        raise Http404
    if not exposition.may_read(request.headers.get("Authorization", "")):
        return HttpResponse(status=401, headers={"WWW-Authenticate": "Bearer"})
    return HttpResponse(exposition.text(), content_type=exposition.CONTENT_TYPE)
