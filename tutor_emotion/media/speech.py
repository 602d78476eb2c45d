"""Who speaks, and until when: Silero VAD cuts utterances; silence is forgotten at once."""

from __future__ import annotations

import os
from collections import deque
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

# Read when it is imported, or it keeps a name of this machine in the home folder and tells its
# makers of its use. Who wants that sets it to 0.
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
import onnxruntime as ort

from tutor_emotion.core.quality import (
    judge_room,
    judge_speech,
    level_dbfs,
    measure_sound,
)
from tutor_emotion.core.types import SAMPLE_RATE_HZ, Int16Sound, Utterance, VoiceQuality
from tutor_emotion.core.windows import SoundHeard
from tutor_emotion.nets.weights import read_weights

VAD_FILE = "silero_vad.onnx"
BLOCK = 512  # samples of 32 ms, the only size that the net takes at 16 kHz
CONTEXT = 64  # samples of the block before, which it wants in front
BLOCK_S = BLOCK / SAMPLE_RATE_HZ
START_P, END_P = 0.5, 0.35  # the net's own hysteresis (Silero's defaults)
MIN_SPEECH_S = 0.3
MAX_SPEECH_S = 10.0
TRAILING_S = 0.5
PREROLL_BLOCKS = 6  # 0.19 s: the net is sure of an onset only after it
KEPT_TAIL_BLOCKS = 5
MIN_QUALITY = 0.1
INAUDIBLE = 8  # of 32768: a microphone that is muted, or its noise taken out by the browser
NOISE_BLOCKS = 256  # 8 s of the room


@lru_cache(maxsize=2)
def load_vad(weights_dir: Path) -> ort.InferenceSession:
    """The net, shared by all learners: it keeps no state of its own.

    Raises:
        Unavailable: ``weights_missing``, ``weights_corrupt``.
    """
    options = ort.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    model = read_weights(weights_dir, VAD_FILE)
    return ort.InferenceSession(model, options, providers=["CPUExecutionProvider"])


class Vad:
    """One learner's state of the net."""

    _rate = np.array(SAMPLE_RATE_HZ, np.int64)

    def __init__(self, net: ort.InferenceSession) -> None:
        self._net = net
        self.reset()

    def reset(self) -> None:
        self._state: NDArray[np.float32] = np.zeros((2, 1, 128), np.float32)
        self._input: NDArray[np.float32] = np.zeros((1, CONTEXT + BLOCK), np.float32)

    def probability(self, block: Int16Sound) -> float:
        """That the BLOCK samples of ``block`` are speech. What nobody could hear costs no net."""
        if np.abs(block).max() <= INAUDIBLE:
            self._input[:] = 0.0
            return 0.0
        self._input[:, :CONTEXT] = self._input[:, -CONTEXT:]
        self._input[0, CONTEXT:] = block
        self._input[0, CONTEXT:] /= 32768.0
        feed = {"input": self._input, "state": self._state, "sr": self._rate}
        output, self._state = self._net.run(None, feed)
        return float(output[0, 0])


@dataclass(frozen=True, slots=True, eq=False)
class Block:
    """BLOCK samples from ``start_s`` (session clock); ``gap`` of them were never received."""

    start_s: float
    samples: Int16Sound
    gap: int


@dataclass(frozen=True, slots=True, eq=False)
class Stretch:
    """Blocks from the first to the last of an utterance, with pre-roll and tail."""

    blocks: tuple[Block, ...]


class Cutter:
    """Probabilities become stretches of speech. Knows no net and no clock."""

    def __init__(self) -> None:
        self._before: deque[Block] = deque(maxlen=PREROLL_BLOCKS)
        self._speech: list[Block] = []
        self._voiced = 0
        self._quiet = 0

    @property
    def speaking(self) -> bool:
        return bool(self._speech)

    def recent(self, seconds: float) -> Int16Sound:
        """The newest samples of the speech that goes on."""
        blocks = self._speech[-max(1, round(seconds / BLOCK_S)) :]
        return np.concatenate([b.samples for b in blocks]) if blocks else np.empty(0, np.int16)

    def add(self, block: Block, probability: float) -> Stretch | None:
        """Take the next block; a stretch that ended with it, if it was long enough to be speech."""
        if not self._speech:
            self._before.append(block)
            if probability >= START_P:
                self._speech = list(self._before)
                self._before.clear()
                self._voiced, self._quiet = 1, 0
            return None
        self._speech.append(block)
        if probability >= END_P:
            self._voiced += 1
            self._quiet = 0
        else:
            self._quiet += 1
        if self._quiet * BLOCK_S >= TRAILING_S:
            return self.end()
        return self.end(goes_on=True) if len(self._speech) * BLOCK_S >= MAX_SPEECH_S else None

    def end(self, *, goes_on: bool = False) -> Stretch | None:
        """What was said so far, and forget it. ``goes_on``: the speech itself has not ended."""
        spare = 0 if goes_on else max(0, self._quiet - KEPT_TAIL_BLOCKS)
        blocks = self._speech[: len(self._speech) - spare]
        enough = self._voiced * BLOCK_S >= MIN_SPEECH_S
        self._speech, self._voiced, self._quiet = [], 0, 0
        return Stretch(tuple(blocks)) if blocks and enough else None


