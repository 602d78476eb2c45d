"""What a bad network costs: a real browser, our real Peer, and a script between them.

    .venv/bin/python -m tests.load.loss            # all rows, about six minutes; needs Chromium
    .venv/bin/python -m tests.load.loss 5 15 --seconds 20 --stock

Chromium sends what the panel asks of it (320x240@10 VP8, Opus in packets of 60 ms). It connects
over a good path, which then turns bad, in both directions and for STUN, DTLS and RTCP alike.
``--stock`` has aiortc's own buffers receive instead, for comparison.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from playwright.async_api import Browser, async_playwright

from tests.media.path import Path, Trouble
from tests.media.senders import WEIGHTS
from tests.media.tally import Tally
from tests.media_files import speech_wav, video
from tutor_emotion.core.types import Window, WindowSpec
from tutor_emotion.demo.bootstrap.browser import find
from tutor_emotion.media import tuning
from tutor_emotion.media.peer import Peer, PeerConfig

NEAR = 0.02  # seconds each way: a network of a city
ROWS = {
    "good": Trouble(delay_s=NEAR),
    "1": Trouble(loss=0.01, delay_s=NEAR),
    "5": Trouble(loss=0.05, delay_s=NEAR),
    "15": Trouble(loss=0.15, delay_s=NEAR),
    "50": Trouble(loss=0.50, delay_s=NEAR),
    "jitter": Trouble(delay_s=NEAR, jitter_s=0.3),
    "150k": Trouble(delay_s=NEAR, bits_per_s=150_000),
    "60k": Trouble(delay_s=NEAR, bits_per_s=60_000),
}
HEAD = (
    "| line | packets lost | sound missing | longest gap of pictures | pictures a second "
    "| Windows with the face | gaps in utterances | picture back after | load |\n"
    "|---|---|---|---|---|---|---|---|---|\n"
)
PAGE = "https://loss.test/"
# What frontend/src/core does, without the socket: the same constraints, encodings and packets.
SCRIPT = """
async () => {
  const media = await navigator.mediaDevices.getUserMedia({
    video: {width: {ideal: 320}, height: {ideal: 240}, frameRate: {ideal: 10}},
    audio: {echoCancellation: true, noiseSuppression: true, autoGainControl: false},
  });
  const rtc = window.rtc = new RTCPeerConnection({iceServers: []});
  for (const track of media.getTracks()) {
    track.contentHint = track.kind === 'video' ? 'motion' : 'speech';
    rtc.addTransceiver(track, {direction: 'sendonly', streams: [media], sendEncodings: [
      track.kind === 'video' ? {maxBitrate: 150000, maxFramerate: 10} : {maxBitrate: 24000}]});
  }
  await rtc.setLocalDescription(await rtc.createOffer());
  while (rtc.iceGatheringState !== 'complete')
    await new Promise((resolve) => setTimeout(resolve, 20));
  const answer = await exchange(rtc.localDescription.sdp);
  await rtc.setRemoteDescription({type: 'answer', sdp: answer});
}
"""


@dataclass(frozen=True, slots=True)
class Row:
    """One measurement. Shares are of what a good line brings; gaps in seconds."""

    name: str
    lost_packets: float
    sound_missing: float
    picture_gap_s: float
    pictures_per_s: float
    windows_with_face: float
    gap_share: float
    back_s: float


@contextmanager
def stock_buffers(on: bool) -> Iterator[None]:
    ours = tuning.mend_losses
    if on:
        tuning.mend_losses = lambda receiver, kind: None  # type: ignore[assignment]
    try:
        yield
    finally:
        tuning.mend_losses = ours


async def measure(browser: Browser, name: str, trouble: Trouble, seconds: float) -> Row:
    peer = Peer(
        spec=WindowSpec(),
        clock=time.monotonic,
        config=PeerConfig(weights_dir=WEIGHTS, loopback_only=True),
        on_status=lambda status: None,
    )
    page = await browser.new_page()
    async with Path() as path:
        try:
            await _connect(page, peer, path)
            tally = Tally(peer)
            await asyncio.sleep(8)  # the sender's estimate of the line has grown
            return await _watch(peer, path, tally, name, trouble, seconds)
        finally:
            await peer.close()
            await page.close()


async def _connect(page, peer: Peer, path: Path) -> None:  # type: ignore[no-untyped-def]
    async def exchange(sdp: str) -> str:
        return path.answer(await peer.answer(path.offer(sdp), frozenset({"face", "voice"})))

    async def blank(route) -> None:  # type: ignore[no-untyped-def]
        await route.fulfill(body="<title>loss</title>", content_type="text/html")

    await page.route(f"{PAGE}**", blank)
    await page.expose_function("exchange", exchange)
    await page.goto(PAGE)
    await page.evaluate(SCRIPT)
    end = time.monotonic() + 10
    while peer.status.media != "live":
        assert time.monotonic() < end, peer.status
        await asyncio.sleep(0.05)


async def _watch(
    peer: Peer, path: Path, tally: Tally, name: str, trouble: Trouble, seconds: float
) -> Row:
    passed, lost = path.up.passed, path.up.lost
    path.trouble = trouble
    began = time.monotonic()
    windows: list[Window] = []
    peer.cut(began)
    while time.monotonic() < began + seconds:
        await asyncio.sleep(1.0)
        windows.append(peer.cut(time.monotonic()))
    passed, lost = path.up.passed - passed, path.up.lost - lost
    gap, missing = tally.longest_picture_gap_s(began), tally.sound_missing(began)
    pictures = sum(at >= began for at in tally.pictures_s) / seconds
    path.trouble = Trouble(delay_s=NEAR)
    mended = time.monotonic()
    while not tally.pictures_s or tally.pictures_s[-1] < mended:
        await asyncio.sleep(0.02)
        assert time.monotonic() < mended + 30, "no picture came back"
    said = [u.gap_share for window in windows for u in window.utterances]
    return Row(
        name,
        lost / max(1, passed + lost),
        missing,
        gap,
        pictures,
        sum(w.face == "ok" for w in windows) / len(windows),
        sum(said) / len(said) if said else 0.0,
        tally.pictures_s[-1] - mended,
    )


async def run(names: Sequence[str], seconds: float, stock: bool) -> None:
    arguments = [
        "--no-sandbox",
        "--disable-gpu",
        "--use-fake-device-for-media-stream",
        "--use-fake-ui-for-media-stream",
        "--allow-loopback-in-peer-connection",
        f"--use-file-for-fake-video-capture={video('face', '.y4m')}",
        f"--use-file-for-fake-audio-capture={speech_wav()}",
    ]
    sys.stdout.write(HEAD)
    async with async_playwright() as driver:
        browser = await driver.chromium.launch(executable_path=find(), args=arguments)
        with stock_buffers(stock):
            for name in names:
                row = await measure(browser, name, ROWS[name], seconds)
                sys.stdout.write(
                    f"| {row.name} | {row.lost_packets:.1%} | {row.sound_missing:.1%} "
                    f"| {row.picture_gap_s:.2f} s | {row.pictures_per_s:.1f} "
                    f"| {row.windows_with_face:.0%} | {row.gap_share:.1%} "
                    f"| {row.back_s:.2f} s | {os.getloadavg()[0]:.1f} |\n"
                )
                sys.stdout.flush()
        await browser.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("rows", nargs="*", help="all of them by default")
    parser.add_argument("--seconds", type=float, default=30.0)
    parser.add_argument("--stock", action="store_true", help="with aiortc's own buffers")
    options = parser.parse_args()
    asyncio.run(run(options.rows or list(ROWS), options.seconds, options.stock))


if __name__ == "__main__":
    main()
