"""Write a course's labelled moments as ``training.calibrate`` reads them, under pseudonyms."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from argparse import ArgumentParser
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from tutor_emotion import privacy, services
from tutor_emotion.models import Course, LabelledMoment
from tutor_emotion.training import labelled
from tutor_emotion.training.labelled import LABEL_OF_TAP, Moment


class Command(BaseCommand):
    help = (
        "Write the labelled moments of a course to a JSON-lines file. Learners get a pseudonym "
        "that no other export has; who took the consent back, or let it lapse, is not in it."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--course", required=True, metavar="KEY")
        parser.add_argument("out", type=Path, metavar="OUT.jsonl")

    def handle(self, *args: Any, **options: Any) -> None:
        course = Course.objects.filter(key=options["course"]).first()
        if course is None:
            raise CommandError("There is no such course.")
        services.prune_moments(course.pk)
        moments = tuple(consented(course, secrets.token_bytes(32)))
        if not moments:
            raise CommandError(
                "There is no labelled moment that may be exported: none was kept, or no learner "
                "whose it is has a live consent for it."
            )
        try:
            labelled.write(moments, options["out"])
        except OSError as error:
            raise CommandError(f"The file cannot be written: {error.strerror}.") from None
        people = len({m.learner for m in moments})
        self.stdout.write(f"{len(moments)} moments of {people} learners")


def consented(course: Course, salt: bytes) -> Iterator[Moment]:
    """The moments of learners whose consent for it is live now, of modalities that theirs is too.

    ``salt`` makes the pseudonyms; thrown away, nobody can find out who is who by trying keys.
    """
    agreed: dict[Any, frozenset[str]] = {}
    rows = LabelledMoment.objects.filter(course=course).select_related("session")
    for row in rows.iterator():
        if row.is_erased:
            continue
        if row.learner_id not in agreed:
            agreed[row.learner_id] = _agreed(course, row.learner_id)
        moment = _moment(row, agreed[row.learner_id], salt)
        if moment.features:
            yield moment


def _agreed(course: Course, learner_id: Any) -> frozenset[str]:
    if not privacy.labels_agreed(course, learner_id):
        return frozenset()
    version = privacy.CONSENT_TEXT_VERSION
    live = services.live_consents(course.pk, learner_id, version)
    return frozenset(live & privacy.possible())


def _moment(row: LabelledMoment, agreed: frozenset[str], salt: bytes) -> Moment:
    return Moment(
        _pseudonym(salt, "learner", row.learner_id),
        _pseudonym(salt, "session", row.session_id),
        max(0.0, (row.at - row.session.started_at).total_seconds()),
        "self_report",
        labelled.label(LABEL_OF_TAP[row.label]),
        {m: x for m, x in row.features.items() if m in agreed},
        {m: q for m, q in row.quality.items() if m in agreed},
        {m: v for m, v in row.models_used.items() if m in agreed},
    )


def _pseudonym(salt: bytes, kind: str, key: Any) -> str:
    return hmac.new(salt, f"{kind}:{key}".encode(), hashlib.sha256).hexdigest()[:16]
