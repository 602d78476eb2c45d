"""Everything that is kept of a learner, for themselves and for whoever answers for them."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth import get_user_model
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from tutor_emotion import services
from tutor_emotion.live.erasing import erase
from tutor_emotion.views.readable import readable

MOST_ROWS = 200  # of one table on the page; the file has them all
AGREED = "erase"  # what the form's box sends


@require_GET
@never_cache
@login_required
def my_data(request: HttpRequest) -> HttpResponse:
    """The page, or with ``?format=json`` the file."""
    user = _whose(request)
    export = services.export_learner(user)
    if request.GET.get("format") == "json":
        written = {"ensure_ascii": False, "indent": 2}
        answer = JsonResponse(export.as_data(), json_dumps_params=written)
        answer["Content-Disposition"] = 'attachment; filename="my-data.json"'
        return answer
    own = user.pk == request.user.pk
    return render(
        request,
        "tutor_emotion/my_data.html",
        {
            "page": readable(export, MOST_ROWS),
            "own": own,
            "at_once": own and services.may_erase_at_once(user.pk),
            "asked": own and services.asked_for_erasure(user.pk),
        },
    )


@require_POST
@login_required
def erase_my_data(request: HttpRequest) -> HttpResponse:
    """An adult is erased at once; anybody else's wish is noted for their school."""
    user: Any = request.user
    if request.POST.get("sure") != AGREED:
        said = gettext("Nothing was erased. Tick the box to say that you mean it.")
        messages.error(request, said)
    elif services.may_erase_at_once(user.pk):
        erase(user)
        messages.success(request, gettext("Everything that was kept of you has been erased."))
    else:
        services.ask_for_erasure(user.pk)
        messages.success(request, gettext("Your school has been told that you want this."))
    return redirect("tutor_emotion:my-data")


def _whose(request: HttpRequest) -> Any:
    """The signed-in user, or whom they may answer for; anybody else is nobody."""
    name = request.GET.get("learner", "")
    if name in ("", request.user.get_username()):
        return request.user
    model = get_user_model()
    user = model._default_manager.filter(**{model.USERNAME_FIELD: name}).first()
    if user is None or not services.answers_for(request.user, user.pk):
        raise Http404
    services.record_look(request.user, "copy", [user.pk], None)
    return user
