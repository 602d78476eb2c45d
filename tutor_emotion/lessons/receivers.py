"""The plugin's Django signals, as any lesson engine would take them."""

from __future__ import annotations

from typing import Any

from django.dispatch import receiver

from tutor_emotion.lessons.models import Lesson, LessonAdaptation
from tutor_emotion.signals import adaptation as adaptation_sent
from tutor_emotion.signals import affect_signal


@receiver(adaptation_sent, dispatch_uid="tutor_emotion_lessons.note_adaptation")
def note_adaptation(*, session: Any, record: Any, **_: Any) -> None:
    """Keep what was decided, so that the page can say that it was carried out."""
    lesson = Lesson.objects.filter(slug=session.lesson, course_key=session.course.key).first()
    if lesson is None:  # a lesson of another engine
        return
    LessonAdaptation.objects.update_or_create(
        session=session.pk,
        number=record.number,
        defaults={
            "learner_id": session.learner_id,
            "lesson": lesson,
            "kind": record.kind,
            "mode": record.mode,
        },
    )


@receiver(affect_signal, dispatch_uid="tutor_emotion_lessons.note_recovery")
def note_recovery(*, session: Any, record: Any, **_: Any) -> None:
    """``recovered`` belongs to the last help that this session's learner was shown."""
    if record.kind != "recovered" or record.edge != "raised":
        return
    last = (
        LessonAdaptation.objects.filter(session=session.pk, carried_out_at__isnull=False)
        .order_by("-carried_out_at")
        .first()
    )
    if last is not None:
        LessonAdaptation.objects.filter(pk=last.pk).update(recovered=True)
