"""How old learners are, as a school says it: what the law's table asks of each of them."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from tutor_emotion.errors import BadInput
from tutor_emotion.models import AGE_BANDS, Enrolment, LearnerId, LearnerRecord
from tutor_emotion.services.access import managed_by
from tutor_emotion.services.accounts import CHUNK, chunks

OLDEST = 120
# As people write them, in English, German and Arabic; without blanks, signs and case.
_WORDS = {
    "under13": "under_13", "<13": "under_13", "unter13": "under_13", "أقلمن13": "under_13",
    "1315": "13_15", "13to15": "13_15", "13bis15": "13_15", "13إلى15": "13_15",
    "1617": "16_17", "16to17": "16_17", "16or17": "16_17", "16bis17": "16_17", "16أو17": "16_17",
    "adult": "adult", "18+": "adult", "18orolder": "adult", "erwachsen": "adult",
    "volljährig": "adult", "بالغ": "adult", "راشد": "adult",
}  # fmt: skip


def read_age(text: str) -> str:
    """The band of an age in years, or of a band as people write it; empty stays empty.

    Raises:
        BadInput: ``bad_age_band``.
    """
    plain = "".join(c for c in unicodedata.normalize("NFKC", text).casefold() if c not in " -–_.")
    if not plain:
        return ""
    if plain in _WORDS:
        return _WORDS[plain]
    if plain.isdecimal() and len(plain) <= 3 and int(plain) <= OLDEST:
        return band_of(int(plain))
    bands = ", ".join(band for band, _label in AGE_BANDS if band)
    said = _("“%(text)s” is no age here. Write one of %(bands)s, or years.")
    raise BadInput("bad_age_band", said % {"text": text[:20], "bands": bands})


def band_of(years: int) -> str:
    """The band of an age in completed years."""
    if years < 13:
        return "under_13"
    return "13_15" if years < 16 else "16_17" if years < 18 else "adult"


def age_band_of(learner_id: LearnerId) -> str:
    """How old a learner is, as far as anybody has said; empty where nobody has."""
    rows = LearnerRecord.objects.filter(learner_id=learner_id)
    return rows.values_list("age_band", flat=True).first() or ""


def ages_of(learner_ids: Iterable[LearnerId]) -> dict[LearnerId, str]:
    """The bands of those whose age somebody has said."""
    found: dict[LearnerId, str] = {}
    for part in chunks(list(learner_ids)):
        rows = LearnerRecord.objects.filter(learner__in=part)
        found.update(rows.exclude(age_band="").values_list("learner", "age_band"))
    return found


def set_ages(ages: Mapping[LearnerId, str]) -> None:
    """Write down how old these learners are; nothing else of their records changes."""
    LearnerRecord.objects.bulk_create(
        [LearnerRecord(learner_id=learner, age_band=band) for learner, band in ages.items()],
        batch_size=CHUNK,
        update_conflicts=True,
        unique_fields=["learner"],
        update_fields=["age_band"],
    )


def learners_managed_by(user: Any) -> QuerySet[LearnerRecord]:
    """Records of the learners in the classes that this user manages; of everybody, a superuser."""
    if user.is_superuser:
        return LearnerRecord.objects.all()
    theirs = Enrolment.objects.filter(school_class__in=managed_by(user)).values("learner")
    return LearnerRecord.objects.filter(learner__in=theirs)


def may_set_age(learner_id: LearnerId, user: Any) -> bool:
    """Whether this learner is in a class that the user manages."""
    mine = Enrolment.objects.filter(learner=learner_id, school_class__in=managed_by(user))
    return bool(user.is_superuser or mine.exists())
