"""Every place where we reach into aiortc 1.16 and aioice 0.13, and why.

``tests/media/test_tuning.py`` fails when a version moves one of them.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from functools import cache
from typing import Any

import aioice.ice
import aiortc.rtcrtpreceiver
import pylibsrtp
from aiortc import InvalidStateError, RTCDtlsTransport, RTCPeerConnection, RTCRtpReceiver, clock
from aiortc.codecs import get_decoder as stock_decoder
from aiortc.jitterbuffer import JitterFrame
from aiortc.rtcdtlstransport import State
from aiortc.rtp import is_rtcp
from av import CodecContext

from tutor_emotion import faults
from tutor_emotion.media.jitter import Coded
from tutor_emotion.media.repair import AskAgain, PictureBuffer, SoundBuffer
from tutor_emotion.media.throughput import Throughput

logger = logging.getLogger(__name__)

MAX_FRAME_PIXELS = 1920 * 1080  # a sender that says 16383x16383 must not get a gigabyte
JITTER_BUFFER = "_RTCRtpReceiver__jitter_buffer"
ESTIMATOR = "_RTCRtpReceiver__remote_bitrate_estimator"
NACK_GENERATOR = "_RTCRtpReceiver__nack_generator"
DECODER_QUEUE = "_RTCRtpReceiver__decoder_queue"
CODECS = "_RTCRtpReceiver__codecs"
TIMESTAMPS = "_RTCRtpReceiver__timestamp_mapper"
DECODER_ERROR = "_RTCRtpReceiver__decoder_error"
CONNECT = "_RTCPeerConnection__connect"

_loopback: ContextVar[bool] = ContextVar("loopback", default=False)
_stock_addresses = aioice.ice.get_host_addresses
_stock_connect = getattr(RTCPeerConnection, CONNECT)
_stock_worker = aiortc.rtcrtpreceiver.decoder_worker


def make_decoder(codec: Any) -> Any:
    """aiortc's decoder with one thread, bounded frames, and mono Opus.

    FFmpeg starts one thread for each core and decoder by default. FFmpeg's own VP8 decoder checks
    the frame's size before it allocates (libvpx does not) and takes 12 % less at 640x480. Opus is
    decoded to mono at once: nobody listens to the second channel.
    """
    decoder: Any = stock_decoder(codec)
    kind = codec.mimeType.lower()
    if kind == "video/vp8":
        decoder.codec = CodecContext.create("vp8", "r")
    if kind.startswith("video/"):
        decoder.codec.thread_count = 1
        decoder.codec.options = {"max_pixels": str(MAX_FRAME_PIXELS)}
    elif kind == "audio/opus":
        decoder.codec.layout = "mono"
    return decoder


class Inlet:
    """Stands where a receiver has its decoder's queue. ``take`` gets each encoded frame.

    ``take(codec, frame)`` and ``end()`` are called on the event loop and must neither wait nor
    raise. ``frame`` has the bytes as ``data``, and ``timestamp`` in ticks of the codec's clock,
    from 0 at the track's first frame.
    """

    def __init__(self, take: Callable[[Any, Any], None], end: Callable[[], None]) -> None:
        self._take = take
        self._end = end

    def put(self, task: tuple[Any, Any] | None) -> None:
        if task is None:
            self._end()
        else:
            self._take(*task)


def divert(receiver: RTCRtpReceiver, inlet: Inlet) -> Callable[[], None]:
    """From the first packet on, encoded frames go into ``inlet``, and no thread decodes them.

    What it returns asks the sender for a key frame, with the next packet that arrives; from any
    thread.
    """
    setattr(receiver, DECODER_QUEUE, inlet)
    lost: threading.Event = getattr(receiver, DECODER_ERROR)
    return lost.set


def receive_at_once(transport: RTCDtlsTransport) -> None:
    """Packets of media are taken as they arrive, from when the transport is connected.

    aiortc lays each into a queue and wakes a task for it, which was a twelfth of what receiving
    costs. The transport's own counts of packets and bytes stay at 0 by this; nobody reads them.
    """
    connection = transport.transport._connection
    lay_down = connection.data_received
    noted = False

    def received(data: bytes, component: int) -> None:
        nonlocal noted
        media = len(data) > 1 and 127 < data[0] < 192 and not is_rtcp(data)
        if not media or transport._state is not State.CONNECTED:
            lay_down(data, component)
            return
        arrival_ms = clock.current_ms()
        try:
            packet = transport._rx_srtp.unprotect(data)
            _at_once(transport._handle_rtp_data(packet, arrival_time_ms=arrival_ms))
        except pylibsrtp.Error:  # a stranger's, or one that came twice
            return
        except Exception as error:  # noqa: BLE001 a stranger's bytes must not end a learner's media
            if not noted:
                noted = True
                faults.note(logger, "receiving a packet", error)

    connection.data_received = received  # type: ignore[method-assign]


def _at_once(work: Coroutine[Any, Any, None]) -> None:
    """aiortc's, that says ``await`` where there is nothing to wait for: it only sends datagrams."""
    try:
        work.send(None)
    except StopIteration:
        return
    work.close()
    raise RuntimeError("aiortc waits where it did not")


