"""A learner's tap as a labelled moment: the regressors of just before it, if they may be kept.

The classroom has no mark for how a learner is, so there are self-reports only.
"""

from __future__ import annotations

from collections.abc import Mapping

from tutor_emotion import privacy, services
from tutor_emotion.core.config import EngineConfig
from tutor_emotion.core.regressors import regressors
from tutor_emotion.core.types import Estimate, Modality, SelfReport
from tutor_emotion.models import Course, LabelledMoment, LearnerId


def keep(
    session_id: str,
    course: Course,
    learner_id: LearnerId,
    report: SelfReport,
    spoke: Mapping[Modality, Estimate],
    config: EngineConfig,
) -> LabelledMoment | None:
    """The moment's row; None where it may not be kept, or nothing was measured.

    ``spoke``: the newest Estimate of each modality that is allowed; older than ``event_covers_s``
    (the time grain of labels) it is of another moment.
    """
    recent = {
        m: e
        for m, e in spoke.items()
        if m != "self_report" and e.quality > 0 and _counts(e, report.at_s, config)
    }
    if not recent or not privacy.may_keep_moments(course, learner_id):
        return None
    return services.record_moment(
        session_id,
        report.feeling,
        {m: regressors(e, config.states) for m, e in recent.items()},
        {m: e.quality for m, e in recent.items()},
        {m: e.model for m, e in recent.items()},
    )


def _counts(given: Estimate, at_s: float, config: EngineConfig) -> bool:
    if given.window_s is not None and given.probabilities is None:
        return False  # too little was seen
    return 0 <= at_s - given.at_s <= config.fusion.event_covers_s
