"""How soon camera and microphone are off once they are no longer wanted, against the real site.

``python -m tests.load.revoke`` starts the demonstration, gives Chromium a face and a voice, and
does it again and again in two ways: ``stop`` is a click on the panel's button; ``taken_back`` is
the consent for both taken back elsewhere while the lesson runs, as another tab of the learner does
or a guardian's link. It prints the figures as JSON; see docs/benchmarks.md.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any, Literal, TypeAlias

import redis
from playwright.sync_api import Page, sync_playwright

from tests.e2e.pages import LessonPage, Panel, SignIn
from tests.e2e.site import PASSWORD, Site
from tests.media_files import speech_wav, video
from tutor_emotion.demo.bootstrap.browser import find

Way: TypeAlias = Literal["stop", "taken_back"]
WAYS: tuple[Way, ...] = ("stop", "taken_back")
NOTES = Path(__file__).with_suffix(".js")
LIMIT_MS = 1000.0
SETTLE_MS = 1500  # how long is watched for anything that comes late
READY_S = 60.0


@dataclass(frozen=True)
class Revoked:
    """Milliseconds after the click, or after the request was sent.

    ``tracks_ms``: the last track of camera and microphone has ended in the browser. ``server_ms``:
    the server says that it uses neither. ``waiting_ms``: from then on no Window waited in Valkey.
    ``reading_ms``: the last Reading that the session took. 0 where there was nothing to end.
    """

    tracks_ms: float
    server_ms: float
    waiting_ms: float
    reading_ms: float

    @property
    def all_ms(self) -> float:
        return max(asdict(self).values())


class Slots:
    """Sees every change of a slot in Valkey, by its keyspace events."""

    def __init__(self, url: str) -> None:
        self.changes: list[tuple[float, str]] = []
        self._client = redis.Redis.from_url(url)
        self._client.config_set("notify-keyspace-events", "KEA")
        self._heard = self._client.pubsub(ignore_subscribe_messages=True)
        self._heard.psubscribe("__keyspace@*__:te:window:*", "__keyspace@*__:te:speech:*")
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        with suppress(redis.ConnectionError):  # the site was stopped
            for message in self._heard.listen():
                self.changes.append((time.time() * 1000, message["data"].decode()))

    def last_change_after(self, at_ms: float) -> float:
        """Milliseconds after ``at_ms`` of the last change of any slot; 0 without any.

        Raises:
            AssertionError: something waits even now.
        """
        left = [*self._client.scan_iter("te:window:*"), *self._client.scan_iter("te:speech:*")]
        assert not left, "a Window waits although nothing may be read"
        assert not self._client.zcard("te:waiting"), "a slot waits although nothing may be read"
        return max((at - at_ms for at, _ in self.changes if at > at_ms), default=0.0)


def revoke(panel: Panel, slots: Slots, way: Way) -> Revoked:
    """One round: camera and microphone on, until both are read; then off, by this way."""
    page = panel.page
    panel.start("face", "voice", "interaction")
    _until(page, "noted.readings.length >= 2")
    assert slots.changes, "Windows were read, and no slot of theirs was heard of"
    slots.changes.clear()
    page.evaluate("() => { noted.stops = []; noted.statuses = []; noted.readings = []; }")
    if way == "stop":
        panel.press("stop")
    else:
        assert page.evaluate("() => takeBack()") == 200
    page.wait_for_timeout(SETTLE_MS)
    noted: dict[str, Any] = page.evaluate("() => noted")
    began = float(noted["began"])
    live = page.evaluate("() => seen.tracks.filter((t) => t.readyState === 'live').length")
    assert not live, "a track is live although nothing may be read"
    off = [at for at, in_use in noted["statuses"] if not {"face", "voice"} & set(in_use)]
    assert off, "the server has not said that it is off"
    found = Revoked(
        tracks_ms=max(at - began for at in noted["stops"]),
        server_ms=min(off) - began,
        waiting_ms=slots.last_change_after(began),
        reading_ms=max((at - began for at in noted["readings"]), default=0.0),
    )
    panel.root.locator("#choose-again" if way == "stop" else "#change").click()
    return found


def revocations(ways: Sequence[Way], times: int) -> dict[Way, list[Revoked]]:
    """So many rounds by each way, in turns, on one site."""
    spy = Path(__file__).parents[1] / "e2e" / "spy.js"
    arguments = [
        "--no-sandbox",
        "--disable-gpu",
        "--use-fake-device-for-media-stream",
        "--use-fake-ui-for-media-stream",
        f"--use-file-for-fake-video-capture={video('face', '.y4m')}",
        f"--use-file-for-fake-audio-capture={speech_wav()}",
    ]
    found: dict[Way, list[Revoked]] = {way: [] for way in ways}
    with tempfile.TemporaryDirectory() as var, sync_playwright() as driver:
        site = Site(Path(var))
        browser = driver.chromium.launch(executable_path=find(), args=arguments)
        try:
            site.start()
            assert site.supervisor is not None
            slots = Slots(site.supervisor._env["REDIS_URL"])
            context = browser.new_context(permissions=["camera", "microphone"], locale="en-GB")
            for script in (spy, NOTES):
                context.add_init_script(path=script)
            page = context.new_page()
            SignIn(page, site.address).open().sign_in("ada", PASSWORD)
            page.wait_for_url(site.address)
            panel = LessonPage(page, site.address).open().panel
            for number in range(times):
                for way in ways:
                    found[way].append(revoke(panel, slots, way))
                    sys.stderr.write(f"{number + 1} {way}: {found[way][-1].all_ms:.0f} ms\n")
            return found
        finally:
            browser.close()
            site.stop()


def summary(rounds: Sequence[Revoked]) -> dict[str, Any]:
    """p50, p95 and the worst of each figure, and of the worst figure of each round."""
    rows = {field.name: [getattr(r, field.name) for r in rounds] for field in fields(Revoked)}
    rows["all_ms"] = [r.all_ms for r in rounds]
    return {"rounds": len(rounds)} | {name: _spread(row) for name, row in rows.items()}


def _spread(values: Sequence[float]) -> dict[str, float]:
    ordered = sorted(values)
    p95 = ordered[-(-95 * len(ordered) // 100) - 1]
    spread = {"p50": statistics.median(ordered), "p95": p95, "max": ordered[-1]}
    return {name: round(value, 1) for name, value in spread.items()}


def _until(page: Page, holds: str) -> None:
    """Asked from here: what waits within the page would need ``unsafe-eval``."""
    end = time.monotonic() + READY_S
    while not page.evaluate(f"() => {holds}"):
        assert time.monotonic() < end, f"not within {READY_S:.0f} s: {holds}"
        page.wait_for_timeout(100)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=50, help="rounds of each way")
    parser.add_argument("--way", choices=WAYS, help="only this one")
    chosen = parser.parse_args()
    load = os.getloadavg()[0]
    ways = (chosen.way,) if chosen.way else WAYS
    found = {way: summary(rounds) for way, rounds in revocations(ways, chosen.times).items()}
    machine = {"cores": os.cpu_count(), "load_before": round(load, 1)}
    sys.stdout.write(json.dumps({**found, "machine": machine}, indent=2) + "\n")
    return int(any(row["all_ms"]["p95"] > LIMIT_MS for row in found.values()))


if __name__ == "__main__":
    sys.exit(main())
