"""Every message on our websockets, as closed typed unions; the only definition of them.

``frontend/src/protocol.ts`` is generated from this file (``make types``). Unknown types, unknown
fields and impossible values are refused here, before anything else looks at them.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal, TypeAlias, get_args

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, TypeAdapter, ValidationError

from tutor_emotion.core.types import (
    AdaptationKind,
    FaceQuality,
    Modality,
    VoiceQuality,
)
from tutor_emotion.errors import BadInput

# 2: servers understand `numbered` and `media_sending`. While a site is upgraded a page may meet an
# older server, and leaves out what that would refuse.
PROTOCOL_VERSION = 2
MAX_MESSAGE_BYTES = 64 * 1024
MAX_SDP_BYTES = 32 * 1024
MAX_MESSAGES_PER_S = 50
SUBPROTOCOL = "tutor-emotion"  # the first that a socket offers; the second is its ticket

# PostgreSQL has no text with a NUL in it.
Key: TypeAlias = Annotated[
    str, StringConstraints(min_length=1, max_length=100, pattern=r"^[^\x00]+$")
]
Title: TypeAlias = Annotated[str, StringConstraints(max_length=100, pattern=r"^[^\x00]*$")]
Seconds: TypeAlias = Annotated[float, Field(ge=0, le=86_400, allow_inf_nan=False)]
Unit: TypeAlias = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
SessionId: TypeAlias = Annotated[str, StringConstraints(pattern=r"^[0-9a-f-]{36}$")]


TRACEPARENT = r"^00-[0-9a-f]{32}-[0-9a-f]{16}-0[01]$"


class Message(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


# --- the learner's browser → us ----------------------------------------------------------------


class Ping(Message):
    """``sent_s`` is the client's own clock; it comes back in the pong."""

    type: Literal["ping"] = "ping"
    sent_s: float = Field(allow_inf_nan=False)


class RtcOffer(Message):
    """An SDP offer; ``modalities`` says what its tracks are for."""

    type: Literal["rtc_offer"] = "rtc_offer"
    sdp: Annotated[str, StringConstraints(min_length=1, max_length=MAX_SDP_BYTES)]
    modalities: Annotated[list[Literal["face", "voice"]], Field(min_length=1, max_length=2)]


class RtcCandidate(Message):
    """One ICE candidate; an empty ``candidate`` says that there are no more."""

    type: Literal["rtc_candidate"] = "rtc_candidate"
    candidate: Annotated[str, StringConstraints(max_length=1024)]
    sdp_mid: Annotated[str, StringConstraints(max_length=32)] | None = None
    sdp_mline_index: Annotated[int, Field(ge=0, le=8)] | None = None


class MediaPause(Message):
    """The learner pauses or resumes the sensors; paused media is dropped unseen."""

    type: Literal["media_pause"] = "media_pause"
    paused: bool


class MediaSending(Message):
    """What the page sends now, of what its offer named: on a narrow line or a slow machine sound
    alone. The rest is not missing. It sends less of its own accord, never more than was agreed."""

    type: Literal["media_sending"] = "media_sending"
    sensors: Annotated[list[Literal["face", "voice"]], Field(min_length=1, max_length=2)]


class MediaStop(Message):
    """The learner stops camera and microphone: the peer is closed."""

    type: Literal["media_stop"] = "media_stop"


class AskWhy(Message):
    """The learner asks why an offer was made. ``reasons`` come later, where there are any."""

    type: Literal["ask_why"] = "ask_why"
    adaptation: Annotated[int, Field(ge=0, le=1_000_000)]


class LessonEvent(Message):
    """``traceparent``: a random number of W3C Trace Context by which an operator follows this one
    event; sent where ``welcome`` says ``traced``, kept nowhere."""

    traceparent: Annotated[str, StringConstraints(pattern=TRACEPARENT)] | None = None


class StepShownMessage(LessonEvent):
    """``title`` and ``skill_title`` are what a teacher reads instead of the keys, where given."""

    type: Literal["step_shown"] = "step_shown"
    step: Key
    skill: Key
    title: Title = ""
    skill_title: Title = ""
    difficulty: Unit = 0.5
    expected_s: Seconds | None = None


class AnswerMessage(LessonEvent):
    type: Literal["answer"] = "answer"
    step: Key
    skill: Key
    correct: bool
    took_s: Seconds
    answer: Annotated[str, StringConstraints(max_length=200)] = ""
    expected_p: Unit | None = None
    hedged: bool = False
    revealed: bool = False


