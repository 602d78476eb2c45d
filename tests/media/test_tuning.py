"""Guards: the places of aiortc and aioice that we reach into are where we think they are."""

from __future__ import annotations

import asyncio
import inspect
import logging
import queue
import threading
from fractions import Fraction
from types import SimpleNamespace

import aioice.ice
import aiortc.rtcrtpreceiver
import av
import numpy as np
import pylibsrtp
import pytest
from aiortc import (
    InvalidStateError,
    RTCConfiguration,
    RTCDtlsTransport,
    RTCPeerConnection,
    RTCRtpReceiver,
    RTCSessionDescription,
)
from aiortc.codecs import CODECS, get_encoder
from aiortc.jitterbuffer import JitterBuffer, JitterFrame
from aiortc.rate import RateCounter
from aiortc.rtcdtlstransport import State

from tests.media.senders import thread_count
from tests.media.test_offer import GOOD
from tutor_emotion.media import tuning
from tutor_emotion.media.repair import AskAgain, PictureBuffer, SoundBuffer
from tutor_emotion.media.throughput import Throughput


def test_what_we_replace_is_what_is_asked():
    receive = inspect.getsource(aiortc.RTCRtpReceiver.receive)
    assert "target=decoder_worker" in receive
    assert "self.__decoder_queue" in receive
    tuning.install()
    tuning.install()
    assert aiortc.rtcrtpreceiver.decoder_worker is tuning.decoder_worker
    assert aioice.ice.get_host_addresses is tuning.host_addresses
    assert "get_host_addresses(" in inspect.getsource(aioice.ice.Connection.gather_candidates)


async def test_an_inlet_gets_the_encoded_frames_and_the_thread_ends_at_once():
    pc = RTCPeerConnection(RTCConfiguration(iceServers=[]))
    receiver = pc.addTransceiver("video", direction="recvonly").receiver
    got, ended = [], []
    inlet = tuning.Inlet(lambda codec, frame: got.append(frame), lambda: ended.append(True))
    ask_key = tuning.divert(receiver, inlet)
    assert getattr(receiver, tuning.DECODER_QUEUE) is inlet
    tuning.decoder_worker(None, inlet, None, None)  # returns: nothing waits for what comes
    inlet.put(("vp8", "frame"))
    inlet.put(None)
    assert (got, ended) == (["frame"], [True])
    ask_key()
    assert getattr(receiver, tuning.DECODER_ERROR).is_set()
    assert "self.__decoder_error.is_set()" in inspect.getsource(type(receiver)._handle_rtp_packet)
    await pc.close()


def test_a_receiver_that_is_not_ours_decodes_as_aiortc_does():
    codec = codec_of("audio/opus")
    frames, loop = asyncio.Queue(), asyncio.new_event_loop()
    waiting = queue.Queue()
    waiting.put((codec, JitterFrame(opus_packet(), 0)))
    waiting.put(None)
    tuning.decoder_worker(loop, waiting, frames, threading.Event())
    loop.run_until_complete(asyncio.sleep(0.01))
    loop.close()
    assert frames.get_nowait().sample_rate == 48_000
    assert frames.get_nowait() is None


async def test_a_peer_that_closes_while_it_connects_leaves_no_error_behind(monkeypatch):
    """One transport a section, as without a bundle: the second is closed when its turn comes."""
    tuning.install()
    unbundled = GOOD.replace("a=group:BUNDLE 0 1\n", "")
    pc = RTCPeerConnection(RTCConfiguration(iceServers=[]))
    with tuning.loopback_only():
        await pc.setRemoteDescription(RTCSessionDescription(unbundled, "offer"))
        await pc.setLocalDescription(await pc.createAnswer())
        for transceiver in pc.getTransceivers():
            transport = transceiver.receiver.transport.transport
            candidates = transport.iceGatherer.getLocalCandidates()
            await transport.stop()
            # It is closed a moment before they are gone; another task's turn is in between.
            monkeypatch.setattr(transport.iceGatherer, "getLocalCandidates", lambda c=candidates: c)
        with pytest.raises(InvalidStateError):
            await tuning._stock_connect(pc)
        await getattr(pc, tuning.CONNECT)()
        await pc.close()


