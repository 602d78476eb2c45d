"""What this product measures, how often it is wrong, and who can switch it off: for learners.

Nobody has to sign in for it: a parent reads it before they agree to anything, and nothing in it is
of anybody. Every figure comes from the cards, the table of the law or ``measured.toml``.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any
from zlib import crc32

from django.core.cache import cache
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from tutor_emotion.conf import get_settings
from tutor_emotion.core.types import Modality
from tutor_emotion.documents.cards import Card, cards_in_use
from tutor_emotion.documents.facts import Facts, of_site
from tutor_emotion.nets import registry
from tutor_emotion.services import fairness
from tutor_emotion.words import MEASURE_LABELS, MODALITY_LABELS

FAIRNESS_DAYS = 90
KEEP_S = 3600.0
WHAT: Mapping[Modality, str | Promise] = {
    "face": _(
        "Small movements against your own usual, such as lowered brows or looking away, and which "
        "expression people would see in the picture."
    ),
    "voice": _(
        "How something is said: pauses, speed, melody, and which mood people would hear. Never "
        "what is said."
    ),
    "text": _("Messages in the lesson, looked through for phrases such as “I don’t get it”."),
    "interaction": _("Whether answers are right, which hints are opened, how long steps take."),
    "self_report": _("What you say yourself by a tap."),
}
MODELS: Mapping[str, str | Promise] = {
    "expression": _("which expression people would see in a picture of a face"),
    "voice": _("which mood people would hear in a voice"),
    "states": _("what all of this says of being stuck"),
}


@require_GET
def about(request: HttpRequest) -> HttpResponse:
    """The page itself."""
    facts = of_site(_cards())
    context = {
        "facts": facts,
        "modalities": [
            {
                "label": MODALITY_LABELS[m],
                "what": WHAT[m],
                "here": m in facts.possible,
                "lawful": facts.profile.ever(m),
            }
            for m, _verdicts in facts.verdicts
        ],
        "models": [_model(card) for card in facts.cards],
        "files": [file for file in facts.files if not file.optional],
        "alarms": {name: round(100 * value[0]) for name, value in facts.alarms.items()},
        "contact": facts.settings.CONTACT.strip(),
        "limit": round(100 * facts.gap_limit),
        "compared": _compared(facts),
        "fairness_days": FAIRNESS_DAYS,
    }
    return render(request, "tutor_emotion/about.html", context)


@require_GET
def card(_request: HttpRequest, name: str) -> HttpResponse:
    """The card of a model that is in use, as it was written."""
    found = next((one for one in _cards() if one.slug == name), None)
    if found is None:
        raise Http404
    response = HttpResponse(found.text, content_type="text/plain; charset=utf-8")
    response["Content-Language"] = "en"
    return response


def _cards() -> tuple[Card, ...]:
    folder = get_settings().WEIGHTS_DIR
    return _verified(folder, registry.activation_mark(folder))


@lru_cache(maxsize=2)
def _verified(folder: Path, _mark: object) -> tuple[Card, ...]:
    """Read and hashed once for each choice of models: a stranger may ask as often as they like."""
    return cards_in_use(folder)


def _model(found: Card) -> dict[str, Any]:
    return {
        "card": found,
        "what": MODELS.get(found.kind, found.kind),
        "figures": [(gettext(label), value) for label, value in found.figures],
        "by_group": [(gettext(label), value) for label, value in found.by_group],
    }


def _compared(facts: Facts) -> dict[str, Any] | None:
    """All courses together; which measures are over the limit, and no group's figure."""
    if not facts.settings.FAIRNESS_GROUPS:
        return None
    named = crc32("\0".join(facts.settings.FAIRNESS_GROUPS).encode())
    key = f"tutor_emotion.about.{named}"
    found: dict[str, Any] = cache.get_or_set(key, _compare, KEEP_S) or {}
    return {**found, "over": [MEASURE_LABELS[measure] for measure in found["over"]]}


def _compare() -> dict[str, Any]:
    report = fairness.compare_groups(None, FAIRNESS_DAYS)
    compared = sum(gap is not None for gap in report.gaps.values())
    return {"measures": compared, "over": list(report.alarms)}
