"""Appending to the ledger of consents, and reading it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Literal, TypeAlias

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from tutor_emotion.chain import Entry, Head
from tutor_emotion.models import LearnerId, LedgerEntry, LedgerHead
from tutor_emotion.services.keys import box_of, learner_record

Who: TypeAlias = Literal["learner", "guardian", "release", "system"]


def append_entry(
    course_key: str,
    learner_id: LearnerId,
    what: str,
    given: bool,
    *,
    text_version: str,
    by: Who,
    words: str = "",
    reason: str = "",
    detail: Mapping[str, Any] | None = None,
) -> LedgerEntry:
    """Append an entry, in the transaction of the row that it is about.

    ``detail`` is sealed with the learner's key, bound to this entry's number.

    Raises:
        BadInput: ``no_master_key``, ``bad_master_key``, where there is a detail.
        TransactionManagementError: outside a transaction.
    """
    head = _locked_head()
    number = head.number
    sealed = box_of(learner_id).seal(dict(detail), _where(number)) if detail else b""
    entry = LedgerEntry(
        number=number,
        at=timezone.now(),
        subject=learner_record(learner_id).pseudonym,
        course=course_key,
        what=what,
        given=given,
        text_version=text_version,
        words=words,
        by=by,
        reason=reason,
        sealed=sealed,
        previous=head.hash,
    )
    entry.save()
    LedgerHead.objects.filter(pk=1).update(hash=entry.hash)
    return entry


def _locked_head() -> LedgerHead:
    """The head with the next number, which nobody else can take before this transaction ends.

    Written first and read then: PostgreSQL locks the row, SQLite the database, and neither reads
    what another is about to change.
    """
    if not transaction.get_connection().in_atomic_block:
        raise transaction.TransactionManagementError("The ledger is appended in a transaction.")
    heads = LedgerHead.objects.filter(pk=1)
    if not heads.update(number=F("number") + 1):
        LedgerHead.objects.get_or_create(pk=1)
        heads.update(number=F("number") + 1)
    return heads.get()


def ledger_entries() -> Iterator[Entry]:
    """All entries in their order, as they are hashed."""
    return (row.as_entry() for row in LedgerEntry.objects.order_by("number").iterator())


def ledger_head() -> Head:
    """The newest entry as it was kept beside the entries."""
    row = LedgerHead.objects.filter(pk=1).first()
    return Head(row.number, row.hash) if row else Head()


def sealed_detail(learner_id: LearnerId, entry: LedgerEntry) -> Any:
    """What only the learner's key opens; None where the entry has no detail.

    Raises:
        Unavailable: ``not_opened``: the key was destroyed.
    """
    if not entry.sealed:
        return None
    return box_of(learner_id).open(entry.sealed, _where(entry.number))


def _where(number: int) -> str:
    return f"ledger:{number}"
