"""The whole way of an omni model: it reads a face, help is offered, the learner asks why."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests.e2e.browsing import look
from tests.e2e.conftest import a_visit
from tests.e2e.pages import LessonPage, SignIn
from tests.e2e.site import PASSWORD, Site

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(240)]


@pytest.fixture
def omni(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    running = Site(tmp_path_factory.mktemp("omni"), settings="tests.e2e.omni_settings")
    try:
        running.start()
        yield running
    finally:
        running.stop()


def test_who_asks_why_hears_only_what_was_measured(omni: Site, browser: Browser) -> None:
    ada = a_visit(browser, omni.address, None)
    SignIn(ada.page, omni.address).open().sign_in("ada", PASSWORD)
    ada.page.wait_for_url(omni.address)
    lesson = LessonPage(ada.page, omni.address).open()
    panel = lesson.panel
    panel.start("face", "interaction", "self_report")
    ready = ada.page.request.get(omni.address + "readyz").json()
    assert [name.split("+")[0] for name in ready["workers"]] == ["omni-mini/1"]
    ada.until("a face is seen", lambda: ada.wire.windows(face="ok") >= 3, 40)
    lesson.miss("3/5", "5/8", "8/3")
    panel.feel("stuck")
    expect(panel.offer).to_be_visible()
    why = panel.why()
    assert why, "what the offer itself was made of is there at once"
    ada.until("the model's answer comes", lambda: ada.wire.of("reasons"), 20)
    (reasons,) = ada.wire.of("reasons")
    shown = panel.root.locator("#also li")
    expect(shown).to_have_count(len(reasons["claims"]))
    look(ada.page, "why-omni")
    assert not ada.faults
    ada.context.close()
