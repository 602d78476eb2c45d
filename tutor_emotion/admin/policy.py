"""The policy on its course's page: its fields in groups, and who may change them."""

from __future__ import annotations

from typing import Any

from django.db.models import Model
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from tutor_emotion import services
from tutor_emotion.admin.parameter_fields import parameter_fieldsets
from tutor_emotion.admin.policy_form import PolicyForm
from tutor_emotion.admin.theme import StackedInline
from tutor_emotion.core.types import MODALITIES
from tutor_emotion.models import Course, Policy


def may_set_policy(request: HttpRequest, course: Any) -> bool:
    """Whether the user may change this course's policy (that of any course, where it is None)."""
    if course is None:
        return services.courses_of(request.user).exists()
    return services.may_set_policy(course, request.user)


class PolicyInline(StackedInline[Policy, Course]):
    """Belongs to the course's page; whoever may change the course may change its policy."""

    model = Policy
    form = PolicyForm
    can_delete = False
    max_num = 1
    verbose_name = _("policy: what the plugin may do in this course")
    fieldsets = (
        (None, {"fields": ("paused",), "classes": ("te-pause",)}),
        (
            _("What may be looked at"),
            {
                "fields": tuple(f"use_{m}" for m in MODALITIES),
                "description": _(
                    "Each learner still decides for themselves; what you switch off here is not "
                    "even asked for."
                ),
            },
        ),
        (
            _("How sure before we say anything"),
            {
                "fields": ("suspect_on", "strong_on", "frustrated_on", "bored_on"),
                "description": _(
                    "In per cent. About half of all offers are wrong at the best accuracy that "
                    "is known, so an offer never harms: it can be ignored or waved away."
                ),
            },
        ),
        (
            _("How often we may interrupt"),
            {
                "fields": (
                    "offer_every_s",
                    "offers_in_10_min",
                    "offers_in_hour",
                    "quiet_pace",
                    "pacing",
                )
            },
        ),
        (_("What may be offered"), {"fields": ("adaptations",)}),
        (
            _("How often we are right"),
            {
                "fields": ("collect_labels", "keep_labels_days"),
                "description": _("Off until you switch it on; no picture and no sound is kept."),
            },
        ),
        *parameter_fieldsets(),
    )

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        courses = services.courses_of(request.user)
        return courses.filter(pk=obj.pk).exists() if obj else courses.exists()

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return may_set_policy(request, obj)

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return may_set_policy(request, obj) if obj else request.user.is_superuser
