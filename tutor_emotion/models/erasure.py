"""That somebody asked to be erased, and the proof that it was done."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class ErasureRequest(models.Model):
    """A learner who may not decide alone asks their school."""

    learner = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="tutor_emotion_erasure_request",
    )
    at = models.DateTimeField(_("asked"), auto_now_add=True)

    class Meta:
        ordering: ClassVar = ["at"]
        verbose_name = _("request for erasure")
        verbose_name_plural = _("requests for erasure")

    def __str__(self) -> str:
        return str(self.learner)


class ErasureRecord(models.Model):
    """That everything of one learner was erased. It names nobody.

    ``subject`` is the SHA-256 of the pseudonym: whoever holds an old export can show that it was
    theirs, and nobody can tell otherwise. ``counts`` are rows by table.
    """

    at = models.DateTimeField(_("erased"), auto_now_add=True)
    subject = models.CharField(_("hash of the pseudonym"), max_length=64, blank=True)
    counts = models.JSONField(_("rows"), default=dict)
    account = models.BooleanField(_("with the account"), default=False)

    class Meta:
        ordering: ClassVar = ["-at"]
        verbose_name = _("proof of an erasure")
        verbose_name_plural = _("proofs of erasure")

    def __str__(self) -> str:
        return self.subject[:12] or "–"
