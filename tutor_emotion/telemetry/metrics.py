"""Every metric of this house: its name, its labels, what it says. Who knows a number counts it.

``metrics.FRAMES_DROPPED.labels(why="replaced").inc()`` costs about 3 us; where it is done for every
frame, keep the child (``_REPLACED = metrics.FRAMES_DROPPED.labels(why="replaced")``: 0.4 us).

No label has a person, a course, a session or an address in it, and none ever may. Nothing of
Django, Redis or torch is imported here. ``docs/metrics.md`` is made of this file (``manage.py
describe_metrics``). Seconds everywhere.
"""

from __future__ import annotations

from typing import get_args

from prometheus_client import Info

from tutor_emotion.core.types import (
    ADAPTATION_KINDS,
    MODALITIES,
    SIGNAL_KINDS,
    FaceQuality,
    VoiceQuality,
)
from tutor_emotion.telemetry.families import (
    FAMILIES,
    PREFIX,
    Family,
    Names,
    counter,
    gauge,
    histogram,
)

_ROOMS = ("learner", "classroom", "nowhere")
_SENSED = ("face", "voice")
# From the fastest that was ever measured to what no lesson can use any more.
_FAST = (0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 1.0)
_MODEL = (0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 15.0)
_AGE = (0.05, 0.1, 0.2, 0.3, 0.5, 0.75, 1.0, 1.5, 2.0, 3.0, 5.0, 8.0)

# --- what runs ------------------------------------------------------------------------------------

BUILD = Info(
    f"{PREFIX}build",
    "What runs in this process: the package's version, the schema version of Windows and Readings, "
    "the process's role and, in a worker, the version of its Runner.",
)
FAMILIES[f"{PREFIX}build_info"] = Family(
    f"{PREFIX}build_info",
    "gauge",
    "Always 1; its labels say what runs in this process: the package's version, the schema version "
    "of Windows and Readings, its role, and the version of a worker's Runner.",
    {
        "version": Names(),
        "schema": Names(),
        "role": ("web", "worker", "chores"),
        "runner": Names(),
    },
)
FAULTS = counter(
    "faults",
    "Unexpected exceptions that were written to the log with a number, by type.",
    error=Names(),
)
DRAINING = gauge("draining", "1 while this web process takes no new sessions and lets its own go.")

# --- sockets and sessions -------------------------------------------------------------------------

SESSIONS = gauge(
    "sessions",
    "Sessions of this web process: live (a socket is open), or waiting for a learner who may come "
    "back within SESSION_GRACE_S.",
    state=("live", "waiting"),
)
SESSIONS_LIMIT = gauge("sessions_limit", "Most live sessions that this web process takes.")
SOCKETS = gauge("sockets", "Open websockets.", room=_ROOMS)
SOCKETS_OPENED = counter("sockets_opened", "Websockets that were accepted.", room=_ROOMS)
SOCKETS_CLOSED = counter(
    "sockets_closed",
    "Websockets that ended, by close code.",
    room=_ROOMS,
    code=(
        *("1000", "1001", "1005", "1006", "1008", "1009", "1011", "1012", "1013"),
        *("4401", "4403", "4404", "4409", "4429", "4430", "4503", "other"),
    ),
)
SOCKETS_REFUSED = counter(
    "sockets_refused",
    "Websockets that were refused or ended by us, by the error's code (docs/protocol.md).",
    room=_ROOMS,
    code=Names(("server_full", "too_fast", "not_signed_in", "bad_ticket", "messages_away")),
)
SOCKET_MESSAGES = counter(
    "socket_messages",
    "Messages over websockets: in from browsers, out to them.",
    room=_ROOMS,
    way=("in", "out"),
)
SESSIONS_RESUMED = counter(
    "sessions_resumed", "Sessions whose learner came back to what this process still knew."
)
EVENTS = counter(
    "events",
    "Events of lessons that reached the engine.",
    kind=(
        *("StepShown", "Answer", "HintRequest", "Idle", "Activity", "Visibility", "TextMessage"),
        *("SelfReport", "Outcome", "other"),
    ),
)
RATE_LIMITED = counter(
    "rate_limited",
    "Visits that were refused because a person or an address came too often.",
    door=("requests", "sockets", "offers", "consents", "links", "messages", "other"),
)

# --- the gate -------------------------------------------------------------------------------------

GATE_ANSWERS = counter(
    "gate_answers",
    "Answers of the gate for a modality: used, not_consented, or why law or policy said no.",
    modality=MODALITIES,
    answer=(
        *("used", "not_consented", "forbidden_by_law", "not_permitted", "switched_off"),
        *("needs_guardian", "needs_release", "profile_expired", "approval_missing"),
        *("decision_missing", "course_paused", "off_in_course", "other"),
    ),
)
CONSENT_REFUSALS = counter(
    "consent_refusals",
    "SDP offers and events that were refused for want of a consent or a permission.",
    what=("offer", "event"),
    reason=(
        *("not_consented", "forbidden_by_law", "not_permitted", "switched_off"),
        *("needs_guardian", "needs_release", "profile_expired", "approval_missing"),
        *("decision_missing", "course_paused", "off_in_course", "other"),
    ),
)

# --- media ----------------------------------------------------------------------------------------