def decoder_worker(loop: Any, input_q: Any, output_q: Any, decode_error: Any) -> None:
    """aiortc's thread of one track, which ends at once where an Inlet decodes in its place."""
    if not isinstance(input_q, Inlet):
        _stock_worker(loop, input_q, output_q, decode_error)


def host_addresses(use_ipv4: bool, use_ipv6: bool) -> list[str]:
    """This host's addresses; 127.0.0.1 inside ``loopback_only`` and where there is no other."""
    if _loopback.get():
        return ["127.0.0.1"]
    return _stock_addresses(use_ipv4, use_ipv6) or ["127.0.0.1"]


async def connect(pc: RTCPeerConnection) -> None:
    """aiortc's, where a transport that was closed meanwhile ends it quietly.

    It runs as a task that nobody waits for: offers whose sections each have a transport, closed
    while they connect, would fill the log with errors. The Peer hears of it by its state.
    """
    with suppress(InvalidStateError):
        await _stock_connect(pc)


@contextmanager
def loopback_only(on: bool = True) -> Iterator[None]:
    """Peers that gather candidates in here offer 127.0.0.1 alone (tests, load on one machine)."""
    token = _loopback.set(on)
    try:
        yield
    finally:
        _loopback.reset(token)


def install() -> None:
    """Put the three functions in place; again is the same as once."""
    aiortc.rtcrtpreceiver.decoder_worker = decoder_worker
    aioice.ice.get_host_addresses = host_addresses
    setattr(RTCPeerConnection, CONNECT, connect)
    for name in ("aioice", "aiortc"):
        # At INFO they write learners' addresses into the log. A host that sets a level means it.
        theirs = logging.getLogger(name)
        if theirs.level == logging.NOTSET:
            theirs.setLevel(logging.WARNING)


def mend_losses(receiver: RTCRtpReceiver, kind: str) -> None:
    """Buffers that are measured in time and ask for what is missing, before the first packet.

    aiortc never asks for lost sound, and for lost pictures only when the next loss is noticed;
    its buffers hold 16 packets of sound and 512 of video, half a minute of 320x240@10. Its counter
    of what arrives steps through every millisecond since the packet before: an hour without a
    camera held up everybody for 1.3 s.
    """
    decoders, codecs = getattr(receiver, DECODER_QUEUE), getattr(receiver, CODECS)
    clock_of_frames = getattr(receiver, TIMESTAMPS)

    def deliver(payload_type: int, coded: Coded) -> None:
        frame = JitterFrame(coded.data, clock_of_frames.map(coded.timestamp))
        decoders.put((codecs[payload_type], frame))

    asking = AskAgain(time.monotonic)
    if kind == "audio":
        buffer: SoundBuffer | PictureBuffer = SoundBuffer(asking, deliver)
    else:
        buffer = PictureBuffer(asking, deliver, cache(lambda number: str(codecs[number].name)))
    if (estimator := getattr(receiver, ESTIMATOR)) is not None:
        estimator.incoming_bitrate = Throughput()
    setattr(receiver, NACK_GENERATOR, asking)
    setattr(receiver, JITTER_BUFFER, buffer)
