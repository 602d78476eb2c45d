"""Asking a guardian by a signed link, and what they answer and take back.

A link proves that somebody had the link, and nothing about who they are: a school sends it to an
address that it knows to be the guardian's.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal, TypeAlias

from django.core import signing
from django.db import transaction
from django.utils import timezone

from tutor_emotion.conf import get_settings
from tutor_emotion.core.types import MODALITIES, Modality
from tutor_emotion.errors import BadInput, NotAllowed
from tutor_emotion.models import Consent, Course, GuardianLink, LearnerId
from tutor_emotion.services.consent import Said, record_choices

SALT = "tutor_emotion.guardian"
LONGEST_TOKEN = 300
WORDS = "guardian"  # in the ledger: the words of the page for guardians were shown
Purpose: TypeAlias = Literal["answer", "keep"]
Needed: TypeAlias = Literal["guardian", "release"]
_PURPOSES: dict[Any, Purpose] = {"answer": "answer", "keep": "keep"}
_OVER = {
    "answered": "This link has been answered.",
    "withdrawn": "This link was withdrawn.",
    "expired": "The time to answer this link is over.",
}


@dataclass(frozen=True, slots=True)
class Guardian:
    """Who answers, as they say themselves. ``signature`` is the typed one of a written release."""

    name: str = field(repr=False)
    relation: str = field(repr=False)
    language: str = ""
    signature: str = field(default="", repr=False)
    release: str = field(default="", repr=False)  # the text that was signed


@dataclass(frozen=True, slots=True)
class Given:
    """A guardian's yes; not ``current`` when the words have changed since, or its time is over."""

    modality: Modality
    by: Needed
    given_at: datetime
    until: datetime | None
    current: bool


def make_guardian_link(course: Course, learner_id: LearnerId, made_by: Any) -> GuardianLink:
    """A link that can be answered once, for ``GUARDIAN_LINK_DAYS`` days."""
    until = timezone.now() + timedelta(days=get_settings().GUARDIAN_LINK_DAYS)
    return GuardianLink.objects.create(
        course=course, learner_id=learner_id, made_by=made_by, expires_at=until
    )


def withdraw_guardian_link(link: GuardianLink) -> bool:
    """Nobody can answer it any more; whether it was still open. What was answered stays."""
    rows = GuardianLink.objects.filter(pk=link.pk, answered_at=None, withdrawn_at=None)
    return bool(rows.update(withdrawn_at=timezone.now()))


def guardian_token(link: GuardianLink, purpose: Purpose) -> str:
    """What stands in the address: ``answer`` for the question, ``keep`` to see and take back."""
    return signing.dumps({"l": link.pk.hex, "p": purpose}, salt=SALT)


def read_guardian_token(token: str) -> tuple[GuardianLink, Purpose]:
    """The link of an address, whatever became of it.

    Raises:
        BadInput: ``bad_link``: forged, cut off, or of a learner who is no more.
    """
    try:
        data = signing.loads(token, salt=SALT) if len(token) <= LONGEST_TOKEN else {}
    except signing.BadSignature:
        data = {}
    rows = GuardianLink.objects.select_related("learner", "course")
    link = rows.filter(pk=data["l"]).first() if data else None
    if link is None:
        raise BadInput("bad_link", "This link is not whole.", hint="Copy all of it.")
    return link, _PURPOSES[data["p"]]


def answer_as_guardian(
    link: GuardianLink,
    choices: Mapping[Modality, bool],
    needed: Mapping[Modality, Needed],
    guardian: Guardian,
    text_version: str,
) -> None:
    """Record a guardian's answer, once. The newest answer stands; a no takes back what was given.

    Raises:
        NotAllowed: ``link_answered``, ``link_withdrawn``, ``link_expired``.
    """
    now = timezone.now()
    until = now + timedelta(days=get_settings().GUARDIAN_CONSENT_DAYS)
    with transaction.atomic():
        open_rows = GuardianLink.objects.filter(
            pk=link.pk, answered_at=None, withdrawn_at=None, expires_at__gt=now
        )
        if not open_rows.update(answered_at=now):
            link.refresh_from_db()
            state = link.state
            raise NotAllowed(f"link_{state}", _OVER[state], hint="Ask the school for another.")
        for by in ("guardian", "release"):
            mine = {m: choices[m] for m in choices if needed[m] == by}
            said = Said(text_version, by, WORDS, until, _detail(link, guardian, by))
            record_choices(link.course, link.learner_id, mine, said)
    link.refresh_from_db()


def take_back_as_guardian(link: GuardianLink, modalities: frozenset[Modality]) -> None:
    """Whoever holds the link to keep takes back what a guardian gave; every guardian may.

    Nothing is sealed with it: a lost key must not keep anybody from taking back.
    """
    no = {m: False for m in MODALITIES if m in modalities}
    with transaction.atomic():
        for by in ("guardian", "release"):
            record_choices(link.course, link.learner_id, no, Said("", by, WORDS))


def given_by_guardians(course: Course, learner_id: LearnerId, text_version: str) -> list[Given]:
    """What guardians have given and nobody has taken back."""
    now, rows = timezone.now(), Consent.objects.filter(course=course, learner_id=learner_id)
    found = [
        Given(
            row.modality,  # type: ignore[arg-type]
            row.by,  # type: ignore[arg-type]
            row.granted_at,
            row.until,
            row.text_version == text_version and (row.until is None or row.until > now),
        )
        for row in rows.filter(by__in=("guardian", "release"), revoked_at=None)
    ]
    return sorted(found, key=lambda one: MODALITIES.index(one.modality))


def _detail(link: GuardianLink, guardian: Guardian, by: Needed) -> dict[str, Any]:
    detail = {
        "link": link.pk.hex,
        "name": guardian.name,
        "relation": guardian.relation,
        "language": guardian.language,
    }
    if by == "release":
        detail |= {"signature": guardian.signature, "release": guardian.release}
    return detail
