"""A learner's side of the wire for tests: real aiortc, a moving face, a voice."""

from __future__ import annotations

import asyncio
import shutil
import subprocess
import threading
import time
import wave
from fractions import Fraction
from functools import lru_cache
from io import BytesIO
from pathlib import Path

import cv2
import numpy as np
import pytest
from aiortc import (
    MediaStreamTrack,
    RTCConfiguration,
    RTCPeerConnection,
    RTCRtpSender,
    RTCSessionDescription,
)
from av import AudioFrame, VideoFrame

from tutor_emotion.core.types import WindowSpec
from tutor_emotion.media import tuning
from tutor_emotion.media.peer import Peer, PeerConfig, PeerStatus

WEIGHTS = Path(__file__).resolve().parents[2] / "models"
needs_weights = pytest.mark.skipif(
    not all((WEIGHTS / name).is_file() for name in ("face_landmarker.task", "silero_vad.onnx")),
    reason="no model files; run: manage.py fetch_weights",
)


@lru_cache(maxsize=1)
def portrait() -> np.ndarray:
    """A face as a webcam sees it: RGB (240, 320, 3), of the NASA portrait in scikit-image."""
    data = pytest.importorskip("skimage.data")
    return cv2.resize(data.astronaut()[0:300, 40:440], (320, 240), interpolation=cv2.INTER_AREA)


def moving(picture: np.ndarray, t: float) -> np.ndarray:
    """``picture`` as it sways, a few pixels around its place."""
    height, width = picture.shape[:2]
    move = cv2.getRotationMatrix2D((width / 2, height / 2), 4 * np.sin(2 * t), 1.0)
    move[:, 2] += 6 * np.sin(3 * t), 3 * np.cos(2 * t)
    return cv2.warpAffine(picture, move, (width, height), borderMode=cv2.BORDER_REPLICATE)


def spoken(text: str = "I do not understand why the denominators must be the same") -> np.ndarray:
    """int16 at 16 kHz, said by espeak-ng."""
    if (espeak := shutil.which("espeak-ng")) is None:
        pytest.skip("espeak-ng is not installed")
    said = subprocess.run([espeak, "--stdout", "-s", "150", text], capture_output=True, check=True)
    with wave.open(BytesIO(said.stdout)) as file:
        rate = file.getframerate()
        samples = np.frombuffer(file.readframes(file.getnframes()), np.int16)
    return resampled(samples, rate, 16_000)


def resampled(samples: np.ndarray, rate: int, to: int) -> np.ndarray:
    at = np.arange(0, samples.size - 1, rate / to)
    return np.interp(at, np.arange(samples.size), samples).astype(np.int16)


def thread_count() -> int:
    """Threads of this process, FFmpeg's own among them; the pool's begin when they are needed."""
    pooled = sum(thread.name.startswith("tutor-media") for thread in threading.enumerate())
    return len(list(Path("/proc/self/task").iterdir())) - pooled


class Camera(MediaStreamTrack):
    """Sends ``picture(t)`` at ``fps``; ``mute`` stops sending, as ``track.stop()`` in a browser."""

    kind = "video"

    def __init__(self, picture=None, fps: float = 10.0) -> None:
        super().__init__()
        face = portrait()  # read now: the sender shares its event loop with the receiver
        self.picture = picture or (lambda t: moving(face, t))
        self.fps = fps
        self.muted = False
        self._count = 0
        self._began: float | None = None

    async def recv(self) -> VideoFrame:
        self._began = self._began or time.monotonic()
        self._count += 1
        due = self._began + self._count / self.fps
        await asyncio.sleep(max(0.0, due - time.monotonic()))
        while self.muted:
            await asyncio.sleep(0.05)
        t = time.monotonic() - self._began
        frame = VideoFrame.from_ndarray(np.ascontiguousarray(self.picture(t)), format="rgb24")
        frame.pts, frame.time_base = round(t * 90_000), Fraction(1, 90_000)
        return frame


class Microphone(MediaStreamTrack):
    """Sends ``samples`` (int16, mono) of any rate in 20 ms frames, then silence for ever."""

    kind = "audio"

    def __init__(self, samples: np.ndarray, rate: int = 16_000, layout: str = "mono") -> None:
        super().__init__()
        self.samples, self.rate, self.layout = samples, rate, layout
        self.muted = False
        self._at = 0
        self._began: float | None = None

    async def recv(self) -> AudioFrame:
        self._began = self._began or time.monotonic()
        size = self.rate // 50
        piece = np.zeros(size, np.int16)
        left = self.samples[self._at : self._at + size]
        piece[: left.size] = left
        pts, self._at = self._at, self._at + size
        due = self._began + self._at / self.rate
        await asyncio.sleep(max(0.0, due - time.monotonic()))
        while self.muted:
            await asyncio.sleep(0.05)
        channels = 2 if self.layout == "stereo" else 1
        packed = np.repeat(piece, channels).reshape(1, -1)
        frame = AudioFrame.from_ndarray(packed, format="s16", layout=self.layout)
        frame.sample_rate, frame.pts, frame.time_base = self.rate, pts, Fraction(1, self.rate)
        return frame


class Call:
    """A learner's connection to a Peer, over 127.0.0.1."""

    def __init__(
        self,
        *tracks: MediaStreamTrack,
        codec: str | None = None,
        config: RTCConfiguration | None = None,
        **limits,
    ) -> None:
        self.tracks = tracks
        self.statuses: list[PeerStatus] = []
        self.peer = Peer(
            spec=WindowSpec(),
            clock=time.monotonic,
            config=PeerConfig(weights_dir=WEIGHTS, loopback_only=True, **limits),
            on_status=self.statuses.append,
        )
        tuning.install()
        self.pc = RTCPeerConnection(config or RTCConfiguration(iceServers=[]))
        for track in tracks:
            self.pc.addTrack(track)
        if codec:
            found = [
                c
                for c in RTCRtpSender.getCapabilities(tracks[0].kind).codecs
                if c.mimeType.lower() == codec
            ]
            self.pc.getTransceivers()[0].setCodecPreferences(found)

    async def offer(self) -> str:
        with tuning.loopback_only():
            await self.pc.setLocalDescription(await self.pc.createOffer())
        return self.pc.localDescription.sdp

    async def connect(self, *modalities: str) -> str:
        answer = await self.peer.answer(await self.offer(), frozenset(modalities))
        await self.accept(answer)
        return answer

    async def accept(self, answer: str) -> None:
        with tuning.loopback_only():
            await self.pc.setRemoteDescription(RTCSessionDescription(answer, "answer"))

    async def windows(self, seconds: float, hop_s: float = 0.5) -> list:
        """The Windows of the next ``seconds``."""
        cuts = []
        for _ in range(round(seconds / hop_s)):
            await asyncio.sleep(hop_s)
            cuts.append(self.peer.cut(time.monotonic()))
        return cuts

    async def until(self, media: str, seconds: float) -> float:
        """Waits for a status; the seconds that it took."""
        began = time.monotonic()
        while self.peer.status.media != media:
            assert time.monotonic() - began < seconds, f"{self.statuses} never became {media}"
            await asyncio.sleep(0.02)
        return time.monotonic() - began

    async def __aenter__(self) -> Call:
        return self

    async def __aexit__(self, *error: object) -> None:
        await self.peer.close()
        await self.pc.close()
