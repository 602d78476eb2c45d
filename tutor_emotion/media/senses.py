"""Eyes and ears of one learner: decoded frames in, a Window each hop out. Knows no network."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

from av import AudioFrame, VideoFrame

from tutor_emotion.core.types import Modality, Window, WindowSpec
from tutor_emotion.core.windows import WindowAssembler
from tutor_emotion.media.config import PeerConfig
from tutor_emotion.media.cropping import shared_cropper
from tutor_emotion.media.pool import media_pool
from tutor_emotion.media.sampling import FaceSampler, SoundSampler
from tutor_emotion.media.speech import Ear, Heard, load_vad


class Senses:
    """Closed until ``open``; from then on ``use`` says which of them may see or hear."""

    def __init__(self, spec: WindowSpec, config: PeerConfig) -> None:
        self._spec = spec
        self._config = config
        self._assembler = WindowAssembler(spec, utterance_max_age_s=config.utterance_max_age_s)
        self._face: FaceSampler | None = None
        self._voice: SoundSampler | None = None

    @property
    def speaking(self) -> bool:
        return self._voice is not None and self._voice.speaking

    async def open(self, modalities: Iterable[Modality]) -> None:
        """Loads what is missing off the loop; the nets are read once for a process.

        Raises:
            Unavailable: ``weights_missing``, ``weights_corrupt``.
        """
        pool, loop = media_pool(), asyncio.get_running_loop()
        weights_dir = self._config.weights_dir
        if "face" in modalities:
            self._face = FaceSampler(
                await loop.run_in_executor(pool, shared_cropper, weights_dir, self._spec.crop_px),
                frames_per_s=self._spec.frames_per_s,
                limits=(self._config.max_frame_width, self._config.max_frame_height),
                pool=pool,
                deliver=self._assembler.add_face,
            )
        if "voice" in modalities:
            net = await loop.run_in_executor(pool, load_vad, weights_dir)
            self._voice = SoundSampler(lambda: Ear(net), pool=pool, deliver=self._hear)

    def use(self, modalities: Iterable[Modality]) -> None:
        """Only these from now on; whatever the others were about to say is forgotten."""
        used = frozenset(modalities)
        if "face" not in used and self._face is not None:
            self._face.forget()
        if "voice" not in used and self._voice is not None:
            self._voice.forget()
        self._assembler.use(used)

    def take(self, frame: object, now_s: float) -> None:
        """A decoded frame of a modality that is in use, as it arrived."""
        if isinstance(frame, VideoFrame) and self._face is not None:
            self._face.offer(frame, now_s)
        elif isinstance(frame, AudioFrame) and self._voice is not None:
            self._voice.offer(frame, now_s)

    def cut(self, now_s: float) -> Window:
        if self._voice is not None:
            self._voice.tick(now_s)
        return self._assembler.cut(now_s)

    def close(self) -> None:
        self.use(())
        self._face = self._voice = None

    def _hear(self, heard: Heard) -> None:
        self._assembler.add_sound(heard.note)
        for utterance, word in heard.utterances:
            self._assembler.add_utterance(utterance, word)
