"""What a learner reads of who looked at them."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from tutor_emotion import services
from tutor_emotion.views.teaching import name_of

PER_PAGE = 50


@require_GET
@login_required
@never_cache
def who_looked(request: HttpRequest) -> HttpResponse:
    """Every look at whoever asks, newest first; never at anybody else."""
    looks = services.looks_at(request.user.pk)
    page = Paginator(looks, PER_PAGE).get_page(request.GET.get("page"))
    rows = [(look, name_of(look.by) if look.by else "") for look in page]
    return render(request, "tutor_emotion/who_looked.html", {"page": page, "rows": rows})
