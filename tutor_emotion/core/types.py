"""The words of the house as data: frozen, typed, the unit in the name.

Every time is in seconds on the *session clock* (0 = the session began) unless the name says
otherwise; ``media_s`` is the sender's own media clock (the RTP timestamp, 0 = first frame).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias, get_args

import numpy as np
from numpy.typing import NDArray

Modality: TypeAlias = Literal["face", "voice", "text", "interaction", "self_report"]
MODALITIES: tuple[Modality, ...] = get_args(Modality)
BIOMETRIC: frozenset[Modality] = frozenset({"face", "voice"})

State: TypeAlias = Literal["engaged", "confused", "frustrated", "bored", "neutral"]
STATES: tuple[State, ...] = get_args(State)

SignalKind: TypeAlias = Literal[
    "struggle.suspect",
    "struggle.strong",
    "confused",
    "frustrated",
    "unresolved",
    "bored",
    "wheelspin",
    "recovered",
]
SIGNAL_KINDS: tuple[SignalKind, ...] = get_args(SignalKind)

AdaptationKind: TypeAlias = Literal[
    "slow_down",
    "speed_up",
    "segment",
    "hint",
    "hint_glow",
    "worked_step",
    "extra_example",
    "easier_item",
    "harder_item",
    "prerequisite_item",
    "switch_item",
    "why_probe",
    "confirm",
    "encouragement",
    "break",
    "choice",
    "teacher_flag",
]
ADAPTATION_KINDS: tuple[AdaptationKind, ...] = get_args(AdaptationKind)

FaceQuality: TypeAlias = Literal[
    "ok",
    "off",  # not in use: not consented, paused, or no track
    "no_frames",  # in use, but nothing arrived in this Window
    "no_face",
    "ambiguous_face",  # a second face is nearly as large: whose is it?
    "too_small",
    "too_dark",
    "too_bright",
    "blurred",
    "turned_away",
]
VoiceQuality: TypeAlias = Literal[
    "ok", "off", "no_sound", "silent", "clipped", "too_quiet", "noisy"
]

UInt8Image: TypeAlias = NDArray[np.uint8]
Int16Sound: TypeAlias = NDArray[np.int16]
SAMPLE_RATE_HZ = 16_000


# --- what the sensors gave -------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class WindowSpec:
    """What a Runner is made for, and what the web process cuts Windows by."""

    frames_per_s: float = 5.0
    hop_s: float = 1.0
    crop_px: int = 192
    sound: Literal["utterance", "continuous"] = "utterance"


@dataclass(frozen=True, slots=True, eq=False)
class FaceCrop:
    """One upright square around the largest face.

    ``pixels`` is RGB uint8 (crop_px, crop_px, 3). ``scale`` is the crop's side as a share of the
    frame's width (nearness), ``roll_deg`` the rotation that was taken out.
    """

    at_s: float
    media_s: float
    pixels: UInt8Image = field(repr=False)  # no traceback shows a face
    scale: float
    roll_deg: float
    quality: float


@dataclass(frozen=True, slots=True, eq=False)
class Utterance:
    """One stretch of speech, 16 kHz mono int16, cut by the voice activity detector.

    ``gap_share`` is the share that was lost on the network and filled with silence. ``usual`` is
    what the Runner said of this speaker's earlier utterances (``Reading.learned``), empty at first.
    """

    start_s: float
    end_s: float
    samples: Int16Sound = field(repr=False)
    gap_share: float = 0.0
    quality: float = 1.0
    usual: tuple[float, ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True, eq=False)
class Window:
    """What one learner's sensors gave in the last hop. Lives in memory only.

    ``frames_sampled``: the frames that were looked at, or were due and did not come. A face's
    quality is a mean over them, so that a Window with holes counts for less.
    """

    seq: int
    start_s: float
    end_s: float
    crops: tuple[FaceCrop, ...]
    utterances: tuple[Utterance, ...]
    face: FaceQuality
    voice: VoiceQuality
    frames_sampled: int = 0
    other_faces: int = 0
    messages: tuple[TextMessage, ...] = ()  # typed; where the words alone said nothing

    @property
    def newest_media_s(self) -> float | None:
        """Sender's media time of the newest face crop."""
        return self.crops[-1].media_s if self.crops else None

    @property
    def usable(self) -> bool:
        return bool(self.crops or self.utterances or self.messages)


@dataclass(frozen=True, slots=True)
class Reading:
    """What a Runner says of one Window: stateless, before any baseline.

    Either ``measures`` (name → value, see ``docs/models.md``) or ``probabilities`` (label → p).
    ``n_valid`` counts frames (face) or is 1 (one utterance). ``learned`` goes back to the Runner
    with the speaker's next utterance (``Utterance.usual``): a stateless Runner can hear a change.
    """

    modality: Modality
    start_s: float
    end_s: float
    measures: Mapping[str, float]
    quality: float
    n_valid: int
    model: str
    probabilities: Mapping[str, float] | None = None
    learned: tuple[float, ...] = ()


