"""A learner's camera and microphone over real WebRTC on 127.0.0.1 become Windows."""

from __future__ import annotations

import asyncio
import threading

import cv2
import numpy as np
import pytest

from tests.media.senders import (
    Call,
    Camera,
    Microphone,
    moving,
    needs_weights,
    portrait,
    spoken,
)
from tutor_emotion.media.repair import PictureBuffer, SoundBuffer
from tutor_emotion.media.tuning import JITTER_BUFFER

pytestmark = needs_weights

SILENCE = np.zeros(16_000, np.int16)
SHORT = "I do not understand this"


def utterances(windows):
    return [u for w in windows for u in w.utterances]


async def test_a_face_is_in_a_window_within_two_seconds():
    async with Call(Camera()) as call:
        await call.connect("face")
        for window in await call.windows(2.0):
            if window.crops:
                break
        assert window.face == "ok"
        crop = window.crops[-1]
        assert crop.pixels.shape == (192, 192, 3)
        assert window.end_s - crop.at_s < 0.5
        assert window.voice == "off"
        assert call.statuses[0].media == "live"
        assert call.statuses[0].in_use == {"face"}
        [window] = await call.windows(1.0, hop_s=1.0)
        assert 3 <= len(window.crops) <= 6
        assert [c.media_s for c in window.crops] == sorted(c.media_s for c in window.crops)


async def test_h264_is_received_as_well():
    async with Call(Camera(), codec="video/h264") as call:
        await call.connect("face")
        windows = await call.windows(3.0, hop_s=1.0)
        assert "ok" in {w.face for w in windows}


async def test_a_sentence_is_an_utterance_and_silence_is_none():
    voice = Microphone(np.concatenate([SILENCE, spoken()]))
    async with Call(voice) as call:
        await call.connect("voice")
        windows = await call.windows(6.5)
        [utterance] = utterances(windows)
        assert utterance.samples.size / 16_000 == pytest.approx(spoken().size / 16_000, abs=0.6)
        assert utterance.quality > 0.7
        assert utterance.gap_share < 0.05
        assert windows[-1].voice == "silent"
        assert "ok" in {w.voice for w in windows}
        assert not call.peer.speaking


async def test_the_session_is_told_who_speaks():
    async with Call(Microphone(np.concatenate([spoken(), spoken()]))) as call:
        await call.connect("voice")
        await call.until("live", 3)
        await asyncio.sleep(2)
        assert call.peer.speaking


async def test_a_camera_that_is_not_allowed_is_never_received():
    async with Call(Camera(), Microphone(SILENCE)) as call:
        answer = await call.connect("voice")
        video, audio = answer.split("m=audio")
        assert "a=inactive" in video
        assert "a=recvonly" in audio
        windows = await call.windows(2.0)
        assert {w.face for w in windows} == {"off"}
        assert call.peer.status.in_use == {"voice"}
        assert not [t for t in threading.enumerate() if t.name == "video-decoder"]


async def test_nothing_is_ever_sent_and_no_stranger_is_asked(monkeypatch):
    def stranger(cls):
        raise AssertionError("aiortc's default STUN server was used")

    monkeypatch.setattr("aiortc.rtcicetransport.RTCIceGatherer.getDefaultIceServers", stranger)
    async with Call(Camera(), Microphone(SILENCE)) as call:
        await call.connect("face", "voice")
        await call.until("live", 5)
        pc = call.peer._pc
        assert [t.currentDirection for t in pc.getTransceivers()] == ["recvonly", "recvonly"]
        assert [t.sender.track for t in pc.getTransceivers()] == [None, None]
        buffers = [type(getattr(r, JITTER_BUFFER)) for r in pc.getReceivers()]
        assert buffers == [PictureBuffer, SoundBuffer]


async def test_a_camera_that_stops_is_stalled_then_live_again_then_closed():
    camera = Camera()
    async with Call(camera, frame_watchdog_s=1.0, stalled_close_s=2.5) as call:
        await call.connect("face")
        await call.until("live", 5)
        camera.muted = True
        assert await call.until("stalled", 3) == pytest.approx(1.1, abs=0.4)
        assert call.peer.status.reason == "no_frames"
        await call.windows(0.5)  # what was still in the pool
        [window] = await call.windows(0.5)
        assert (window.face, window.usable) == ("no_frames", False)
        camera.muted = False
        await call.until("live", 3)
        camera.muted = True
        await call.until("closed", 5)
        assert call.peer.status.reason == "stalled_too_long"


async def test_the_default_watchdog_takes_three_seconds():
    camera = Camera()
    async with Call(camera) as call:
        await call.connect("face")
        await call.until("live", 5)
        camera.muted = True
        assert await call.until("stalled", 5) == pytest.approx(3.1, abs=0.5)


async def test_one_track_that_stops_is_named_and_the_other_goes_on():
    camera = Camera()
    async with Call(camera, Microphone(SILENCE), frame_watchdog_s=1.0) as call:
        await call.connect("face", "voice")
        await call.until("live", 5)
        await asyncio.sleep(0.5)
        camera.muted = True
        await asyncio.sleep(1.8)
        assert call.peer.status.media == "live"
        assert call.peer.status.in_use == {"voice"}
        assert call.peer.status.reason == "no_video"


