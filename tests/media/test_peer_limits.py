"""What a Peer refuses, and that it gives everything back."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import os
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import psutil
import pytest

from tests.media.senders import Call, Camera, Microphone, needs_weights, thread_count
from tests.media.test_offer import ABSURD, BOTH, GOOD, HOSTILE, LOCAL
from tutor_emotion.core.types import WindowSpec
from tutor_emotion.errors import BadInput, Unavailable
from tutor_emotion.media.peer import Peer, PeerConfig, peer_config
from tutor_emotion.media.pool import media_pool

pytestmark = needs_weights

MOST_WORK_S = 0.1
MOST_AWAY_S = 1.0  # a busy machine may keep the loop waiting for its turn


class LoopLag:
    """How long the event loop did one thing: its processor time, and the time on the wall."""

    async def __aenter__(self) -> LoopLag:
        self.work_s = self.away_s = 0.0
        self._task = asyncio.create_task(self._measure())
        await asyncio.sleep(0)
        return self

    async def _measure(self) -> None:
        while True:
            began, used = time.perf_counter(), time.thread_time()
            await asyncio.sleep(0.001)
            self.work_s = max(self.work_s, time.thread_time() - used)
            self.away_s = max(self.away_s, time.perf_counter() - began - 0.001)

    def blocked(self) -> bool:
        return self.work_s >= MOST_WORK_S or self.away_s >= MOST_AWAY_S

    async def __aexit__(self, *error: object) -> None:
        await asyncio.sleep(0.01)  # the last of it is measured, too
        self._task.cancel()


async def refused(sdp: object, name: str) -> str:
    async with Call() as call, LoopLag() as lag:
        with pytest.raises(BadInput) as error:
            await call.peer.answer(sdp, BOTH)
        window = call.peer.cut(time.monotonic())
        assert (window.face, window.voice) == ("off", "off")
    assert not lag.blocked(), (name, vars(lag))
    return error.value.code


@pytest.mark.parametrize("name", HOSTILE)
async def test_hostile_offers_are_refused_and_do_not_block(name):
    sdp, code = HOSTILE[name]
    assert await refused(sdp, name) == code


@pytest.mark.parametrize("name", ABSURD)
async def test_what_only_aiortc_can_refuse_is_coded_or_harmless(name):
    """An absurd offer is ``bad_sdp``, or is answered and never connects; it never crashes."""
    threads = thread_count()
    async with Call(connect_timeout_s=0.5) as call, LoopLag() as lag:
        with contextlib.suppress(BadInput):
            await call.peer.answer(ABSURD[name], BOTH)
        await call.until("failed", 2)
        assert call.peer.status.reason in ("bad_sdp", "unsupported_codec", "connect_timeout")
    assert not lag.blocked(), vars(lag)
    assert thread_count() <= threads + 1, threading.enumerate()


async def test_the_largest_offer_that_is_let_through_does_not_block():
    codecs = "".join(f"a=rtpmap:{pt} VP8/90000\na=rtcp-fb:{pt} nack\n" for pt in range(96, 127))
    many = " ".join(str(pt) for pt in range(96, 127))
    offer = GOOD.replace("SAVPF 96 97", f"SAVPF {many}").replace("a=rtpmap:96 VP8/90000\n", codecs)
    offer = offer.replace("a=rtpmap:97 rtx/90000\na=fmtp:97 apt=96\n", "")
    offer += "a=candidate:1 1 udp 1 127.0.0.1 5 typ host\n" * 32
    async with Call(connect_timeout_s=0.5) as call:
        await call.offer()  # the first certificate of a process takes longer
        async with LoopLag() as lag:
            await call.peer.answer(offer, BOTH)
        assert not lag.blocked(), vars(lag)


async def test_candidates_trickle_in_and_bad_ones_are_refused():
    async with Call(Camera()) as call:
        with pytest.raises(BadInput):
            await call.peer.add_candidate("candidate:1 1 udp 1 127.0.0.1 5 typ host", "0", 0)
        sdp = await call.offer()
        trickled = [line for line in sdp.splitlines() if line.startswith("a=candidate:")]
        bare = "\r\n".join(line for line in sdp.splitlines() if "candidate" not in line)
        answer = await call.peer.answer(bare + "\r\n", frozenset({"face"}))
        await call.accept(answer)
        for bad in ("nonsense", "candidate:1 1 udp 1 evil.example 5 typ host"):
            with pytest.raises(BadInput) as error:
                await call.peer.add_candidate(bad, "0", 0)
            assert error.value.code == "bad_candidate"
        with pytest.raises(BadInput):
            await call.peer.add_candidate(trickled[0], None, None)
        began = time.monotonic()
        await call.peer.add_candidate(LOCAL, "0", 0)  # resolved behind our back
        assert time.monotonic() - began < 1.0
        for line in trickled:
            await call.peer.add_candidate(line.removeprefix("a="), "0", 0)
        await call.peer.add_candidate("", None, None)
        await call.until("live", 5)


async def test_candidates_have_an_end():
    async with Call(Camera()) as call:
        await call.peer.answer(await call.offer(), frozenset({"face"}))
        lines = [f"candidate:1 1 udp 1 127.0.0.1 {port} typ host" for port in range(1000, 1065)]
        for line in lines[:64]:
            await call.peer.add_candidate(line, "0", 0)
        with pytest.raises(BadInput, match="More than 64"):
            await call.peer.add_candidate(lines[64], "0", 0)


async def test_one_offer_for_one_peer_and_none_after_the_end():
    async with Call(Camera()) as call:
        offer = await call.offer()
        await call.peer.answer(offer, frozenset({"face"}))
        with pytest.raises(BadInput):
            await call.peer.answer(offer, frozenset({"face"}))
        await call.peer.close()
        with pytest.raises(BadInput):
            await call.peer.answer(offer, frozenset({"face"}))


async def test_closing_while_it_answers():
    async with Call(Camera()) as call:
        offer = await call.offer()
        answering = asyncio.create_task(call.peer.answer(offer, frozenset({"face"})))
        await asyncio.sleep(0)
        await call.peer.close()
        with pytest.raises((Unavailable, BadInput)):
            await answering
        assert call.peer.status.media == "closed"


async def test_missing_weights_are_said_and_not_half_answered(tmp_path):
    config = PeerConfig(weights_dir=tmp_path, loopback_only=True)
    statuses = []
    peer = Peer(spec=WindowSpec(), clock=time.monotonic, config=config, on_status=statuses.append)
    async with Call(Camera()) as call:
        with pytest.raises(Unavailable) as error:
            await peer.answer(await call.offer(), frozenset({"face"}))
    assert error.value.code == "weights_missing"
    assert [(s.media, s.reason) for s in statuses] == [("failed", "weights_missing")]


def test_the_config_comes_from_the_one_door():
    from tutor_emotion.conf import Settings

    config = peer_config(Settings(CONNECT_TIMEOUT_S=7, ICE_SERVERS=[{"urls": "stun:x"}]))
    for wrong in ({"url": "stun:x"}, {"urls": "http://x"}, {"urls": 5}):
        with pytest.raises(BadInput) as error:
            peer_config(Settings(ICE_SERVERS=[wrong]))
        assert error.value.code == "bad_settings"
    assert config.connect_timeout_s == 7
    assert config.frame_watchdog_s == 3
    assert config.ice_servers == ({"urls": "stun:x"},)
    assert not config.loopback_only


async def cycle() -> None:
    async with Call(Camera(), Microphone(np.zeros(16_000, np.int16))) as call:
        await call.connect("face", "voice")
        await call.until("live", 5)
        await call.windows(0.3, hop_s=0.3)
        await call.peer.close()
        await call.peer.close()
        assert call.peer.status.media == "closed"


async def test_twenty_connections_leave_no_thread_no_socket_and_no_memory():
    process = psutil.Process(os.getpid())
    sender = ThreadPoolExecutor(1)  # the sender encodes in the loop's own threads: one, and no more
    asyncio.get_running_loop().set_default_executor(sender)
    list(media_pool().map(time.sleep, [0.05] * 8))  # all of its threads are there
    for _ in range(4):  # the nets, the pool and the allocator warm up
        await cycle()
    gc.collect()
    threads, sockets, memory = thread_count(), process.num_fds(), process.memory_info().rss
    for _ in range(20):
        await cycle()
    gc.collect()
    assert thread_count() <= threads, sorted(t.name for t in threading.enumerate())
    assert process.num_fds() <= sockets
    grown_mb = (process.memory_info().rss - memory) / 1e6
    assert grown_mb < 12, f"{grown_mb:.1f} MB more after 20 connections"


async def test_closing_is_quick():
    async with Call(Camera(), Microphone(np.zeros(16_000, np.int16))) as call:
        await call.connect("face", "voice")
        await call.until("live", 5)
        began = time.monotonic()
        await call.peer.close()
        assert time.monotonic() - began < 1.5
