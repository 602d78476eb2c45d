"""What the plugin itself must know of a learner, and the key to what it keeps of them."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext, gettext_noop
from django.utils.translation import gettext_lazy as _

from tutor_emotion.conf import get_settings
from tutor_emotion.errors import BadInput

# Ages in completed years. Unknown is treated as the youngest.
AGE_BANDS = (
    ("", _("unknown")),
    ("under_13", _("under 13")),
    ("13_15", _("13 to 15")),
    ("16_17", _("16 or 17")),
    ("adult", _("18 or older")),
)


class LearnerRecord(models.Model):
    """One learner. ``pseudonym`` is their name in the ledger and in the store of keys.

    When this row goes, nothing can tell any more whose the entries of that pseudonym were.
    """

    learner = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="tutor_emotion_record",
        primary_key=True,
    )
    pseudonym = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    age_band = models.CharField(_("age"), max_length=10, choices=AGE_BANDS, blank=True)
    group = models.CharField(
        _("group"),
        max_length=50,
        blank=True,
        help_text=_(
            "Only where the school lawfully holds it, to see whether the product serves each "
            "group alike. Never used for a learner's lesson, never shown in the classroom."
        ),
    )

    class Meta:
        verbose_name = _("learner")
        verbose_name_plural = _("learners")

    def __str__(self) -> str:
        return str(self.pseudonym)

    def clean(self) -> None:
        try:
            checked_group(self.group)
        except BadInput as error:
            said = f"{gettext(error.message)} {gettext(error.hint)}".strip()
            raise ValidationError({"group": ValidationError(said, code=error.code)}) from None


def checked_group(name: str) -> str:
    """The name of a group of learners, as it may be written down; empty for none.

    Raises:
        BadInput: ``groups_not_held``, ``unknown_group``.
    """
    names = get_settings().FAIRNESS_GROUPS
    if not name or name in names:
        return name
    if not names:
        raise BadInput(
            "groups_not_held",
            gettext_noop("Groups of learners are not held here."),
            hint=gettext_noop("A site that lawfully holds them names them in FAIRNESS_GROUPS."),
        )
    raise BadInput("unknown_group", gettext_noop("There is no such group."), hint=" · ".join(names))


class LearnerKey(models.Model):
    """The key to what is kept of one learner, itself sealed with a master key.

    No foreign key: this table may live in a database of its own (``KEY_DATABASE``), whose backups
    end sooner than those of the rows. Destroying the key erases the rows in every backup.
    """

    pseudonym = models.UUIDField(primary_key=True, editable=False)
    sealed = models.BinaryField()
    created_at = models.DateTimeField(auto_now_add=True)
    sealed_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering: ClassVar = ["created_at"]
        verbose_name = _("key of a learner")
        verbose_name_plural = _("keys of learners")

    def __str__(self) -> str:
        return str(self.pseudonym)