async def test_a_peer_that_never_connects_fails_after_the_limit():
    async with Call(Camera(), connect_timeout_s=1.0) as call:
        offer = await call.offer()
        await call.peer.answer(offer, frozenset({"face"}))
        assert await call.until("failed", 3) == pytest.approx(1.0, abs=0.4)
        assert call.peer.status.reason == "connect_timeout"
        async with asyncio.timeout(2):  # it is said first, and let go then
            while call.peer.cut(0.0).face != "off":
                await asyncio.sleep(0.02)


async def test_a_learner_who_hangs_up_is_noticed_at_once():
    async with Call(Camera()) as call:
        await call.connect("face")
        await call.until("live", 5)
        await call.pc.close()
        assert await call.until("closed", 2) < 1.0
        assert call.peer.status.reason == "connection_closed"


async def test_the_frame_size_may_change_midway():
    sizes = [(320, 240), (640, 480), (160, 120), (240, 320), (354, 290)]
    began = asyncio.get_running_loop().time()

    def picture(t: float) -> np.ndarray:
        size = sizes[int(asyncio.get_running_loop().time() - began) % len(sizes)]
        return cv2.resize(moving(portrait(), t), size, interpolation=cv2.INTER_AREA)

    async with Call(Camera(picture)) as call:
        await call.connect("face")
        windows = await call.windows(6.0, hop_s=1.0)
        words = [w.face for w in windows[1:]]
        assert words.count("ok") >= 3
        assert "no_frames" not in words
        assert call.peer.status.media == "live"


@pytest.mark.parametrize(
    ("picture", "word", "others"),
    [
        (lambda t: np.full((240, 320, 3), 120, np.uint8), "no_face", 0),
        (lambda t: np.zeros((240, 320, 3), np.uint8), "too_dark", 0),
        (lambda t: np.hstack([portrait()[:, 80:240]] * 2), "ambiguous_face", 1),
    ],
    ids=["no face", "black", "two faces"],
)
async def test_what_cannot_be_read_has_a_reason_and_no_crop(picture, word, others):
    async with Call(Camera(picture)) as call:
        await call.connect("face")
        await call.until("live", 5)
        window = (await call.windows(2.0, hop_s=1.0))[-1]
        assert (window.face, window.crops, window.other_faces) == (word, (), others)
        assert window.frames_sampled >= 4


@pytest.mark.parametrize(
    ("codec", "rate", "layout"),
    [("audio/pcmu", 8_000, "mono"), ("audio/opus", 48_000, "stereo")],
)
async def test_a_microphone_of_another_rate(codec, rate, layout):
    samples = spoken(SHORT)
    at = np.arange(0, samples.size - 1, 16_000 / rate)
    voice = np.interp(at, np.arange(samples.size), samples).astype(np.int16)
    quiet = np.zeros(rate // 2, np.int16)
    microphone = Microphone(np.concatenate([quiet, voice]), rate, layout)
    async with Call(microphone, codec=codec) as call:
        await call.connect("voice")
        [utterance] = utterances(await call.windows(4.0))
        seconds = utterance.samples.size / 16_000
        assert seconds == pytest.approx(samples.size / 16_000, abs=0.6)


async def test_clipping_is_said():
    loud = np.clip(spoken(SHORT).astype(np.int32) * 15, -32768, 32767).astype(np.int16)
    async with Call(Microphone(np.concatenate([SILENCE, loud]))) as call:
        await call.connect("voice")
        assert "clipped" in {w.voice for w in await call.windows(4.5)}


async def test_on_a_narrow_line_the_picture_is_off_and_not_missing():
    camera = Camera()
    async with Call(camera, Microphone(SILENCE), frame_watchdog_s=1.0) as call:
        await call.connect("face", "voice")
        await call.until("live", 5)
        call.peer.sends(frozenset({"voice"}))
        camera.muted = True
        windows = await call.windows(2.0)
        assert {w.face for w in windows[1:]} == {"off"}
        assert call.peer.status.in_use == {"voice"}
        assert call.peer.status.reason == ""
        camera.muted = False
        call.peer.sends(frozenset({"face", "voice"}))
        assert "ok" in {w.face for w in await call.windows(2.0)}


async def test_paused_media_is_dropped_unseen():
    async with Call(Camera(), Microphone(np.tile(spoken(), 4))) as call:
        await call.connect("face", "voice")
        await call.until("live", 5)
        await call.windows(1.0)
        call.peer.pause(True)
        assert call.peer.status.media == "paused"
        assert call.peer.status.in_use == frozenset()
        windows = await call.windows(2.0)
        assert not any(w.usable for w in windows)
        assert {(w.face, w.voice, w.frames_sampled) for w in windows} == {("off", "off", 0)}
        assert not call.peer.speaking
        call.peer.pause(False)
        resumed = asyncio.get_running_loop().time()
        windows = await call.windows(3.0)
        assert call.peer.status.media == "live"
        crops = [crop for w in windows for crop in w.crops]
        assert crops
        assert all(u.start_s > resumed - 0.3 for u in utterances(windows))


async def test_revoked_consent_ends_the_decoder_and_the_rest_goes_on():
    async with Call(Camera(), Microphone(SILENCE)) as call:
        await call.connect("face", "voice")
        await call.until("live", 5)
        await call.windows(1.0)
        call.peer.drop("face")
        windows = await call.windows(2.0)
        assert {(w.face, w.crops) for w in windows} == {("off", ())}
        assert windows[-1].voice == "silent"
        assert call.peer.status.in_use == {"voice"}
        assert not [t for t in threading.enumerate() if t.name == "video-decoder"]
        call.peer.drop("voice")
        await call.until("closed", 2)
        assert call.peer.status.reason == "revoked"
