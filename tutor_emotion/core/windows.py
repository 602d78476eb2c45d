"""The assembler: what the sensors saw and heard becomes a Window every hop, newest first."""

from __future__ import annotations

import math
from collections import Counter, deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from tutor_emotion.core.types import (
    FaceCrop,
    FaceQuality,
    Modality,
    Utterance,
    VoiceQuality,
    Window,
    WindowSpec,
)

MAX_UTTERANCES = 3
MAX_AGE_S = 10.0
MAX_NOTES = 400  # sound notes between two cuts; a caller that never cuts costs no memory


@dataclass(frozen=True, slots=True, eq=False)
class FaceSeen:
    """One sampled frame: its crop where there was a usable face, and the word if not."""

    at_s: float
    word: FaceQuality
    crop: FaceCrop | None = None
    other_faces: int = 0


@dataclass(frozen=True, slots=True)
class SoundHeard:
    """A stretch of sound as it arrived; ``word`` is of the speech in it, or of the room."""

    at_s: float
    speech: bool
    word: VoiceQuality


class WindowAssembler:
    """Gathers between two cuts. Holds at most one hop of crops and three utterances."""

    def __init__(self, spec: WindowSpec, *, utterance_max_age_s: float = MAX_AGE_S) -> None:
        self._spec = spec
        self._max_age_s = utterance_max_age_s
        self._in_use: frozenset[Modality] = frozenset()
        self._seen: deque[FaceSeen] = deque(maxlen=math.ceil(spec.frames_per_s * spec.hop_s) + 1)
        self._heard: deque[SoundHeard] = deque(maxlen=MAX_NOTES)
        self._utterances: deque[tuple[Utterance, VoiceQuality]] = deque(maxlen=MAX_UTTERANCES)
        self._seq = 0
        self._last_cut_s: float | None = None

    def use(self, modalities: Iterable[Modality]) -> None:
        """From now on only these; what was gathered of any other is forgotten."""
        self._in_use = frozenset(modalities)
        if "face" not in self._in_use:
            self._seen.clear()
        if "voice" not in self._in_use:
            self._heard.clear()
            self._utterances.clear()

    def add_face(self, seen: FaceSeen) -> None:
        if "face" in self._in_use:
            self._seen.append(seen)

    def add_sound(self, heard: SoundHeard) -> None:
        if "voice" in self._in_use:
            self._heard.append(heard)

    def add_utterance(self, utterance: Utterance, word: VoiceQuality) -> None:
        if "voice" in self._in_use:
            self._utterances.append((utterance, word))

    def cut(self, now_s: float) -> Window:
        """What was gathered since the last cut, as a Window; always one, whatever was missing."""
        hop_s = self._spec.hop_s
        start_s = now_s - hop_s if self._last_cut_s is None else self._last_cut_s
        fresh_s = now_s - 2 * hop_s  # a late cut takes the newest hop, not the backlog
        seen = [s for s in self._seen if s.at_s > fresh_s]
        heard = [h for h in self._heard if h.at_s > fresh_s]
        spoken = [(u, w) for u, w in self._utterances if u.end_s > now_s - self._max_age_s]
        window = Window(
            seq=self._seq,
            start_s=min(start_s, now_s),
            end_s=now_s,
            crops=(),
            utterances=tuple(u for u, _ in spoken),
            face="off" if "face" not in self._in_use else face_word(seen),
            voice="off" if "voice" not in self._in_use else voice_word(heard, spoken),
            frames_sampled=max(len(seen), self._due(now_s - start_s)) if seen else 0,
            other_faces=max((s.other_faces for s in seen), default=0),
        )
        self._seq += 1
        self._last_cut_s = now_s
        for buffer in (self._seen, self._heard, self._utterances):
            buffer.clear()
        if window.face in ("ambiguous_face", "off"):  # nobody's face may be taken for the learner's
            return window
        return replace(window, crops=tuple(s.crop for s in seen if s.crop is not None))

    def _due(self, seconds: float) -> int:
        """Frames that should have come; one may fall into the next hop."""
        return math.floor(min(seconds, self._spec.hop_s) * self._spec.frames_per_s) - 1


def face_word(seen: Sequence[FaceSeen]) -> FaceQuality:
    """``ok`` if at least half of the frames were; else the commonest reason, newest of equals."""
    if not seen:
        return "no_frames"
    counts = Counter(s.word for s in reversed(seen))
    if 2 * counts["ok"] >= len(seen):
        return "ok"
    del counts["ok"]
    return counts.most_common(1)[0][0]


def voice_word(
    heard: Sequence[SoundHeard], spoken: Sequence[tuple[Utterance, VoiceQuality]]
) -> VoiceQuality:
    """The newest ended utterance speaks first, then speech that goes on, then the room."""
    if spoken:
        return spoken[-1][1]
    if not heard:
        return "no_sound"
    speech = [h.word for h in heard if h.speech]
    words = speech or [h.word for h in heard]
    return Counter(reversed(words)).most_common(1)[0][0]
