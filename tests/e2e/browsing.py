"""A person at a browser: a context of their own, what goes over the wire, and what axe says."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import BrowserContext, Page, WebSocket

ROOT = Path(__file__).resolve().parents[2]
AXE = ROOT / "frontend" / "node_modules" / "axe-core" / "axe.min.js"
FOUND = ROOT / "var" / "test" / "e2e"
LOOKS = FOUND / "looks"
SPY = Path(__file__).with_name("spy.js")
WIDTHS_PX = (320, 768, 1280)
SCHEMES = ("light", "dark")
# Django's own pages have faults of their own: its select2, and the headings of its inline forms.
_FAULTS = """async () => (await axe.run(
    { include: ['html'], exclude: ['.select2', '.fieldset-heading'] },
    { resultTypes: ['violations'] })).violations
  .map((v) => `${v.id}: ${v.help}\\n  ` + v.nodes.map((n) => n.html.slice(0, 200)).join('\\n  '))"""


@dataclass
class Wire:
    """Every message of the page's websockets, in the order of their coming."""

    received: list[dict[str, Any]] = field(default_factory=list)
    sent: list[dict[str, Any]] = field(default_factory=list)
    sockets: list[str] = field(default_factory=list)

    def listen(self, socket: WebSocket) -> None:
        self.sockets.append(socket.url)
        socket.on("framereceived", lambda text: self.received.append(json.loads(text)))
        socket.on("framesent", lambda text: self.sent.append(_event_of(json.loads(text))))

    def of(self, kind: str) -> list[dict[str, Any]]:
        return [message for message in self.received if message["type"] == kind]

    @property
    def session(self) -> str:
        return str(self.of("welcome")[-1]["session"])

    def windows(self, face: str = "", voice: str = "") -> int:
        """WindowReports with these qualities."""
        return sum(
            (not face or window["face"] == face) and (not voice or window["voice"] == voice)
            for window in self.of("window")
        )


def _event_of(message: dict[str, Any]) -> dict[str, Any]:
    """What was reported, without the number that it was sent under."""
    event: dict[str, Any] = message.get("event", message)
    return event


@dataclass
class Visit:
    """One person with one page."""

    context: BrowserContext
    page: Page
    address: str
    wire: Wire = field(default_factory=Wire)
    faults: list[str] = field(default_factory=list)

    def watch_policy(self) -> Visit:
        """What the content policy stops on any page of this person, popups too, is a fault."""
        self.context.expose_function("policyBroken", lambda what: self.faults.append(what))
        return self

    def begin(self) -> Visit:
        self.page.on("websocket", self.wire.listen)
        self.page.on("pageerror", lambda error: self.faults.append(str(error)))
        return self

    def another_tab(self) -> Visit:
        return Visit(self.context, self.context.new_page(), self.address).begin()

    def until(self, what: str, holds: Callable[[], object], within_s: float = 20.0) -> None:
        """Lets the page go on until something holds."""
        end = time.monotonic() + within_s
        while not holds():
            assert time.monotonic() < end, (
                f"not within {within_s:.0f} s: {what}; the last messages: {self.wire.received[-5:]}"
            )
            self.page.wait_for_timeout(100)

    def asked(self) -> int:
        """How often the page has asked for camera or microphone."""
        return int(self.page.evaluate("() => seen.asked"))

    def peers(self) -> int:
        return int(self.page.evaluate("() => seen.peers"))

    def tracks(self) -> list[str]:
        """`live` or `ended`, for each track that the page was ever given."""
        return [str(s) for s in self.page.evaluate("() => seen.tracks.map((t) => t.readyState)")]

    def record(self, session: str) -> dict[str, Any]:
        """The learner's own record of a session, as the server keeps it."""
        answer = self.page.request.get(f"{self.address}tutor-emotion/sessions/{session}/")
        assert answer.ok, answer.text()
        return dict(answer.json())


def axe_faults(page: Page) -> list[str]:
    """What axe finds on this page now, shadow roots included."""
    if not page.evaluate("() => 'axe' in window"):
        page.evaluate(AXE.read_text())
    return [str(fault) for fault in page.evaluate(_FAULTS)]


def picture(page: Page, name: str) -> None:
    """What is on the screen; those of ``docs/images`` were made here."""
    page.screenshot(path=FOUND / f"{name}.png", animations="disabled")


def look(page: Page, state: str) -> None:
    """Every width in light and dark: a picture of it, nothing cut off, and nothing axe minds."""
    LOOKS.mkdir(parents=True, exist_ok=True)
    before = page.viewport_size or {"width": 1280, "height": 800}
    minded = []
    for scheme in SCHEMES:
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        for width in WIDTHS_PX:
            page.set_viewport_size({"width": width, "height": before["height"]})
            wide = page.evaluate("() => document.documentElement.scrollWidth")
            page.screenshot(
                path=LOOKS / f"{state}-{width}-{scheme}.png", full_page=True, animations="disabled"
            )
            if wide > width:
                minded.append(f"{state} at {width} px is {wide} px wide")
        # Colours differ by scheme, sizes by width: each of both is looked at once.
        page.set_viewport_size({"width": 320 if scheme == "dark" else 1280, "height": 800})
        minded += [f"{state}, {scheme}: {fault}" for fault in axe_faults(page)]
    page.emulate_media(color_scheme="light")
    page.set_viewport_size(before)
    assert not minded, "\n".join(minded)
