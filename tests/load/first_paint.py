"""When a learner on a slow line first sees the lesson, against the real demonstration.

``python -m tests.load.first_paint`` starts it, signs in, and opens a lesson with an empty cache
under each of Chrome's own profiles. It prints a line a profile; `--json` prints the figures.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from playwright.sync_api import Browser, StorageState, sync_playwright

from tests.e2e.pages import LESSON, LessonPage, SignIn
from tests.e2e.site import PASSWORD, Site
from tutor_emotion.demo.bootstrap.browser import find

_KBIT = 1000 / 8
_PAINTS = """() => Object.fromEntries(
  performance.getEntriesByType('paint').map((paint) => [paint.name, paint.startTime]))"""
_SIZES = """() => performance.getEntriesByType('resource')
  .concat(performance.getEntriesByType('navigation')).map((one) => one.transferSize)"""
# What moved without having been touched, from the first paint until the script has taken over.
_SHIFTS = """() => new Promise((done) => {
  let sum = 0;
  new PerformanceObserver((list) => {
    for (const shift of list.getEntries()) if (!shift.hadRecentInput) sum += shift.value;
  }).observe({ type: 'layout-shift', buffered: true });
  setTimeout(() => done(sum), 100);
})"""


@dataclass(frozen=True)
class Profile:
    """A slow line, as the tool of that name in Chrome makes it; bytes a second, milliseconds."""

    name: str
    down: float
    up: float
    latency_ms: float


# Lighthouse's mobile preset (once called "Fast 3G" there), and "Fast 3G" of the DevTools, which
# takes a tenth off the line and multiplies the round trip by 3.75.
PROFILES = (
    Profile("Lighthouse mobile, 150 ms", 1638.4 * _KBIT, 750 * _KBIT, 150.0),
    Profile("DevTools Fast 3G, 562.5 ms", 1440 * _KBIT, 675 * _KBIT, 562.5),
)


@dataclass(frozen=True)
class Paint:
    """Milliseconds after the click on the link; bytes over the line; Chrome's own shift score."""

    profile: str
    first_paint_ms: float
    first_contentful_paint_ms: float
    player_ms: float
    received_bytes: int
    layout_shift: float


def measure(
    browser: Browser, address: str, cookies: StorageState, profile: Profile, width: int
) -> Paint:
    """One visit with an empty cache, until the script has taken over from the plain form."""
    context = browser.new_context(
        storage_state=cookies, viewport={"width": width, "height": 800}, locale="en-GB"
    )
    page = context.new_page()
    line = context.new_cdp_session(page)
    line.send("Network.enable")
    line.send("Network.setCacheDisabled", {"cacheDisabled": True})
    conditions = {
        "offline": False,
        "latency": profile.latency_ms,
        "downloadThroughput": profile.down,
        "uploadThroughput": profile.up,
    }
    line.send("Network.emulateNetworkConditions", conditions)
    page.goto(address + LESSON, wait_until="commit")
    page.locator("nav .lesson-steps").wait_for(timeout=30_000)
    player_ms = float(page.evaluate("() => performance.now()"))
    page.wait_for_load_state("networkidle")
    paints = page.evaluate(_PAINTS)
    found = Paint(
        profile.name,
        float(paints["first-paint"]),
        float(paints["first-contentful-paint"]),
        player_ms,
        sum(map(int, page.evaluate(_SIZES))),
        float(page.evaluate(_SHIFTS)),
    )
    context.close()
    return found


def middle(paints: Sequence[Paint]) -> Paint:
    """The median of each figure."""
    rows = [asdict(paint) for paint in paints]
    figures = {
        key: statistics.median(row[key] for row in rows) for key in rows[0] if key != "profile"
    }
    return Paint(profile=paints[0].profile, **figures)


def paints(times: int, width: int = 360) -> list[Paint]:
    """The middle one of so many visits under each profile."""
    with tempfile.TemporaryDirectory() as var, sync_playwright() as driver:
        site = Site(Path(var))
        browser = driver.chromium.launch(executable_path=find(), args=["--no-sandbox"])
        try:
            site.start()
            page = browser.new_page()
            SignIn(page, site.address).open().sign_in("ada", PASSWORD)
            page.wait_for_url(site.address)
            cookies = page.context.storage_state()
            LessonPage(page, site.address).open()  # the server is warm, as it is in a school hour
            return [
                middle([measure(browser, site.address, cookies, one, width) for _ in range(times)])
                for one in PROFILES
            ]
        finally:
            browser.close()
            site.stop()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=5, help="visits a profile; the median counts")
    parser.add_argument("--json", action="store_true")
    chosen = parser.parse_args()
    found = paints(chosen.times)
    if chosen.json:
        sys.stdout.write(json.dumps([asdict(paint) for paint in found]) + "\n")
        return
    for paint in found:
        sys.stdout.write(
            f"{paint.profile}: first paint {paint.first_paint_ms:.0f} ms, first contentful paint "
            f"{paint.first_contentful_paint_ms:.0f} ms, script {paint.player_ms:.0f} ms, "
            f"{paint.received_bytes / 1000:.0f} kB, layout shift {paint.layout_shift:.3f}\n"
        )


if __name__ == "__main__":
    main()
