"""A whole site on real processes: the doctor finds it well, its page tells who lives and who died,
and a worker of the next release refuses with a code while the lesson goes on."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass

import httpx
import pytest
import redis

from tests import coturn
from tests.coturn import Turn
from tests.e2e.site import PASSWORD, ROOT, Site
from tests.inference.windows import window
from tutor_emotion import beats, lately
from tutor_emotion.demo.children import Child
from tutor_emotion.inference import doorbell, queue, schema
from tutor_emotion.inference.packing import pack_window
from tutor_emotion.simulate.page import find_login_form

pytestmark = [pytest.mark.timeout(240), coturn.needs_coturn]
STRONG = "Kq7v-Zp3xW9r_Tn5b=Ld8fGm2sHc4jYe6uRa1oXiQk0wVtPzNyB"
_PREPARE = f"""
from django.contrib.auth import get_user_model
from django.core.management import call_command
call_command("migrate", verbosity=0)
get_user_model().objects.create_superuser("root", password={PASSWORD!r})
call_command("prune")
"""


class BareSite(Site):
    """Without the demonstration's people and lessons, which nobody needs here."""

    def _prepare(self) -> None:
        assert self.supervisor is not None
        self.env = dict(self.supervisor._env)  # with the Valkey that has started meanwhile
        self.run("shell", "-c", _PREPARE)


@dataclass
class Running:
    """A site, its Valkey, and whoever operates it, signed in."""

    site: Site
    valkey: redis.Redis
    browser: httpx.Client

    def page(self) -> str:
        return self.browser.get("/admin/tutor_emotion/killswitch/operator/").text

    def doctor(self, *only: str) -> tuple[int, dict[str, dict[str, str]]]:
        names = [word for name in only for word in ("--only", name)]
        done = subprocess.run(
            [sys.executable, "manage.py", "doctor", "--json", *names],
            cwd=ROOT, env=self.env, capture_output=True, text=True, timeout=90,
        )  # fmt: skip
        assert done.stdout, done.stderr
        return done.returncode, {row["check"]: row for row in json.loads(done.stdout)}

    @property
    def env(self) -> dict[str, str]:
        assert self.site.supervisor is not None
        return self.site.supervisor._env

    def worker(self, app: str, name: str) -> Child:
        command = [
            *(sys.executable, "-m", "celery", "-A", app, "worker", "--pool", "solo"),
            *("--queues", "tutor_emotion", "--without-gossip", "--without-mingle"),
        ]
        child = Child(name, command, self.site.logs / f"{name}.log")
        child.start(self.env | {"TUTOR_EMOTION_RUNNER": "scripted"}, ROOT)
        return child


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with Turn() as turn, pytest.MonkeyPatch.context() as environment:
        environment.setenv("TURN_URLS", " ".join([*turn.urls("udp"), *turn.urls("tcp")]))
        environment.setenv("TURN_SECRET", STRONG)
        environment.setenv("DJANGO_SECRET_KEY", STRONG)
        environment.setattr(coturn, "SECRET", STRONG)
        turn.stop()
        turn.start()  # with a secret that is none of the source's
        site = BareSite(tmp_path_factory.mktemp("site"), "tests.operator.site_settings")
        try:
            site.start()
            with (
                redis.Redis.from_url(site.supervisor._env["REDIS_URL"]) as valkey,  # type: ignore[union-attr]
                closing(signed_in(site.address)) as browser,
            ):
                yield Running(site, valkey, browser)
        finally:
            site.stop()


def signed_in(address: str) -> httpx.Client:
    browser = httpx.Client(base_url=address, follow_redirects=True)
    asked = find_login_form(browser.get("/sign-in/").text)
    assert asked is not None
    form = {**asked.hidden, "username": "root", "password": PASSWORD}
    assert browser.post("/sign-in/", data=form).status_code == 200
    return browser


def until(true: Callable[[], bool], seconds: float = 30.0) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end
        time.sleep(0.1)


def test_a_site_that_is_well_passes_every_check(running: Running) -> None:
    code, found = running.doctor()
    # What this machine is like, and that its pages have no TLS, is not the site's doing.
    theirs = ("disk", "files", "memory", "settings")
    wrong = {
        name: row for name, row in found.items() if row["state"] != "ok" and name not in theirs
    }
    assert wrong == {}
    assert found["settings"]["state"] == "warn", found["settings"]
    assert code == (1 if any(row["state"] == "fail" for row in found.values()) else 0)
    assert found["turn"]["said"].count("gave the relay") == 2
    assert "1 alive" in found["workers"]["said"]
    assert STRONG not in json.dumps(found)


def test_the_page_tells_of_a_site_that_is_well(running: Running) -> None:
    page = running.page()
    assert "All is well." in page
    assert "compact" in page
    assert page.count("te-is-alive") == 2  # one web process, one worker
    assert "all applied" in page


def test_a_worker_of_the_next_release_refuses_and_nothing_crashes(running: Running) -> None:
    newer = running.worker("tests.operator.newer_worker", "newer")
    try:
        until(
            lambda: (
                b"newer" in b"".join(running.valkey.hvals(beats.KEY)) or schemas(running) == {1, 2}
            )
        )
        web = httpx.get(f"{running.site.address}readyz").json()
        assert any(f"schema_mismatch:{schema.SCHEMA + 1}" in one for one in web["workers"])
        code, found = running.doctor("workers")
        assert (code, "schema_mismatch" in found["workers"]["said"]) == (1, True)
        # Windows of ours, rung for until it is the newer one that answers.
        until(
            lambda: (
                ring(running)
                and b"schema_mismatch" in b"".join(running.valkey.lrange(lately.KEY, 0, -1))
            )
        )
        page = running.page()
        assert "Processes of two releases run." in page
        assert "of another release" in page
        assert "schema_mismatch" in page
        assert newer.exit_code is None
    finally:
        newer.terminate()
        newer.wait(15)
    until(lambda: schemas(running) == {schema.SCHEMA})  # it said goodbye


def schemas(running: Running) -> set[int]:
    rows = [json.loads(row) for row in running.valkey.hvals(beats.KEY)]
    return {row["schema"] for row in rows if row["kind"] == "worker"}


def ring(running: Running) -> bool:
    """A Window in a slot of nobody's, and a doorbell for whichever worker takes it."""
    running.valkey.set("te:window:test", pack_window("nobody", window()), px=5000)
    running.valkey.zadd(queue.WAITING, {"test": time.time()})
    from celery import Celery

    with Celery(broker=running.env["REDIS_URL"], set_as_current=False) as app:
        app.conf.update(task_serializer="json", accept_content=["json"])
        app.send_task(doorbell.TASK, queue="tutor_emotion", ignore_result=True, expires=5)
    time.sleep(0.2)
    return True


def test_a_worker_that_dies_is_missed(running: Running) -> None:
    other = running.worker("tutor_emotion.demo", "other")
    until(lambda: running.page().count("te-is-alive") == 3)
    other.kill()
    other.wait(10)
    until(lambda: "te-is-died" in running.page(), beats.ALIVE_S + 10)
    page = running.page()
    assert "One process died within the last hour." in page
    assert page.count("te-is-alive") == 2


def test_the_page_without_valkey_says_so(running: Running) -> None:
    child = next(c for c in running.site.supervisor.children if c.name == "valkey")  # type: ignore[union-attr]
    child.kill()
    child.wait(10)
    page = running.page()
    assert "Valkey does not answer." in page
    assert "All is well." not in page