@dataclass(frozen=True, slots=True, eq=False)
class Heard:
    """What a piece of sound brought: ended utterances with their words, and a note."""

    utterances: tuple[tuple[Utterance, VoiceQuality], ...]
    note: SoundHeard
    speaking: bool


class Ear:
    """One learner's hearing: 16 kHz sound in, utterances out. Holds at most 10 s of speech."""

    def __init__(self, net: ort.InferenceSession) -> None:
        self._vad = Vad(net)
        self._cutter = Cutter()
        self._rest: Int16Sound = np.empty(0, np.int16)
        self._rest_gap = 0
        self._room: deque[float] = deque(maxlen=NOISE_BLOCKS)

    def hear(self, start_s: float, samples: Int16Sound, gap: int = 0) -> Heard:
        """int16 ``samples`` that continue the last ones; the first is at ``start_s``."""
        begin_s = start_s - self._rest.size / SAMPLE_RATE_HZ
        line = np.concatenate([self._rest, samples])
        gap_left = self._rest_gap + gap
        ended: list[tuple[Utterance, VoiceQuality]] = []
        spoke = self._cutter.speaking
        whole = line.size // BLOCK
        for index in range(whole):
            lost = min(BLOCK, gap_left)
            gap_left -= lost
            at_s = begin_s + index * BLOCK_S
            block = Block(at_s, line[index * BLOCK : (index + 1) * BLOCK], lost)
            stretch = self._take(block)
            spoke = spoke or self._cutter.speaking
            ended += [self._utter(stretch)] if stretch else []
        self._rest = line[whole * BLOCK :].copy()
        self._rest_gap = gap_left
        note = self._note(begin_s + whole * BLOCK_S, spoke, line[: whole * BLOCK])
        return Heard(_worth(ended), note, self._cutter.speaking)

    def end(self, at_s: float) -> Heard:
        """Nothing continues: what was being said is an utterance now, and the net starts afresh."""
        stretch = self._cutter.end()
        self._vad.reset()
        self._rest, self._rest_gap = np.empty(0, np.int16), 0
        ended = [self._utter(stretch)] if stretch else []
        word: VoiceQuality = ended[0][1] if ended else "silent"
        return Heard(_worth(ended), SoundHeard(at_s, bool(ended), word), speaking=False)

    def _take(self, block: Block) -> Stretch | None:
        probability = self._vad.probability(block.samples)
        stretch = self._cutter.add(block, probability)
        if not self._cutter.speaking and probability < END_P and not block.gap:
            self._room.append(level_dbfs(block.samples))
        return stretch

    def _noise_dbfs(self) -> float | None:
        return float(np.median(self._room)) if len(self._room) >= 8 else None

    def _note(self, at_s: float, spoke: bool, sound: Int16Sound) -> SoundHeard:
        if not spoke:
            return SoundHeard(at_s, False, judge_room(measure_sound(sound, None)))
        speech = self._cutter.recent(1.0) if self._cutter.speaking else sound
        return SoundHeard(at_s, True, judge_speech(measure_sound(speech, self._noise_dbfs()))[1])

    def _utter(self, stretch: Stretch) -> tuple[Utterance, VoiceQuality]:
        samples = np.concatenate([block.samples for block in stretch.blocks])
        gap_share = sum(block.gap for block in stretch.blocks) / samples.size
        quality, word = judge_speech(measure_sound(samples, self._noise_dbfs()), gap_share)
        first_s = stretch.blocks[0].start_s
        end_s = first_s + samples.size / SAMPLE_RATE_HZ
        return Utterance(first_s, end_s, samples, gap_share, quality), word


def _worth(
    ended: list[tuple[Utterance, VoiceQuality]],
) -> tuple[tuple[Utterance, VoiceQuality], ...]:
    return tuple((u, word) for u, word in ended if u.quality >= MIN_QUALITY)
