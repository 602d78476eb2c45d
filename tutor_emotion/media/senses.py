"""Eyes and ears of one learner: encoded frames in, a Window each hop out. Knows no network."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from tutor_emotion.core.types import Modality, Window, WindowSpec
from tutor_emotion.core.windows import WindowAssembler
from tutor_emotion.media.config import PeerConfig
from tutor_emotion.media.counting import Teller
from tutor_emotion.media.cropping import shared_cropper
from tutor_emotion.media.decoding import Arrivals
from tutor_emotion.media.following import Follower
from tutor_emotion.media.hearing import SoundSampler
from tutor_emotion.media.pool import media_pool
from tutor_emotion.media.sampling import FaceSampler
from tutor_emotion.media.speech import Ear, Heard, load_vad


class Senses:
    """Closed until ``open``; from then on ``use`` says which of them may see or hear.

    What they see and hear comes from the pool's threads; the rest is called on the event loop.
    """

    def __init__(self, spec: WindowSpec, config: PeerConfig) -> None:
        self._spec = spec
        self._config = config
        self._lock = threading.Lock()  # of the assembler: what is forgotten must not come after all
        self._assembler = WindowAssembler(spec, utterance_max_age_s=config.utterance_max_age_s)
        self._used: frozenset[Modality] = frozenset()
        self._teller = Teller()
        self._face: FaceSampler | None = None
        self._voice: SoundSampler | None = None

    @property
    def speaking(self) -> bool:
        return self._voice is not None and self._voice.speaking

    @property
    def arrivals(self) -> dict[Modality, Arrivals]:
        """What became of each track's frames so far. They go on counting."""
        return {modality: sampler.arrivals for modality, sampler in self._samplers()}

    def newest(self) -> Iterator[tuple[Modality, float]]:
        """Of each modality in use: when the newest frame that could be decoded had arrived."""
        for modality, sampler in self._samplers():
            if modality in self._used and sampler.newest_s is not None:
                yield modality, sampler.newest_s

    async def open(self, modalities: Iterable[Modality]) -> None:
        """Loads what is missing off the loop; the nets are read once for a process.

        Raises:
            Unavailable: ``weights_missing``, ``weights_corrupt``.
        """
        pool, loop = media_pool(), asyncio.get_running_loop()
        weights_dir = self._config.weights_dir
        if "face" in modalities:
            crop_px = self._spec.crop_px
            cropper = await loop.run_in_executor(pool, shared_cropper, weights_dir, crop_px)
            self._face = FaceSampler(
                lambda: Follower(cropper),
                frames_per_s=self._spec.frames_per_s,
                limits=(self._config.max_frame_width, self._config.max_frame_height),
                pool=pool,
                lock=self._lock,
                deliver=self._assembler.add_face,
            )
        if "voice" in modalities:
            net = await loop.run_in_executor(pool, load_vad, weights_dir)
            self._voice = SoundSampler(
                lambda: Ear(net), pool=pool, lock=self._lock, deliver=self._hear
            )

    def use(self, modalities: Iterable[Modality]) -> None:
        """Only these from now on; whatever the others were about to say is forgotten."""
        used = frozenset(modalities)
        came, self._used = used - self._used, used
        for modality, sampler in self._samplers():
            if modality not in used:
                sampler.forget()
            elif modality in came:
                sampler.resume()
        with self._lock:
            self._assembler.use(used)

    def take(self, modality: Modality, codec: Any, frame: Any, now_s: float) -> None:
        """An encoded frame as it arrived; of a modality that is not in use it goes nowhere."""
        sampler: FaceSampler | SoundSampler | None
        sampler = self._face if modality == "face" else self._voice
        if sampler is not None and modality in self._used:
            sampler.take(codec, frame, now_s)
        elif sampler is not None:
            sampler.arrivals.unused += 1

    def end(self, modality: Modality) -> None:
        """Its track ended: its decoder goes, and what was not looked at yet."""
        for name, sampler in self._samplers():
            if name == modality:
                sampler.forget()

    def ask_key_by(self, ask: Callable[[], None]) -> None:
        """How to ask the camera's sender for a whole picture."""
        if self._face is not None:
            self._face.ask_key = ask

    def cut(self, now_s: float) -> Window:
        if self._voice is not None:
            self._voice.tick(now_s)
        self._teller.tell(self.arrivals)
        with self._lock:
            return self._assembler.cut(now_s)

    def close(self) -> None:
        self.use(())
        self._face = self._voice = None

    def _samplers(self) -> Iterator[tuple[Modality, FaceSampler | SoundSampler]]:
        if self._face is not None:
            yield "face", self._face
        if self._voice is not None:
            yield "voice", self._voice

    def _hear(self, heard: Heard) -> None:
        self._assembler.add_sound(heard.note)
        for utterance, word in heard.utterances:
            self._assembler.add_utterance(utterance, word)