class HintRequestMessage(LessonEvent):
    type: Literal["hint_request"] = "hint_request"
    step: Key
    level: Annotated[int, Field(ge=1, le=20)] = 1
    bottom_out: bool = False


class IdleMessage(LessonEvent):
    type: Literal["idle"] = "idle"
    idle_s: Seconds


class ActivityMessage(LessonEvent):
    type: Literal["activity"] = "activity"
    busy: Literal["typing", "speaking", "playing", "none"]


class VisibilityMessage(LessonEvent):
    type: Literal["visibility"] = "visibility"
    hidden: bool


class TextMessageMessage(LessonEvent):
    type: Literal["text"] = "text"
    text: Annotated[str, StringConstraints(min_length=1, max_length=2000)]


class SelfReportMessage(LessonEvent):
    type: Literal["self_report"] = "self_report"
    feeling: Literal["fine", "confused", "stuck", "bored"]


class OutcomeMessage(LessonEvent):
    """What the learner did with the Adaptation ``adaptation`` (its id in this session)."""

    type: Literal["outcome"] = "outcome"
    adaptation: Annotated[int, Field(ge=0, le=1_000_000)]
    outcome: Literal["taken", "dismissed", "ignored", "wrong"]
    choice: AdaptationKind | None = None


EventMessage: TypeAlias = (
    StepShownMessage
    | AnswerMessage
    | HintRequestMessage
    | IdleMessage
    | ActivityMessage
    | VisibilityMessage
    | TextMessageMessage
    | SelfReportMessage
    | OutcomeMessage
)


class Numbered(Message):
    """An event under the page's own number of it: 1, 2, 3 … in a session. It is heard once, however
    often it is sent; ``kept`` says up to which number nothing has to be sent again."""

    type: Literal["numbered"] = "numbered"
    number: Annotated[int, Field(ge=1, le=1_000_000_000)]
    event: Annotated[EventMessage, Field(discriminator="type")]


FromLearner: TypeAlias = Annotated[
    Ping
    | RtcOffer
    | RtcCandidate
    | MediaPause
    | MediaSending
    | MediaStop
    | AskWhy
    | Numbered
    | EventMessage,
    Field(discriminator="type"),
]

# --- us → the learner's browser ----------------------------------------------------------------


class IceServer(Message):
    urls: list[str]
    username: str | None = None
    credential: str | None = None


class Welcome(Message):
    """First message on a socket. ``allowed`` are the modalities that the gate permits now.

    ``protocol``: this server's. Before 2 a page sends events without ``numbered``, and no
    ``media_sending``.

    ``ice_for_s``: so long the credentials of ``ice_servers`` begin a relay. For a connection that
    is made later, a new socket has new ones.
    """

    type: Literal["welcome"] = "welcome"
    protocol: int = PROTOCOL_VERSION
    session: SessionId
    allowed: list[Modality]
    ice_servers: list[IceServer]
    ice_for_s: float
    resumed: bool
    server_time_s: float
    traced: bool = False


class Pong(Message):
    type: Literal["pong"] = "pong"
    sent_s: float
    server_time_s: float


class RtcAnswer(Message):
    type: Literal["rtc_answer"] = "rtc_answer"
    sdp: str


class Status(Message):
    """What is in use now, and what may be. ``reason`` is an error code where ``media`` is not as
    wished. A sensor that is not ``allowed`` is let go of at once, without asking why."""

    type: Literal["status"] = "status"
    media: Literal["off", "connecting", "live", "paused", "stalled", "failed"]
    in_use: list[Modality]
    allowed: list[Modality]
    reason: str = ""


class WindowReport(Message):
    """What became of one Window; no content, only whether it could be used.

    ``newest_media_s`` is the sender's media time of its newest frame, ``estimated_at_s`` the
    server's unix time at which its Estimate was there (None: nothing was estimated).
    """

    type: Literal["window"] = "window"
    seq: int
    face: FaceQuality
    voice: VoiceQuality
    newest_media_s: float | None = None
    estimated_at_s: float | None = None


class EvidenceItem(Message):
    """One measured reason. The words are made of ``measure`` in the browser's catalogue.

    ``z``: the learner's own standard deviations between ``value`` and ``usual``; ``for_s``: for how
    long it was so. ``nats``: what it gave to its own Estimate, before fusion caps what one modality
    may weigh.
    """

    modality: Modality
    measure: str
    value: float
    unit: str
    usual: float | None = None
    z: float | None = None
    for_s: float | None = None
    nats: float


