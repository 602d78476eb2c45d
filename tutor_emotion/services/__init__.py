"""The verbs: every write, and the event that leaves with it after commit."""

from __future__ import annotations

from tutor_emotion.services.access import (
    classes_of,
    courses_of,
    learners_seen,
    managed_by,
    may_open_class_in,
    may_set_policy,
    may_teach,
    out_of_reach,
    policies_set_by,
    removable_by,
    schools_of,
    sessions_of,
    teaches_all_of,
)
from tutor_emotion.services.consent import (
    agreed_to_calibration,
    live_consents,
    record_calibration,
    record_consents,
)
from tutor_emotion.services.contacts import contact_for
from tutor_emotion.services.delayed import (
    record_delayed_item,
)
from tutor_emotion.services.enrolment import (
    Plan,
    Planned,
    enrol,
    find_person,
    plan_enrolment,
)
from tutor_emotion.services.events import (
    EVENTS_A_SESSION,
    events_of,
    is_kept,
    prune_events,
    record_events,
)
from tutor_emotion.services.experiments import policy_in
from tutor_emotion.services.keys import (
    age_band_of,
    box_of,
    boxes_of,
    destroy_key,
    learner_record,
    rotate_keys,
)
from tutor_emotion.services.messages import (
    LONGEST_LINE,
    MOST_LINES,
    forbidden_in,
    languages,
    lines_of,
    own_messages,
    shipped_messages,
)
from tutor_emotion.services.moments import (
    prune_moments,
    record_moment,
)
from tutor_emotion.services.outcomes import (
    HELPED_WITHIN_S,
    Worked,
    WorkedReport,
    record_outcome,
    settle_helped,
    what_worked,
    worked_in,
)
from tutor_emotion.services.policy import (
    lexicon,
    lexicon_with,
    pace_effects,
    policy_of,
)
from tutor_emotion.services.records import (
    evidence_as_data,
    record_adaptation,
    record_signal,
)
from tutor_emotion.services.rosters import (
    MAX_BYTES,
    MAX_ROWS,
    Roster,
    Row,
    read_roster,
)
from tutor_emotion.services.sessions import (
    SESSIONS_IN_MINUTE,
    enter_session,
    leave_session,
    lesson_token,
    open_session,
    open_session_ids,
    read_token,
    summary,
)

__all__ = [
    "EVENTS_A_SESSION",
    "HELPED_WITHIN_S",
    "LONGEST_LINE",
    "MAX_BYTES",
    "MAX_ROWS",
    "MOST_LINES",
    "SESSIONS_IN_MINUTE",
    "Plan",
    "Planned",
    "Roster",
    "Row",
    "Worked",
    "WorkedReport",
    "age_band_of",
    "agreed_to_calibration",
    "box_of",
    "boxes_of",
    "classes_of",
    "contact_for",
    "courses_of",
    "destroy_key",
    "enrol",
    "enter_session",
    "events_of",
    "evidence_as_data",
    "find_person",
    "forbidden_in",
    "is_kept",
    "languages",
    "learner_record",
    "learners_seen",
    "leave_session",
    "lesson_token",
    "lexicon",
    "lexicon_with",
    "lines_of",
    "live_consents",
    "managed_by",
    "may_open_class_in",
    "may_set_policy",
    "may_teach",
    "open_session",
    "open_session_ids",
    "out_of_reach",
    "own_messages",
    "pace_effects",
    "plan_enrolment",
    "policies_set_by",
    "policy_in",
    "policy_of",
    "prune_events",
    "prune_moments",
    "read_roster",
    "read_token",
    "record_adaptation",
    "record_calibration",
    "record_consents",
    "record_delayed_item",
    "record_events",
    "record_moment",
    "record_outcome",
    "record_signal",
    "removable_by",
    "rotate_keys",
    "schools_of",
    "sessions_of",
    "settle_helped",
    "shipped_messages",
    "summary",
    "teaches_all_of",
    "what_worked",
    "worked_in",
]
