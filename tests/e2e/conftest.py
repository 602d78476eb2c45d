"""One site and one browser for all journeys; each person has a context of their own."""

from __future__ import annotations

import contextlib
import shutil
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Error, Page, StorageState, sync_playwright

from tests.e2e.browsing import FOUND, SPY, Visit
from tests.e2e.pages import LessonPage, SignIn
from tests.e2e.site import EU, ILLINOIS, PASSWORD, Site, Web
from tests.media_files import speech_wav, video
from tutor_emotion.demo.bootstrap.browser import _HINT, find

Visitor = Callable[..., Visit]


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The demonstration, whole. Its logs are kept under ``var/test/e2e``."""
    shutil.rmtree(FOUND, ignore_errors=True)
    FOUND.mkdir(parents=True)
    running = Site(tmp_path_factory.mktemp("site"))
    try:
        running.start()
        yield running
    finally:
        running.stop()
        if running.logs.exists():
            shutil.copytree(running.logs, FOUND / "log", dirs_exist_ok=True)


@pytest.fixture(scope="session")
def spare(site: Site) -> Web:
    """A web server that may be killed: nobody else is on it."""
    return site.another_web()


@pytest.fixture(scope="session")
def school(site: Site) -> Web:
    """A web server of the same site under the law of a school in the European Union."""
    return site.another_web(EU)


@pytest.fixture(scope="session")
def illinois(site: Site) -> Web:
    """The same under a law that wants a written release for face and voice."""
    return site.another_web(ILLINOIS)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium with a file as its camera and a file as its microphone."""
    chromium = find()
    assert chromium, f"These tests need Chromium. {_HINT}"
    arguments = [
        "--no-sandbox",
        "--disable-gpu",
        "--disable-background-networking",
        "--use-fake-device-for-media-stream",
        "--use-fake-ui-for-media-stream",
        f"--use-file-for-fake-video-capture={video('face', '.y4m')}",
        f"--use-file-for-fake-audio-capture={speech_wav()}",
    ]
    with sync_playwright() as driver:
        opened = driver.chromium.launch(executable_path=chromium, args=arguments)
        yield opened
        opened.close()


@pytest.fixture(scope="session")
def signed_in(site: Site, browser: Browser) -> Callable[[str], StorageState]:
    """The cookies of somebody who has signed in at the page for it."""
    known: dict[str, StorageState] = {}

    def cookies(name: str) -> StorageState:
        if name not in known:
            context = browser.new_context()
            page = context.new_page()
            SignIn(page, site.address).open().sign_in(name, PASSWORD)
            page.wait_for_url(site.address)
            known[name] = context.storage_state()
            context.close()
        return known[name]

    return cookies


def a_visit(
    browser: Browser,
    address: str,
    cookies: StorageState | None,
    **options: Any,
) -> Visit:
    settings = {
        "viewport": {"width": 1280, "height": 800},
        "locale": "en-GB",
        "reduced_motion": "reduce",
        "permissions": ["camera", "microphone"],
        **options,
    }
    context = browser.new_context(storage_state=cookies, **settings)
    context.set_default_timeout(15_000)
    context.add_init_script(path=SPY)
    return Visit(context, context.new_page(), address).watch_policy().begin()


@pytest.fixture
def visit(
    site: Site,
    browser: Browser,
    signed_in: Callable[[str], StorageState],
    request: pytest.FixtureRequest,
) -> Iterator[Visitor]:
    """``visit("ada")`` is a browser in which Ada has signed in, at `address` if not at the site."""
    visits: list[Visit] = []

    def go(name: str | None, *, address: str = "", **options: Any) -> Visit:
        cookies = signed_in(name) if name else None
        visits.append(a_visit(browser, address or site.address, cookies, **options))
        return visits[-1]

    yield go
    failed = getattr(request.node, "failed", False)
    for number, visited in enumerate(visits):
        if failed and not visited.page.is_closed():
            _keep_picture(visited.page, f"{request.node.name}-{number}")
        visited.context.close()
    faults = [fault for visited in visits for fault in visited.faults]
    assert not faults, f"the page's scripts failed: {faults}"


@pytest.fixture(scope="session", autouse=True)
def patient(
    site: Site, browser: Browser, signed_in: Callable[[str], StorageState]
) -> Iterator[tuple[Visit, LessonPage, float]]:
    """Ben, who begins before all others: the engine offers nothing in the first two minutes.

    With him comes when he began (monotonic seconds).
    """
    visited = a_visit(browser, site.address, signed_in("ben"))
    lesson = LessonPage(visited.page, site.address).open()
    lesson.panel.start("interaction", "text", "self_report")
    yield visited, lesson, time.monotonic()
    visited.context.close()


def _keep_picture(page: Page, name: str) -> None:
    path = FOUND / "failed" / f"{name}.png"
    path.parent.mkdir(parents=True, exist_ok=True)
    # A page that has crashed has no picture; the failure itself is told anyway.
    with contextlib.suppress(Error):
        page.screenshot(path=path, timeout=5_000)


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[None]:
    outcome: Any = yield
    report = outcome.get_result()
    if report.failed and call.when == "call":
        item.failed = True  # type: ignore[attr-defined]
        report.sections.append(("where to look", f"pictures and server logs: {FOUND}"))