class PaceEffects(Message):
    """What the pace level means in this course (``core.pace.Effects``)."""

    segment: float
    wait: float
    examples: int
    review: int


class AdaptationMessage(Message):
    """An Adaptation for the lesson. ``message`` is a key of the catalogue.

    ``items``: for how many items an easier one stays. The titles are of the step and the skill
    that it is about, empty where the lesson gave none. ``effects`` are of ``pace``.
    """

    type: Literal["adaptation"] = "adaptation"
    id: int
    kind: AdaptationKind
    mode: Literal["offer", "quiet"]
    message: str
    choices: list[AdaptationKind]
    pace: int
    expires_in_s: float
    evidence: list[EvidenceItem]
    items: int = 1
    step_title: str = ""
    skill_title: str = ""
    effects: PaceEffects


class Contact(Message):
    """Somebody to talk to, as the school has set it: beside the lesson, with nothing else said.

    ``id`` counts up in a session: one that was put away does not come back with a reconnection.
    """

    type: Literal["contact"] = "contact"
    id: int
    text: str


class Kept(Message):
    """All events up to ``number`` are written down, as far as any is to be."""

    type: Literal["kept"] = "kept"
    number: int


class Reasons(Message):
    """What was noticed besides, where a site runs an omni model: physical claims that measures bear
    out, by their names in ``core.claims``. The page has the words."""

    type: Literal["reasons"] = "reasons"
    adaptation: int
    claims: list[str]


class Move(Message):
    """This server is about to end: open another socket, and leave this one when that one speaks."""

    type: Literal["move"] = "move"


class ErrorMessage(Message):
    """``fatal``: the socket closes after it, and coming back by itself would not help."""

    type: Literal["error"] = "error"
    code: str
    message: str
    hint: str = ""
    retry: bool = False
    fatal: bool = False


ToLearner: TypeAlias = Annotated[
    Welcome
    | Pong
    | RtcAnswer
    | Status
    | WindowReport
    | AdaptationMessage
    | Kept
    | Reasons
    | Contact
    | Move
    | ErrorMessage,
    Field(discriminator="type"),
]

# --- the classroom -----------------------------------------------------------------------------

# Most in need first: the classroom is sorted in this order.
Need: TypeAlias = Literal[
    "call",
    "wheelspin",
    "unresolved",
    "frustrated",
    "struggle",
    "rushing",
    "idle",
    "fine",
    "on_a_roll",
]
NEEDS: tuple[Need, ...] = get_args(Need)


class Reason(Message):
    """Why a learner is where they are in the list; words come from the catalogue.

    ``measure`` is a key such as ``misses_on_step``; ``skill`` (its title, or its key where the
    lesson gave none) and ``minutes`` fill its blanks.
    """

    measure: str
    value: float = 0
    skill: str = ""
    minutes: float = 0


class LearnerRow(Message):
    """One learner as the teacher sees them: no video, no probabilities, no modality.

    ``since_s`` is how long they have been in this need. ``confidence`` is a band. ``step`` is the
    title of the step, or its key where the lesson gave none. ``classes`` are those of the learner
    that this teacher sees.
    """

    session: SessionId
    name: str
    need: Need
    reasons: list[Reason]
    since_s: float
    confidence: Literal["low", "medium", "high"]
    coverage: Unit
    step: str = ""
    last_adaptation: AdaptationKind | None = None
    last_outcome: Literal["taken", "dismissed", "ignored", "wrong"] | None = None
    acknowledged_by: str = ""
    connected: bool = True
    classes: list[int] = []


class ClassInfo(Message):
    """A class of the course that this teacher sees."""

    id: int
    name: str


class Acknowledge(Message):
    """The teacher is on it (or takes that back)."""

    type: Literal["acknowledge"] = "acknowledge"
    session: SessionId
    on_it: bool = True


class Resync(Message):
    """The page missed a number: the whole class, please."""

    type: Literal["resync"] = "resync"


FromTeacher: TypeAlias = Annotated[Ping | Acknowledge | Resync, Field(discriminator="type")]


class ClassroomMessage(Message):
    """The whole class; sent first, and whenever a gap may have come about.

    Messages are numbered by ``seq``. A class that does not fit into one message is completed by
    the next ``parts`` messages of type ``learners``; most in need come first.
    """

    type: Literal["classroom"] = "classroom"
    seq: int
    parts: int
    course: Key
    title: str
    paused: bool
    classes: list[ClassInfo]
    learners: list[LearnerRow]


