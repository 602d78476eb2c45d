"""Peers as a session has them, with a Window a second on its way into Valkey."""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from tutor_emotion.conf import get_settings
from tutor_emotion.core.types import SAMPLE_RATE_HZ, FaceCrop, WindowSpec
from tutor_emotion.core.windows import FaceSeen, SoundHeard
from tutor_emotion.inference import packing, queue
from tutor_emotion.media import decoding, following, hearing, sampling, senses, speech
from tutor_emotion.media.peer import Peer, PeerConfig
from tutor_emotion.media.speech import Heard

NAMES = ("arrived", "decoded", "sampled", "failed", "dropped", "overtaken")


class Middle:
    """In the cropper's place: the middle of each picture is the face."""

    def look(self, rgb: np.ndarray, *, at_s: float, media_s: float) -> FaceSeen:
        top, left = (rgb.shape[0] - 192) // 2, (rgb.shape[1] - 192) // 2
        pixels = np.ascontiguousarray(rgb[top : top + 192, left : left + 192])
        return FaceSeen(at_s, "ok", FaceCrop(at_s, media_s, pixels, 0.6, 0.0, 1.0))


class Deaf:
    """In the ear's place: whatever comes is silence. Counts it."""

    def __init__(self, net: object) -> None:
        self.samples = 0

    def hear(self, start_s: float, samples: np.ndarray, gap: int = 0) -> Heard:
        self.samples += samples.size
        return self.end(start_s + samples.size / SAMPLE_RATE_HZ)

    def end(self, at_s: float) -> Heard:
        return Heard((), SoundHeard(at_s, False, "silent"), speaking=False)


class Ours:
    """``split`` gets the processor time of each part, in seconds."""

    def __init__(self, nets: bool, split: dict[str, float]) -> None:
        self._learners: list[tuple[Peer, asyncio.Task[None]]] = []
        if not nets:
            senses.shared_cropper = lambda *_: Middle()  # type: ignore[assignment]
            senses.Follower = lambda cropper: cropper  # type: ignore[assignment,misc]
            senses.load_vad = lambda _: None  # type: ignore[assignment]
            senses.Ear = Deaf  # type: ignore[assignment,misc]
        for place, name, part in (
            (decoding.TrackDecoder, "decode", "decode"),
            (sampling, "to_rgb", "picture"),
            (hearing, "contiguous", "sound"),
            (hearing.SoundPlacer, "place", "sound"),
            (following.Follower, "look", "face"),
            (speech.Ear, "hear", "voice"),
            (queue, "pack_window", "pack"),
            (packing, "pack_window", "pack"),
        ):
            setattr(place, name, timed(getattr(place, name), part, split))

    async def answer(self, offers: list[str]) -> list[str]:
        return [await self._answer(offer) for offer in offers]

    async def _answer(self, offer: str) -> str:
        config = PeerConfig(weights_dir=Path(get_settings().WEIGHTS_DIR), loopback_only=True)
        peer = Peer(
            spec=WindowSpec(), clock=time.monotonic, config=config, on_status=lambda status: None
        )
        answer = await peer.answer(offer, frozenset({"face", "voice"}))
        self._learners.append((peer, asyncio.ensure_future(self._windows(peer))))
        return answer

    async def _windows(self, peer: Peer) -> None:
        slot, seq = secrets.token_urlsafe(18), 0
        while True:
            await asyncio.sleep(1.0)
            window = replace(peer.cut(time.monotonic()), seq=seq)
            seq += 1
            if window.usable:
                await queue.put(slot, "nobody", window)

    def counts(self) -> dict[str, int]:
        faces = [peer._senses.arrivals["face"] for peer, _ in self._learners]
        return {name: sum(getattr(face, name) for face in faces) for name in NAMES}

    async def close(self) -> None:
        for _, task in self._learners:
            task.cancel()
        await asyncio.gather(*(peer.close() for peer, _ in self._learners))
        self._learners = []


def timed(work: Callable[..., Any], part: str, split: dict[str, float]) -> Callable[..., Any]:
    """``work``, with the time of its thread added to its part."""

    def measured(*arguments: Any, **named: Any) -> Any:
        begun = time.thread_time()
        try:
            return work(*arguments, **named)
        finally:
            split[part] = split.get(part, 0.0) + time.thread_time() - begun

    return measured
