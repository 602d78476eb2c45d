"""A tab that is killed: its session ends, and what it cost is given back."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser

from tests.e2e.browsing import Visit
from tests.e2e.conftest import Visitor
from tests.e2e.pages import Home, LessonPage
from tests.e2e.site import Web

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(240)]
MIB = 2**20
GIVEN_BACK_S = 30.0
# What one learner leaves in the allocator's arenas; a peer that stays costs ten times as much.
NEAR_MIB = 12.0
# The pools for database calls and for media grow to their size with use.
NEAR_THREADS = 4


@dataclass(frozen=True)
class Costs:
    """Of a web server: its threads, the UDP sockets of its peers, MiB of memory."""

    threads: int
    sockets: int
    mib: float


def costs(web: Web) -> Costs:
    sockets = len(web.process.net_connections(kind="udp"))
    return Costs(web.process.num_threads(), sockets, web.process.memory_info().rss / MIB)


def renderers(browser: Browser) -> set[int]:
    """The processes that draw pages."""
    session = browser.new_browser_cdp_session()
    running = session.send("SystemInfo.getProcessInfo")["processInfo"]
    session.detach()
    return {int(process["id"]) for process in running if process["type"] == "renderer"}


def test_a_killed_tab_ends_its_session_and_costs_nothing(
    visit: Visitor,
    spare: Web,
    browser: Browser,
    record_property: Callable[[str, object], None],
) -> None:
    def with_a_camera() -> Visit:
        learner = visit("gus", address=spare.address)
        lesson = LessonPage(learner.page, learner.address).open()
        lesson.panel.start("face", "voice", "interaction")
        learner.until("a face is seen", lambda: learner.wire.windows(face="ok") >= 3, 40)
        return learner

    # The first learner of a process loads the detectors, which stay.
    first = with_a_camera()
    first.page.close()
    watcher = visit("gus", address=spare.address)
    Home(watcher.page, watcher.address).open()
    watcher.until("the first is gone", lambda: ended(watcher, first.wire.session))
    watcher.page.wait_for_timeout(5_000)
    idle = costs(spare)

    others = renderers(browser)
    second = with_a_camera()
    busy = costs(spare)
    assert busy.sockets > idle.sockets, "a peer has sockets of its own"
    session = second.wire.session
    killed_s = time.monotonic()
    for pid in renderers(browser) - others:
        os.kill(pid, signal.SIGKILL)  # no page says goodbye
    watcher.until("the session is ended", lambda: ended(watcher, session), 10)
    end_s = killed_s + GIVEN_BACK_S
    while not given_back(costs(spare), idle) and time.monotonic() < end_s:
        watcher.page.wait_for_timeout(500)
    left = costs(spare)
    assert given_back(left, idle), f"{idle} → {busy} → {left}"
    record_property("costs", f"{idle}, {busy} with a learner, {left} after")


def given_back(now: Costs, before: Costs) -> bool:
    return (
        now.threads <= before.threads + NEAR_THREADS
        and now.sockets <= before.sockets
        and now.mib <= before.mib + NEAR_MIB
    )


def ended(watcher: Visit, session: str) -> bool:
    """The counts of a session are written down when it ends."""
    return bool(watcher.record(session)["estimates"] > 0)