class LearnersMessage(Message):
    """Rows that changed, coalesced; ``left`` are sessions that ended. ``seq`` counts on by one."""

    type: Literal["learners"] = "learners"
    seq: int
    changed: list[LearnerRow]
    left: list[SessionId]


ToTeacher: TypeAlias = Annotated[
    Pong | ClassroomMessage | LearnersMessage | Move | ErrorMessage, Field(discriminator="type")
]

# --- HTTP bodies -------------------------------------------------------------------------------


class LanguageQuery(Message):
    """In which language the school's own words are wished for."""

    language: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{0,35}$")] = ""


class SetupQuery(LanguageQuery):
    token: Annotated[str, StringConstraints(max_length=2000)] = ""


class ConsentBody(Message):
    """What the learner chose, modality by modality, under the text version they were shown.

    ``calibration``: whether labelled moments may be kept; null leaves that as it is.
    """

    token: Annotated[str, StringConstraints(max_length=2000)]
    text_version: Annotated[str, StringConstraints(max_length=40)]
    modalities: dict[Modality, bool]
    calibration: bool | None = None


class SessionBody(Message):
    """Begin a session for the course and lesson that the host signed into ``token``."""

    token: Annotated[str, StringConstraints(max_length=2000)]


class ModalityRule(Message):
    """What the gate says of one modality: usable here or why not, and whether consented."""

    modality: Modality
    permitted: bool
    reason: str
    consented: bool


class CalibrationRule(Message):
    """Whether this course asks to keep labelled moments, and whether the learner agreed to it."""

    offered: bool
    consented: bool


class Setup(Message):
    """What the learner's panel must know before anything begins.

    ``words``: which wording of the question to show, ``child`` for learners below 16 or of unknown
    age. ``messages``: this school's own words in the language that was asked for, by key, plain
    text.
    """

    course: Key
    title: str
    lesson: str
    text_version: str
    words: Literal["child", "adult"]
    rules: list[ModalityRule]
    calibration: CalibrationRule
    messages: dict[str, list[str]] = {}


class SessionOpened(Message):
    """``ticket`` opens the socket once, soon; ``sessions/<id>/ticket/`` gives the next."""

    session: SessionId
    socket_path: str
    ticket: str


class Ticket(Message):
    """What a websocket carries as its second subprotocol; good for a minute and once."""

    ticket: str


class SessionSummary(Message):
    """A learner's own record of one session, as the page and ``simulate_learner`` read it.

    All that is kept of it: also the events that a teacher's timeline is made of, and who looked at
    this learner in the course since it began.
    """

    session: SessionId
    course: Key
    lesson: str
    estimates: int
    windows: dict[str, int]
    signals: list[dict[str, Any]]
    adaptations: list[dict[str, Any]]
    moments: list[dict[str, Any]]
    events: list[dict[str, Any]]
    looks: list[dict[str, Any]]


_FROM_LEARNER: TypeAdapter[Any] = TypeAdapter(FromLearner)
_FROM_TEACHER: TypeAdapter[Any] = TypeAdapter(FromTeacher)


def parse_from_learner(text: str) -> Any:
    """One message of the learner's socket.

    Raises:
        BadInput: ``message_too_large``, ``bad_message`` (not JSON, unknown type, wrong shape).
    """
    return _parse(_FROM_LEARNER, text)


def parse_from_teacher(text: str) -> Any:
    """One message of the classroom's socket; errors as ``parse_from_learner``."""
    return _parse(_FROM_TEACHER, text)


def _parse(adapter: TypeAdapter[Any], text: str) -> Any:
    if len(text) > MAX_MESSAGE_BYTES or len(text.encode()) > MAX_MESSAGE_BYTES:
        raise BadInput(
            "message_too_large",
            "The message is larger than 64 KiB.",
            hint="Send less in one message.",
        )
    try:
        return adapter.validate_json(text)
    except ValidationError as error:
        raise BadInput("bad_message", *describe(error)) from None
    except RecursionError:
        raise BadInput("bad_message", "The message is nested too deep.") from None


def describe(error: ValidationError) -> tuple[str]:
    """The first fault in plain words: where and what, never the value itself."""
    first = error.errors(include_url=False, include_input=False, include_context=False)[0]
    # A field that is too much stands here under the name that it was sent with.
    where = ".".join(str(part) for part in first["loc"])[:80] or "message"
    # pydantic quotes the type that it does not know.
    said = "unknown type" if first["type"] == "union_tag_invalid" else first["msg"]
    return (f"{where}: {said}",)
