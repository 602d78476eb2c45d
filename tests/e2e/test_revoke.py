"""What is taken back ends within a second: the tracks, the server's use of them, what waits."""

from __future__ import annotations

import pytest

from tests.e2e.conftest import Visitor
from tests.e2e.pages import LessonPage, Panel
from tests.e2e.site import Site
from tests.load.revoke import LIMIT_MS, NOTES, WAYS, Slots, revoke

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(240)]


@pytest.fixture
def slots(site: Site) -> Slots:
    assert site.supervisor is not None
    return Slots(site.supervisor._env["REDIS_URL"])


def test_both_sensors_are_off_within_a_second_either_way(visit: Visitor, slots: Slots) -> None:
    gus = visit("gus")
    gus.context.add_init_script(path=NOTES)
    panel: Panel = LessonPage(gus.page, gus.address).open().panel
    for way in WAYS:
        found = revoke(panel, slots, way)
        assert found.all_ms <= LIMIT_MS, (way, found)


def test_one_of_two_ends_and_the_other_goes_on(visit: Visitor) -> None:
    hana = visit("hana")
    hana.context.add_init_script(path=NOTES)
    panel = LessonPage(hana.page, hana.address).open().panel
    panel.start("face", "voice", "interaction")
    hana.until("both are read", lambda: hana.wire.windows(face="ok", voice="ok") >= 1, 60)

    assert hana.page.evaluate("() => takeBack(['face'])") == 200
    tracks = "() => seen.tracks.map((t) => [t.kind, t.readyState])"
    wanted = [["audio", "live"], ["video", "ended"]]
    hana.until("the camera is off", lambda: sorted(hana.page.evaluate(tracks)) == wanted, 1)
    hana.page.wait_for_timeout(1_000)  # what was on its way
    before = len(hana.wire.of("window"))
    hana.until(
        "speech is heard again",
        lambda: any(w["voice"] == "ok" for w in hana.wire.of("window")[before:]),
        30,
    )
    assert {w["face"] for w in hana.wire.of("window")[before:]}.isdisjoint({"ok"})
