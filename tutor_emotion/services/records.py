"""What the engine decided, and the event that leaves with the write."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Max
from django.dispatch import Signal

from tutor_emotion import signals
from tutor_emotion.core.types import Adaptation, AffectSignal, Evidence
from tutor_emotion.models import AdaptationRecord, AffectSignalRecord, Session


def evidence_as_data(items: Sequence[Evidence]) -> list[dict[str, Any]]:
    return [
        {
            "modality": e.modality,
            "measure": e.measure,
            "value": round(e.value, 3),
            "unit": e.unit,
            "usual": None if e.usual is None else round(e.usual, 3),
            "z": None if e.z is None else round(e.z, 2),
            "for_s": None if e.for_s is None else round(e.for_s, 1),
            "nats": round(e.nats, 3),
        }
        for e in items
    ]


@transaction.atomic
def record_signal(
    session_id: str, signal: AffectSignal, key: UUID | None = None
) -> AffectSignalRecord:
    """Keep a signal; after commit the host hears of it.

    Under the same ``key`` again it is the same one: the host, whom a commit that broke off had not
    told yet, is told now.
    """
    row = AffectSignalRecord.objects.filter(key=key).first() if key else None
    if row is None:
        row = _new_signal(session_id, signal, key)
        row.save()
    transaction.on_commit(partial(_tell, signals.affect_signal, row))
    return row


def _new_signal(session_id: str, signal: AffectSignal, key: UUID | None) -> AffectSignalRecord:
    return AffectSignalRecord(
        session_id=session_id, edge=signal.edge, at_s=signal.at_s, skill=signal.skill, key=key
    ).holding(
        kind=signal.kind,
        confidence=signal.confidence,
        coverage=signal.coverage,
        level=signal.level,
        evidence=evidence_as_data(signal.evidence),
        models_used=list(signal.models),
    )


@transaction.atomic
def record_adaptation(
    session_id: str, adaptation: Adaptation, *, free_from: int = 1
) -> AdaptationRecord:
    """Keep an Adaptation; after commit the host hears of it. Its number is its key (see above).

    Another process, which counted on from the rows while this one waited, may have given its number
    to another Adaptation. Then it gets the next that is free, ``free_from`` or more: see the row's.
    """
    Session.objects.select_for_update().filter(pk=session_id).first()  # its writers take turns
    row = _of_number(session_id, adaptation)
    if row is None:
        row = _new_adaptation(session_id, adaptation)
    elif not _is(row, adaptation):
        row = _renumbered(session_id, adaptation, free_from)
    if row.pk is None:
        row.save()
    transaction.on_commit(partial(_tell, signals.adaptation, row))
    return row


def _of_number(session_id: str, adaptation: Adaptation) -> AdaptationRecord | None:
    return AdaptationRecord.objects.filter(session_id=session_id, number=adaptation.id).first()


def _is(row: AdaptationRecord, adaptation: Adaptation) -> bool:
    return (row.kind, row.at_s) == (adaptation.kind, adaptation.at_s)


def _renumbered(session_id: str, adaptation: Adaptation, free_from: int) -> AdaptationRecord:
    """It under another number: as it was written before nobody heard of it, or a new row."""
    mine = AdaptationRecord.objects.filter(session_id=session_id)
    for row in mine.filter(kind=adaptation.kind, at_s=adaptation.at_s):
        if row.message == adaptation.message:
            return row
    last = mine.aggregate(last=Max("number"))["last"]
    return _new_adaptation(session_id, replace(adaptation, id=max(last + 1, free_from)))


def _new_adaptation(session_id: str, adaptation: Adaptation) -> AdaptationRecord:
    return AdaptationRecord(
        session_id=session_id,
        number=adaptation.id,
        kind=adaptation.kind,
        mode=adaptation.mode,
        step=adaptation.step[:100],
        skill=adaptation.skill[:100],
        at_s=adaptation.at_s,
    ).holding(
        signal=adaptation.signal or "",
        message=adaptation.message,
        evidence=evidence_as_data(adaptation.evidence),
    )


def _tell(signal: Signal, row: AffectSignalRecord | AdaptationRecord) -> None:
    # A host's receiver that fails must not take the learner's session with it.
    signal.send_robust(sender=Session, session=row.session, record=row)
