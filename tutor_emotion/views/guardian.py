"""The page for parents and guardians: no sign-in, the address is the key.

It holds a secret in its address, so it tells no other site where it was opened, is kept in no
cache and by no search engine, and sets no cookie.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Any, TypeAlias

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.formats import date_format
from django.views.decorators.cache import never_cache
from django.views.decorators.clickjacking import xframe_options_deny
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from tutor_emotion import privacy, rates, services
from tutor_emotion.conf import get_settings
from tutor_emotion.core.types import MODALITIES
from tutor_emotion.errors import NotAllowed, TutorEmotionError
from tutor_emotion.models import GuardianLink
from tutor_emotion.views.doors import address_of
from tutor_emotion.views.guardian_form import AnswerForm
from tutor_emotion.views.guardian_words import KEPT, NAMES, OVER, WHAT, release_text
from tutor_emotion.views.teaching import name_of
from tutor_emotion.views.telling import tell_sessions

LANGUAGES = ("en", "de", "ar")
_STATUS = {
    "bad_link": 404,
    "link_answered": 410,
    "link_withdrawn": 410,
    "link_expired": 410,
    "too_fast": 429,
}
View: TypeAlias = Callable[[HttpRequest, str], HttpResponse]


def unseen(view: View) -> View:
    """Nobody is told of this address, and every fault of ours is said in plain words."""

    @wraps(view)
    def wrapper(request: HttpRequest, token: str) -> HttpResponse:
        with translation.override(_language(request)):
            try:
                rates.check("links", None, address_of(request))
                response = view(request, token)
            except TutorEmotionError as error:
                response = _over(request, error)
        response["Referrer-Policy"] = "no-referrer"
        response["X-Robots-Tag"] = "noindex, nofollow, noarchive"
        # Django writes the address of what failed into its log, and ours is a secret.
        response._has_been_logged = True  # type: ignore[attr-defined]
        return response

    return wrapper


# A browser that tells no referrer sends "Origin: null", which Django's check must refuse. Nothing
# here rests on a cookie: whoever could forge the form would have to know its address.
@csrf_exempt
@never_cache
@xframe_options_deny
@require_http_methods(["GET", "HEAD", "POST"])
@unseen
def guardian(request: HttpRequest, token: str) -> HttpResponse:
    """The question, or, with the link to keep, what was answered."""
    link, purpose = services.read_guardian_token(token)
    return _kept(request, link) if purpose == "keep" else _question(request, link)


def _question(request: HttpRequest, link: GuardianLink) -> HttpResponse:
    if link.state != "open":
        raise NotAllowed(f"link_{link.state}", "This link can no longer be answered.")
    asked = privacy.asked_of_guardian(link.course, link.learner_id)
    of_age = services.age_band_of(link.learner_id) == "adult"
    release = _release(link, asked)
    form = AnswerForm(asked, request.POST or None, of_age=of_age)
    if request.method == "POST" and asked and form.is_valid():
        guardian = form.guardian(translation.get_language() or "", release)
        choices, version = form.choices(), privacy.CONSENT_TEXT_VERSION
        services.answer_as_guardian(link, choices, asked, guardian, version)
        tell_sessions(link.course_id, link.learner_id, choices)
        return HttpResponseRedirect(f"{_address(link)}&new=1")
    found = {
        "link": link,
        "form": form,
        "rows": [(NAMES[m], WHAT[m], KEPT[m], form[m]) for m in asked],
        "release": release,
        "days": get_settings().GUARDIAN_CONSENT_DAYS,
    }
    return _page(request, "tutor_emotion/guardian.html", link, found)


def _kept(request: HttpRequest, link: GuardianLink) -> HttpResponse:
    """What guardians gave; one button each to take it back."""
    if request.method == "POST":
        named = request.POST.getlist("take_back")
        no = {m: False for m in MODALITIES if m in named}
        services.take_back_as_guardian(link, frozenset(no))
        tell_sessions(link.course_id, link.learner_id, no)
        return HttpResponseRedirect(f"{_address(link)}&taken=1")
    given = services.given_by_guardians(link.course, link.learner_id, privacy.CONSENT_TEXT_VERSION)
    found = {
        "given": [(one, NAMES[one.modality]) for one in given],
        "address": request.build_absolute_uri(_address(link)),
        "new": "new" in request.GET,
        "taken": "taken" in request.GET,
    }
    return _page(request, "tutor_emotion/guardian_kept.html", link, found)


def _page(
    request: HttpRequest, template: str, link: GuardianLink, found: dict[str, Any]
) -> HttpResponse:
    more = {"learner": name_of(link.learner), "course": link.course.title}
    return render(request, template, found | more | _languages())


def _over(request: HttpRequest, error: TutorEmotionError) -> HttpResponse:
    words = OVER.get(error.code, OVER["other"])
    status = _STATUS.get(error.code, 503)
    found = {"words": words} | _languages()
    return render(request, "tutor_emotion/guardian_over.html", found, status=status)


def _release(link: GuardianLink, asked: dict[Any, services.Needed]) -> str:
    """The text of the written release, where the law wants one."""
    what = [str(NAMES[m]) for m, need in asked.items() if need == "release"]
    until = timezone.now() + timedelta(days=get_settings().GUARDIAN_CONSENT_DAYS)
    day = date_format(timezone.localtime(until), "DATE_FORMAT")
    return release_text(name_of(link.learner), link.course.title, what, day) if what else ""


def _address(link: GuardianLink) -> str:
    token = services.guardian_token(link, "keep")
    return (
        f"{reverse('tutor_emotion:guardian', args=[token])}?language={translation.get_language()}"
    )


def _language(request: HttpRequest) -> str:
    """What the page's own links say, else the browser, else the site."""
    wanted = request.GET.get("language", "")
    return wanted if wanted in LANGUAGES else translation.get_language() or "en"


def _languages() -> dict[str, Any]:
    return {"languages": [translation.get_language_info(code) for code in LANGUAGES]}