PEERS = gauge("peers", "WebRTC peers that are open.")
PEERS_OPENED = counter("peers_opened", "WebRTC peers whose offer was answered.")
PEERS_ENDED = counter(
    "peers_ended",
    "WebRTC peers that ended or could not begin, by why.",
    reason=Names(("closed", "connect_timeout", "connection_failed", "stalled_too_long")),
)
FRAMES = counter("frames", "Frames of cameras that were decoded.")
FRAMES_SAMPLED = counter("frames_sampled", "Frames in which a face was looked for.")
FRAMES_DROPPED = counter(
    "frames_dropped",
    "Frames in which none was: not_due (more come than are wanted), replaced (a newer one came "
    "first: the machine is too slow), paused, not_wanted (no consent), unreadable; and thinned: a "
    "face was found, and a worker that is too slow left it out.",
    why=("not_due", "replaced", "paused", "not_wanted", "unreadable", "thinned", "other"),
)
SOUND_SECONDS = counter("sound_seconds", "Seconds of sound that were heard.")
SOUND_LOST_SECONDS = counter(
    "sound_lost_seconds",
    "Seconds of sound that were not: gap (lost on the network), overflow (the machine is too "
    "slow), paused, unreadable.",
    why=("gap", "overflow", "paused", "unreadable", "other"),
)
MEDIA_QUALITY_STEPS = counter(
    "media_quality_steps",
    "Steps of the adaptive quality: to which level of media, and what asked for it.",
    level=("full", "reduced", "low", "sound_only", "camera_free", "other"),
    why=("network", "cpu", "recovered", "other"),
)
WINDOW_QUALITY = counter(
    "window_quality",
    "Windows that were cut, by the word for what the sensor gave in them; one count a modality.",
    modality=_SENSED,
    quality=tuple(dict.fromkeys((*get_args(FaceQuality), *get_args(VoiceQuality)))),
)
WINDOWS = counter(
    "windows",
    "Windows that were cut: queued, unusable (nothing can be read of them), backlog (too many are "
    "under way), queue_away, withdrawn (paused or taken back on the way).",
    what=("queued", "unusable", "backlog", "queue_away", "withdrawn", "other"),
)

# --- the queue and the worker ---------------------------------------------------------------------

WINDOW_QUEUE_AGE = histogram(
    "window_queue_age_seconds", "How long a Window waited until a worker took it.", _AGE
)
BATCH_WINDOWS = histogram(
    "batch_windows", "Windows in a batch.", (1, 2, 4, 8, 12, 16, 24, 32, 64, 128, 256)
)
INFERENCE_SECONDS = histogram("inference_seconds", "Time of the Runner for one batch.", _MODEL)
WINDOWS_UNREADABLE = counter(
    "windows_unreadable",
    "Waiting Windows that a worker could not take: schema (of another version), damaged, expired.",
    why=("schema", "damaged", "expired", "other"),
)
WORKER_ERRORS = counter(
    "worker_errors", "Batches that failed, by type of exception.", error=Names()
)
DOORBELLS = counter(
    "doorbells",
    "Doorbells: rung, lost (the broker was away), answered (a worker found Windows), empty.",
    what=("rung", "lost", "answered", "empty"),
)
PUSH_SECONDS = histogram(
    "push_seconds", "Time to hand one message to the channel layer in a worker.", _FAST
)
PUSH_FAILED = counter(
    "push_failed", "Messages of a worker that were not delivered, by why.", error=Names()
)
SHADOW_WINDOWS = counter(
    "shadow_windows", "Windows of the shadow Runner.", what=("read", "skipped", "failed")
)

# --- what comes of it -----------------------------------------------------------------------------

READINGS = counter(
    "readings",
    "Windows whose Readings came back: taken, late (READING_MAX_AGE_S), unasked (paused, replaced "
    "or taken back meanwhile), schema (of another version).",
    what=("taken", "late", "unasked", "schema", "other"),
)
ESTIMATE_AGE = histogram(
    "estimate_age_seconds",
    "From the arrival of a Window's newest frame or sound at the web process to its Estimate in "
    "the session. The way from the camera to the server is not in it: no server can see it.",
    _AGE,
    modality=_SENSED,
)
ESTIMATES = counter("estimates", "Estimates of one modality.", modality=MODALITIES)
ENGINE_SECONDS = histogram("engine_seconds", "Time of one step of the engine.", _FAST)
SIGNALS = counter(
    "signals", "Affect signals of all learners.", kind=SIGNAL_KINDS, edge=("raised", "cleared")
)
ADAPTATIONS = counter(
    "adaptations",
    "Adaptations: offered to learners, made quietly, or told to teachers.",
    kind=ADAPTATION_KINDS,
    mode=("offer", "quiet", "teacher"),
)
OUTCOMES = counter(
    "outcomes",
    "What became of Adaptations.",
    outcome=("taken", "dismissed", "ignored", "wrong", "other"),
)
STEPS_LOST = counter(
    "steps_lost",
    "Steps of a session that failed while the lesson went on: a write or a push that found the "
    "database or the broker away.",
    part=("database", "broker", "network", "other"),
)
DATABASE_FAILURES = counter(
    "database_failures",
    "Statements of this process that the database refused or did not answer, by type.",
    error=Names(("OperationalError", "InterfaceError")),
)

# --- chores ---------------------------------------------------------------------------------------

WEBHOOKS = counter(
    "webhooks",
    "Webhook deliveries: delivered, retried later, failed for good, dropped (too many waited, or "
    "the broker was away).",
    what=("delivered", "retried", "failed", "dropped"),
)
PRUNED_ROWS = counter(
    "pruned_rows", "Rows that were deleted when their time was over.", table=Names()
)


def build(version: str, schema: str, role: str, runner: str = "") -> None:
    """Say what runs here; again where the Runner changes."""
    BUILD.info({"version": version, "schema": schema, "role": role, "runner": runner})