# --- what the learner did ---------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class StepShown:
    at_s: float
    step: str
    skill: str
    difficulty: float = 0.5  # 0 easiest .. 1 hardest
    expected_s: float | None = None  # usual time of this item, if the lesson engine knows it
    title: str = ""  # for a teacher to read; the keys stand in where there is none
    skill_title: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    at_s: float
    step: str
    skill: str
    correct: bool
    took_s: float
    answer: str = ""  # normalised; used only to see the same wrong answer again
    expected_p: float | None = None  # the lesson engine's own belief that it would be right
    hedged: bool = False
    revealed: bool = False  # the answer had been shown before


@dataclass(frozen=True, slots=True)
class HintRequest:
    at_s: float
    step: str
    level: int = 1
    bottom_out: bool = False  # the hint gives the answer


@dataclass(frozen=True, slots=True)
class Idle:
    at_s: float
    idle_s: float


@dataclass(frozen=True, slots=True)
class Activity:
    """Whether an offer would interrupt: typing, speaking, a media segment playing."""

    at_s: float
    busy: Literal["typing", "speaking", "playing", "none"]


@dataclass(frozen=True, slots=True)
class Visibility:
    at_s: float
    hidden: bool


@dataclass(frozen=True, slots=True)
class TextMessage:
    at_s: float
    text: str


@dataclass(frozen=True, slots=True)
class SelfReport:
    at_s: float
    feeling: Literal["fine", "confused", "stuck", "bored"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the learner did with an Adaptation."""

    at_s: float
    adaptation: int
    outcome: Literal["taken", "dismissed", "ignored", "wrong"]
    choice: AdaptationKind | None = None


Event: TypeAlias = (
    StepShown
    | Answer
    | HintRequest
    | Idle
    | Activity
    | Visibility
    | TextMessage
    | SelfReport
    | Outcome
)
Input: TypeAlias = Reading | Event


# --- what we believe, and what we do about it ---------------------------------------------------


@dataclass(frozen=True, slots=True)
class Evidence:
    """One thing that was measured, and what it weighed.

    ``usual`` is the learner's own baseline in the same unit (None where there is none), ``z`` how
    many of their own standard deviations ``value`` is from it, ``for_s`` for how long it was so.
    ``nats`` what it gave to its Estimate's log-likelihood ratio of ``state``, before the caps.
    """

    modality: Modality
    measure: str
    value: float
    unit: str
    state: State
    nats: float
    at_s: float
    usual: float | None = None
    z: float | None = None
    for_s: float | None = None


@dataclass(frozen=True, slots=True)
class Estimate:
    """One modality's calibrated probabilities over STATES at one time; None is *no evidence*.

    ``window_s`` is what it looked at (None: one event, one vote), ``hop_s`` how often it comes.
    """

    modality: Modality
    at_s: float
    probabilities: tuple[float, float, float, float, float] | None
    quality: float
    window_s: float | None
    hop_s: float
    n_valid: int
    model: str
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True)
class AffectState:
    """The fused, filtered belief at one time. ``given`` is nats by modality, for *why*."""

    at_s: float
    probabilities: tuple[float, float, float, float, float]
    entropy: float
    evidence_nats: float
    abstain: bool
    ambiguous: bool
    coverage: float
    given: Mapping[Modality, float] = field(default_factory=dict)

    def p(self, state: State) -> float:
        return self.probabilities[STATES.index(state)]

    @property
    def struggle(self) -> float:
        return self.p("confused") + self.p("frustrated")


@dataclass(frozen=True, slots=True)
class AffectSignal:
    """A raised or cleared event. ``level`` distinguishes wheelspin ``warn`` and ``confirmed``."""

    kind: SignalKind
    edge: Literal["raised", "cleared"]
    at_s: float
    since_s: float
    confidence: float
    coverage: float
    evidence: tuple[Evidence, ...]
    models: tuple[str, ...] = ()
    skill: str = ""
    level: str = ""


@dataclass(frozen=True, slots=True)
class Adaptation:
    """What the pacing policy decided.

    ``mode``: an ``offer`` waits for the learner, ``quiet`` changes pace without a word,
    ``teacher`` goes to the classroom only. ``choices`` are the buttons of an offer besides
    "I'm fine". ``message`` is a key of the locale catalogue, never words. ``step`` and ``skill``
    are those it is about. ``items``: for how many items an easier one stays, where it is taken.
    """

    id: int
    kind: AdaptationKind
    mode: Literal["offer", "quiet", "teacher"]
    at_s: float
    expires_s: float
    signal: SignalKind | None
    message: str
    choices: tuple[AdaptationKind, ...] = ()
    pace: int = 0  # the pace level after it, -2..+2
    evidence: tuple[Evidence, ...] = ()
    step: str = ""
    skill: str = ""
    items: int = 1
