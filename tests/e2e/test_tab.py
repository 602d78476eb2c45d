"""A tab that is killed: its session ends, and what it cost is given back."""

from __future__ import annotations

import contextlib
import time

import pytest
from playwright.sync_api import Error

from tests.e2e.browsing import Visit
from tests.e2e.conftest import Visitor
from tests.e2e.pages import Home, LessonPage
from tests.e2e.site import Web

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(240)]
MIB = 2**20
GIVEN_BACK_S = 30.0
# What one learner leaves in the allocator's arenas; a peer that stays costs ten times as much.
NEAR_MIB = 12.0


def costs(web: Web) -> tuple[int, float]:
    """Threads and MiB of memory of a web server."""
    return web.process.num_threads(), web.process.memory_info().rss / MIB


def crash(visit: Visit) -> None:
    """The renderer dies: no page says goodbye."""
    visit.page.on("crash", lambda _: None)
    session = visit.context.new_cdp_session(visit.page)
    with contextlib.suppress(Error):  # nobody is left to answer
        session.send("Page.crash")


def test_a_killed_tab_ends_its_session_and_costs_nothing(visit: Visitor, spare: Web) -> None:
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
    threads, memory = costs(spare)

    second = with_a_camera()
    busy_threads, busy_memory = costs(spare)
    assert busy_threads > threads, "a peer decodes in threads of its own"
    session = second.wire.session
    killed_s = time.monotonic()
    crash(second)
    watcher.until("the session is ended", lambda: ended(watcher, session), 10)
    watcher.until(
        "threads and memory are given back",
        lambda: costs(spare)[0] <= threads and costs(spare)[1] <= memory + NEAR_MIB,
        GIVEN_BACK_S - (time.monotonic() - killed_s),
    )
    print(
        f"threads {threads} → {busy_threads} → {costs(spare)[0]}, MiB {memory:.0f} → "
        f"{busy_memory:.0f} → {costs(spare)[1]:.0f} in {time.monotonic() - killed_s:.1f} s"
    )


def ended(watcher: Visit, session: str) -> bool:
    """The counts of a session are written down when it ends."""
    return bool(watcher.record(session)["estimates"] > 0)
