"""Learners that only send what was encoded before: ``python -m …sender CORE VIDEO SOUND``."""

from __future__ import annotations

import asyncio
import sys
import time
from pathlib import Path
from typing import Any

from tests.load.ingesting.children import Answers, pin, serve
from tutor_emotion.media import tuning
from tutor_emotion.simulate.clips import sound_clip, video_clip
from tutor_emotion.simulate.peer import Peer

CONNECT_S = 30.0


class Senders:
    def __init__(self, video: Path, sound: Path) -> None:
        self._clips = (video_clip(video), sound_clip(sound))
        self._peers: list[Peer] = []

    async def offer(self, count: int) -> list[str]:
        """So many learners' offers, for 127.0.0.1 alone."""
        self._peers = [Peer(self._clips, ()) for _ in range(count)]
        with tuning.loopback_only():
            return [await peer.offer() for peer in self._peers]

    async def play(self, answers: list[str]) -> None:
        with tuning.loopback_only():
            for peer, answer in zip(self._peers, answers, strict=True):
                await peer.accept(answer)
        await asyncio.gather(*(peer.play(CONNECT_S) for peer in self._peers))

    async def stop(self) -> dict[str, Any]:
        """End all tracks, but not the connections; the pictures that were sent, by learner."""
        tracks = [peer.video for peer in self._peers if peer.video is not None]
        for track in tracks:
            track.stop()
        return {"pictures": [len(track._taken_at_s) for track in tracks]}

    async def close(self) -> None:
        await asyncio.gather(*(peer.close() for peer in self._peers))
        self._peers = []

    async def cpu(self) -> float:
        return time.process_time()


def main() -> None:
    core, video, sound = sys.argv[1:]
    pin(core)
    tuning.install()

    def make() -> Answers:
        all_of_them = Senders(Path(video), Path(sound))
        return {n: getattr(all_of_them, n) for n in ("offer", "play", "stop", "close", "cpu")}

    serve(make)


if __name__ == "__main__":
    main()
