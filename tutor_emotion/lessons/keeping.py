"""What lessons keep of a learner, and for how long: told to the plugin, which prunes and erases."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from tutor_emotion.services.kept import Kept, keep

_CONTENT = _("as long as the lesson")

keep(
    Kept(
        "tutor_emotion_lessons.Attempt",
        _("Each answer that counted, with what was written."),
        days="KEEP_RESULTS_DAYS",
        since="created_at",
        whose=("learner",),
    ),
    Kept(
        "tutor_emotion_lessons.Mastery",
        _("What the learner is believed to know, and when it is due again."),
        days="KEEP_RESULTS_DAYS",
        since="updated_at",
        whose=("learner",),
    ),
    Kept(
        "tutor_emotion_lessons.LessonAdaptation",
        _("What a lesson made of the help that was offered."),
        days="KEEP_SIGNALS_DAYS",
        since="created_at",
        whose=("learner",),
    ),
    *(
        Kept(f"tutor_emotion_lessons.{name}", until=_CONTENT)
        for name in ("LessonCourse", "Skill", "Lesson", "Step", "Variant")
    ),
)
