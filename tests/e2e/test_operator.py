"""An operator at the page that tells how the site runs: it keeps itself up to date."""

from __future__ import annotations

import json
import time

import pytest
import redis
from playwright.sync_api import expect

from tests.e2e.browsing import axe_faults, look
from tests.e2e.conftest import Visitor
from tests.e2e.site import PASSWORD, Site
from tutor_emotion import __version__, beats
from tutor_emotion.inference.schema import SCHEMA

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(240)]
PAGE = "admin/tutor_emotion/killswitch/operator/"
_OPERATOR = f"""
from django.contrib.auth import get_user_model
get_user_model().objects.create_superuser("olga", password={PASSWORD!r})
"""


def test_the_page_tells_of_a_death_by_itself_and_of_nothing_when_asked_not_to(
    site: Site, visit: Visitor
) -> None:
    site.run("shell", "-c", _OPERATOR)
    olga = visit("olga")
    page = olga.page
    page.goto(olga.address + PAGE)
    expect(page.locator(".te-is-alive").first).to_be_visible()
    assert axe_faults(page) == []
    loads = page.evaluate("performance.timeOrigin")
    place = page.get_by_role("region", name="Processes", exact=True)
    place.focus()
    with redis.Redis.from_url(site.supervisor._env["REDIS_URL"]) as valkey:  # type: ignore[union-attr]
        dead = {"kind": "worker", "name": "gpu-17", "release": __version__, "schema": SCHEMA,
                "up_s": 1.0, "at_s": time.time() - 60, "until_s": time.time() - 51}  # fmt: skip
        valkey.hset(beats.KEY, "worker|gpu-17", json.dumps(dead))
        row = page.get_by_role("row", name="gpu-17")
        expect(row).to_contain_text("died", timeout=15_000)
        expect(page.get_by_role("status")).to_contain_text("died within the last hour")
        assert axe_faults(page) == []
        expect(place).to_be_focused()  # what a keyboard stands on is not taken away
        assert page.evaluate("performance.timeOrigin") == loads  # and nothing was loaded anew
        page.get_by_role("checkbox", name="Refresh every 5 seconds").uncheck()
        valkey.hdel(beats.KEY, "worker|gpu-17")
        asked = page.locator("#te-asked").inner_text()
        page.wait_for_timeout(6_000)
        expect(page.locator("#te-asked")).to_have_text(asked)
        page.get_by_role("checkbox", name="Refresh every 5 seconds").check()
        expect(row).to_have_count(0, timeout=15_000)


@pytest.mark.parametrize("language", ["en", "de", "ar"])
def test_it_fits_and_reads_in_each_language(site: Site, visit: Visitor, language: str) -> None:
    site.run("shell", "-c", _OPERATOR.replace('"olga"', f'"olga-{language}"'))
    olga = visit(f"olga-{language}", locale=language)
    olga.page.goto(olga.address + PAGE)
    expect(olga.page.locator("html")).to_have_attribute("lang", language)
    expect(olga.page.locator(".te-is-alive").first).to_be_visible()
    look(olga.page, f"operator-{language}")
