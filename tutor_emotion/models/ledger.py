"""The ledger of consents: appended to, never changed."""

from __future__ import annotations

import base64
from datetime import UTC
from typing import Any, ClassVar, NoReturn

from django.db import models
from django.utils.translation import gettext_lazy as _

from tutor_emotion.chain import START, Entry, digest
from tutor_emotion.errors import NotAllowed

# Who it was: a written release is signed by whoever may sign it, as its detail says.
WHO = (
    ("learner", _("the learner")),
    ("guardian", _("a parent or guardian")),
    ("release", _("a written release")),
    ("system", _("this program")),
)


class LedgerRows(models.QuerySet["LedgerEntry"]):
    """Rows that can be read and added to, one by one."""

    def update(self, **_: Any) -> NoReturn:
        raise _append_only()

    def delete(self) -> NoReturn:
        raise _append_only()

    def bulk_update(self, *_: Any, **__: Any) -> NoReturn:
        raise _append_only()

    def bulk_create(self, *_: Any, **__: Any) -> NoReturn:
        raise _append_only()


class LedgerEntry(models.Model):
    """One consent that was given or taken back; each is hashed together with the one before it.

    ``subject`` is ``LearnerRecord.pseudonym``: no user. ``sealed`` is a detail that only the
    learner's key opens (a guardian's name, a typed signature): erasure makes it unreadable, and
    the chain still verifies, for it is of the sealed bytes.
    """

    number = models.PositiveBigIntegerField(_("number"), primary_key=True)
    at = models.DateTimeField(_("when"))
    subject = models.UUIDField(_("learner's pseudonym"), db_index=True)
    course = models.CharField(_("course"), max_length=100)
    what = models.CharField(_("what"), max_length=20)
    given = models.BooleanField(_("given"))
    text_version = models.CharField(_("version of the words"), max_length=40)
    words = models.CharField(_("words shown"), max_length=10, blank=True)
    by = models.CharField(_("by"), max_length=10, choices=WHO)
    reason = models.CharField(_("reason"), max_length=40, blank=True)
    sealed = models.BinaryField(default=b"")
    previous = models.CharField(_("hash of the entry before it"), max_length=64)
    hash = models.CharField(_("hash"), max_length=64)

    objects = LedgerRows.as_manager()

    class Meta:
        ordering: ClassVar = ["number"]
        indexes: ClassVar = [models.Index(fields=["course", "-number"], name="ledger_of_a_course")]
        constraints: ClassVar = [models.UniqueConstraint(fields=["hash"], name="one_hash_an_entry")]
        verbose_name = _("entry of the ledger")
        verbose_name_plural = _("ledger of consents")

    def __str__(self) -> str:
        return str(self.number)

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise _append_only()
        self.hash = digest(self.as_entry())
        super().save(*args, **{**kwargs, "force_insert": True})

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise _append_only()

    def as_entry(self) -> Entry:
        """As it is hashed and exported."""
        return Entry(
            number=self.number,
            at=self.at.astimezone(UTC).isoformat(timespec="microseconds"),
            subject=str(self.subject),
            course=self.course,
            what=self.what,
            given=self.given,
            text_version=self.text_version,
            words=self.words,
            by=self.by,
            reason=self.reason,
            sealed=base64.b64encode(bytes(self.sealed)).decode(),
            previous=self.previous,
            hash=self.hash,
        )


class LedgerHead(models.Model):
    """The newest entry's number and hash: one row, and the lock of whoever appends."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    number = models.PositiveBigIntegerField(default=0)
    hash = models.CharField(max_length=64, default=START)

    class Meta:
        verbose_name = _("head of the ledger")

    def __str__(self) -> str:
        return str(self.number)


def _append_only() -> NotAllowed:
    return NotAllowed(
        "append_only",
        "Entries of the ledger are never changed.",
        hint="What is taken back is a new entry.",
    )
