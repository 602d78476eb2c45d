"""aiortc as it comes, with the sampling that a web process needs written the plain way."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import Any

from aiortc import RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from aiortc.mediastreams import MediaStreamError
from av import AudioResampler

from tutor_emotion.core.types import SAMPLE_RATE_HZ
from tutor_emotion.media import tuning
from tutor_emotion.media.pixels import fit

PICTURES_PER_S = 5
NAMES = ("arrived", "decoded", "sampled", "failed", "dropped", "overtaken", "samples")


class Stock:
    def __init__(self) -> None:
        self._pcs: list[RTCPeerConnection] = []
        self._tasks: list[asyncio.Task[None]] = []
        self._counts: Counter[str] = Counter()

    async def answer(self, offers: list[str]) -> list[str]:
        return [await self._answer(offer) for offer in offers]

    async def _answer(self, offer: str) -> str:
        pc = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        self._pcs.append(pc)
        pc.on("track", lambda track: self._tasks.append(asyncio.ensure_future(self._read(track))))
        # ``loopback_only`` needs aioice's addresses replaced, and nothing else of ours.
        tuning.aioice.ice.get_host_addresses = tuning.host_addresses
        with tuning.loopback_only():
            await pc.setRemoteDescription(RTCSessionDescription(offer, "offer"))
            await pc.setLocalDescription(await pc.createAnswer())
        return str(pc.localDescription.sdp)

    async def _read(self, track: Any) -> None:
        take = self._pictures() if track.kind == "video" else self._sound()
        next(take)
        try:
            while True:
                take.send(await track.recv())
        except MediaStreamError:
            return

    def _pictures(self) -> Any:
        due_s = 0.0
        while True:
            frame = yield
            self._counts["arrived"] += 1
            self._counts["decoded"] += 1
            if frame.time + 0.004 < due_s:
                continue
            due_s += 1 / PICTURES_PER_S
            width, height = fit(frame.width, frame.height, 320, 240)
            if (width, height) != (frame.width, frame.height):
                frame = frame.reformat(width, height)
            frame.to_ndarray(format="rgb24")
            self._counts["sampled"] += 1

    def _sound(self) -> Any:
        resampler = AudioResampler(format="s16", layout="mono", rate=SAMPLE_RATE_HZ)
        while True:
            frame = yield
            for part in resampler.resample(frame):
                self._counts["samples"] += part.to_ndarray().size

    def counts(self) -> dict[str, int]:
        return {name: self._counts[name] for name in NAMES}

    async def close(self) -> None:
        await asyncio.gather(*(pc.close() for pc in self._pcs))
        for task in self._tasks:
            task.cancel()
        self._pcs, self._tasks = [], []
        self._counts.clear()