@pytest.mark.parametrize(
    ("chosen", "kept"), [(logging.NOTSET, logging.WARNING), (logging.DEBUG, logging.DEBUG)]
)
def test_learners_addresses_stay_out_of_the_log_unless_a_host_wants_them(chosen, kept):
    logger = logging.getLogger("aioice")
    before = logger.level
    try:
        logger.setLevel(chosen)
        tuning.install()
        assert logger.level == kept
    finally:
        logger.setLevel(before)


@pytest.mark.parametrize("kind", ["audio", "video"])
async def test_our_lines_take_the_places_of_aiortcs(kind):
    pc = RTCPeerConnection(RTCConfiguration(iceServers=[]))
    receiver = pc.addTransceiver(kind, direction="recvonly").receiver
    assert isinstance(getattr(receiver, tuning.JITTER_BUFFER), JitterBuffer)
    tuning.mend_losses(receiver, kind)
    ours = PictureBuffer if kind == "video" else SoundBuffer
    assert isinstance(getattr(receiver, tuning.JITTER_BUFFER), ours)
    assert isinstance(getattr(receiver, tuning.NACK_GENERATOR), AskAgain)
    for name in (tuning.DECODER_QUEUE, tuning.CODECS, tuning.TIMESTAMPS):
        assert hasattr(receiver, name)
    await pc.close()


async def test_aiortcs_counter_of_what_arrives_gives_way_to_ours():
    pc = RTCPeerConnection(RTCConfiguration(iceServers=[]))
    for kind, has_one in (("video", True), ("audio", False)):
        receiver = pc.addTransceiver(kind, direction="recvonly").receiver
        estimator = getattr(receiver, tuning.ESTIMATOR)
        assert (estimator is not None) == has_one
        if estimator is not None:
            assert isinstance(estimator.incoming_bitrate, RateCounter)
            tuning.mend_losses(receiver, kind)
            assert isinstance(estimator.incoming_bitrate, Throughput)
    await pc.close()


MEDIA, CONTROL, DTLS = b"\x80\x60rtp", b"\x80\xc8rtcp", b"\x17dtls"


class Transport:
    """What ``receive_at_once`` knows of aiortc's; ``took`` what came without a queue."""

    def __init__(self) -> None:
        self._state = State.CONNECTED
        self.queued: list[bytes] = []
        self.took: list[bytes] = []
        self.transport = SimpleNamespace(
            _connection=SimpleNamespace(data_received=lambda data, _: self.queued.append(data))
        )
        self._rx_srtp = SimpleNamespace(unprotect=self._unprotect)

    def _unprotect(self, data: bytes) -> bytes:
        if data.endswith(b"forged"):
            raise pylibsrtp.Error(7)
        return data[2:]

    async def _handle_rtp_data(self, data: bytes, *, arrival_time_ms: int) -> None:
        assert arrival_time_ms > 0
        if data == b"bad":
            raise LookupError
        if data == b"slow":
            await asyncio.sleep(0)
        self.took.append(data)

    def hear(self, *datagrams: bytes) -> None:
        for data in datagrams:
            self.transport._connection.data_received(data, 1)


def test_media_is_taken_at_once_and_all_else_waits_its_turn():
    transport = Transport()
    tuning.receive_at_once(transport)
    transport.hear(MEDIA, CONTROL, DTLS, b"\x80", b"")
    assert (transport.took, transport.queued) == ([b"rtp"], [CONTROL, DTLS, b"\x80", b""])
    transport._state = State.CLOSED
    transport.hear(MEDIA)
    assert (transport.took, transport.queued[-1]) == ([b"rtp"], MEDIA)


