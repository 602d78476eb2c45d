"""Links by which a parent or guardian is asked."""

from __future__ import annotations

import uuid
from typing import ClassVar, Literal

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from tutor_emotion.models.course import Course


class GuardianLink(models.Model):
    """One question to a guardian of one learner in one course: answered once, or withdrawn.

    The address itself is signed and not kept. What was answered is in the consents, not here:
    whoever made the link learns that it was answered, and not how.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    learner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="tutor_emotion_guardian_links",
        verbose_name=_("learner"),
    )
    course = models.ForeignKey(
        Course, on_delete=models.CASCADE, related_name="guardian_links", verbose_name=_("course")
    )
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        related_name="+",
        verbose_name=_("made by"),
    )
    created_at = models.DateTimeField(_("made"), auto_now_add=True)
    expires_at = models.DateTimeField(_("can be answered until"))
    answered_at = models.DateTimeField(_("answered"), null=True, blank=True)
    withdrawn_at = models.DateTimeField(_("withdrawn"), null=True, blank=True)

    class Meta:
        ordering: ClassVar = ["-created_at"]
        verbose_name = _("link for a guardian")
        verbose_name_plural = _("links for guardians")

    def __str__(self) -> str:
        return str(self.id)

    @property
    def state(self) -> Literal["open", "answered", "withdrawn", "expired"]:
        """Whether it can still be answered, or why not."""
        if self.answered_at:
            return "answered"
        if self.withdrawn_at:
            return "withdrawn"
        return "open" if self.expires_at > timezone.now() else "expired"
