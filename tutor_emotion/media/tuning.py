"""Every place where we reach into aiortc 1.16 and aioice 0.13, and why.

``tests/media/test_tuning.py`` fails when a version moves one of them. The figures were measured
by us, with packets lost at the receiver, at 320x240 with 10 frames a second of VP8 and 20 ms Opus.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from typing import Any

import aioice.ice
import aiortc.rtcrtpreceiver
from aiortc import InvalidStateError, RTCPeerConnection, RTCRtpReceiver
from aiortc.codecs import get_decoder as stock_decoder
from aiortc.jitterbuffer import JitterBuffer
from av import CodecContext

MAX_FRAME_PIXELS = 1920 * 1080  # a sender that says 16383x16383 must not get a gigabyte
JITTER_BUFFER = "_RTCRtpReceiver__jitter_buffer"
CONNECT = "_RTCPeerConnection__connect"

_loopback: ContextVar[bool] = ContextVar("loopback", default=False)
_stock_addresses = aioice.ice.get_host_addresses
_stock_connect = getattr(RTCPeerConnection, CONNECT)


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
    aiortc.rtcrtpreceiver.get_decoder = make_decoder  # type: ignore[attr-defined]
    aioice.ice.get_host_addresses = host_addresses
    setattr(RTCPeerConnection, CONNECT, connect)
    for name in ("aioice", "aiortc"):
        # At INFO they write learners' addresses into the log. A host that sets a level means it.
        logger = logging.getLogger(name)
        if logger.level == logging.NOTSET:
            logger.setLevel(logging.WARNING)


def shorten_buffers(receiver: RTCRtpReceiver, kind: str) -> None:
    """Shorter jitter buffers, before the first packet.

    Sound: capacity 16 and prefetch 4 turn 5 % of lost packets into 25 % of lost sound; 4 and 0
    into 10 %, and 80 ms less delay. Video: 512 packets are half a minute of 320x240@10, and a lost
    packet freezes it for seconds; 32 are at most 1.8 s.
    """
    if kind == "audio":
        buffer = JitterBuffer(capacity=4, prefetch=0)
    else:
        buffer = JitterBuffer(capacity=32, is_video=True)
    setattr(receiver, JITTER_BUFFER, buffer)