@pytest.mark.parametrize(("bad", "error"), [(b"bad", "LookupError"), (b"slow", "RuntimeError")])
def test_a_packet_that_cannot_be_taken_ends_nothing_and_is_noted_once(caplog, bad, error):
    transport = Transport()
    tuning.receive_at_once(transport)
    transport.hear(MEDIA[:2] + b"forged", MEDIA[:2] + bad, MEDIA[:2] + bad, MEDIA)
    assert (transport.took, transport.queued) == ([b"rtp"], [])
    assert len([r for r in caplog.records if error in r.getMessage()]) == len(caplog.records) == 1


def test_the_transport_receives_as_we_think_it_does():
    receive = inspect.getsource(RTCDtlsTransport._recv_next)
    assert "first_byte > 127 and first_byte < 192 and self._rx_srtp" in receive
    assert "arrival_time_ms = clock.current_ms()" in receive
    assert "if is_rtcp(data)" in receive
    assert "await self._handle_rtp_data(data, arrival_time_ms=arrival_time_ms)" in receive
    assert "self.receiver.data_received(" in inspect.getsource(aioice.ice.StunProtocol)
    send = inspect.getsource(aioice.ice.StunProtocol.send_data)
    assert send.count("await") == 0


def test_the_receiver_asks_our_lines_what_we_think_it_asks():
    source = inspect.getsource(RTCRtpReceiver._handle_rtp_packet)
    assert "self.__nack_generator.add(packet)" in source
    assert "sorted(self.__nack_generator.missing)" in source
    assert "pli_flag, encoded_frame = self.__jitter_buffer.add(packet)" in source
    assert "self.__decoder_queue.put((codec, encoded_frame))" in source


def codec_of(mime: str):
    return next(c for kind in CODECS.values() for c in kind if c.mimeType.lower() == mime)


@pytest.mark.parametrize("mime", ["video/vp8", "video/h264"])
def test_video_decoders_have_one_thread_and_bounded_frames(mime):
    codec = codec_of(mime)
    threads = thread_count()
    decoder = tuning.make_decoder(codec)
    picture = np.random.default_rng(0).integers(0, 255, (240, 320, 3), dtype=np.uint8)
    assert [f.width for f in decode_one(decoder, codec, picture)] == [320]
    assert decoder.codec.thread_count == 1
    assert thread_count() <= threads + 1
    huge = np.zeros((2160, 3840, 3), np.uint8)
    with pytest.raises(av.FFmpegError):
        decode_one(tuning.make_decoder(codec), codec, huge)


def decode_one(decoder, codec, picture):
    name = {"video/vp8": "libvpx", "video/h264": "libx264"}[codec.mimeType.lower()]
    encoder = av.CodecContext.create(name, "w")
    encoder.height, encoder.width = picture.shape[:2]
    encoder.pix_fmt, encoder.time_base = "yuv420p", Fraction(1, 90_000)
    if name == "libx264":
        encoder.options = {"tune": "zerolatency", "preset": "ultrafast"}
    frame = av.VideoFrame.from_ndarray(picture, format="rgb24").reformat(format="yuv420p")
    frame.pts = 0
    data = b"".join(bytes(p) for p in [*encoder.encode(frame), *encoder.encode(None)])
    return [*decoder.decode(JitterFrame(data, 0)), *decoder.codec.decode(None)]


def opus_packet() -> bytes:
    frame = av.AudioFrame.from_ndarray(np.zeros((1, 3840), np.int16), format="s16", layout="stereo")
    frame.sample_rate, frame.pts, frame.time_base = 48_000, 0, Fraction(1, 48_000)
    packets, _ = get_encoder(codec_of("audio/opus")).encode(frame)
    return packets[0]


def test_opus_is_decoded_to_mono():
    decoder = tuning.make_decoder(codec_of("audio/opus"))
    [decoded] = decoder.decode(JitterFrame(opus_packet(), 0))
    assert (decoded.layout.name, decoded.sample_rate) == ("mono", 48_000)


def test_loopback_only_inside_and_never_no_address():
    with tuning.loopback_only():
        assert tuning.host_addresses(True, True) == ["127.0.0.1"]
    assert tuning.host_addresses(True, True)
    assert tuning.host_addresses(False, False) == ["127.0.0.1"]
