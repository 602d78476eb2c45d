"""``manage.py simulate_learner``: one JSON object, or one line that says what is wrong."""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.core.management import CommandError, call_command

from tests import media_files
from tests.load.fake_site import NAME, PASSWORD, Behaviour, FakeSite, serving

ACCOUNT = ("--user", NAME, "--password", PASSWORD, "--page", "/lesson/")


@contextmanager
def site_in_a_thread(behaviour: Behaviour) -> Iterator[tuple[FakeSite, str]]:
    import asyncio

    ready, done = threading.Event(), threading.Event()
    found: list[tuple[FakeSite, str]] = []

    async def serve() -> None:
        async with serving(behaviour) as pair:
            found.append(pair)
            ready.set()
            while not done.is_set():
                await asyncio.sleep(0.05)

    thread = threading.Thread(target=lambda: asyncio.run(serve()))
    thread.start()
    assert ready.wait(10)
    try:
        yield found[0]
    finally:
        done.set()
        thread.join()


def simulate(*arguments: str) -> tuple[str, str]:
    out, err = io.StringIO(), io.StringIO()
    call_command("simulate_learner", *arguments, stdout=out, stderr=err)
    return out.getvalue(), err.getvalue()


def refusal(*arguments: str) -> str:
    with pytest.raises(CommandError) as caught:
        simulate(*arguments)
    return str(caught.value)


# --- it works -------------------------------------------------------------------------------------


def test_json_is_one_object_with_the_names_that_others_rely_on(tmp_path: Path) -> None:
    video = str(media_files.video("face", ".webm", seconds=3, sound=True))
    with site_in_a_thread(Behaviour()) as (site, url):
        out, err = simulate("--video", video, "--seconds", "2", "--json", "--url", url, *ACCOUNT)
    whole = json.loads(out)
    assert {
        "connected", "lost", "connect_seconds", "estimates", "signals", "adaptations", "windows",
        "latency_ms",
    } <= set(whole)  # fmt: skip
    assert set(whole["latency_ms"]) == {"p50", "p95"}
    assert whole["connected"] == 1
    assert "learners" not in whole
    assert err == ""
    assert site.seen.offers[0].modalities == ["face", "voice"]  # the video's own sound


def test_people_see_a_table() -> None:
    with site_in_a_thread(Behaviour()) as (_, url):
        out, _ = simulate("--seconds", "0.3", "--answers", "struggle", "--url", url, *ACCOUNT)
    assert "1 connected, 0 lost" in out


def test_accounts_of_a_file_are_several_learners(tmp_path: Path) -> None:
    users = tmp_path / "users"
    users.write_text(f"{NAME} {PASSWORD}\n{NAME} {PASSWORD}\n")
    arguments = ("--users", str(users), "--count", "2", "--page", "/lesson/", "--json")
    with site_in_a_thread(Behaviour()) as (_, url):
        out, _ = simulate("--seconds", "0.3", "--url", url, *arguments)
    assert len(json.loads(out)["learners"]) == 2


def test_a_climb_says_how_many_were_carried(tmp_path: Path) -> None:
    users = tmp_path / "users"
    users.write_text(f"{NAME} {PASSWORD}\n" * 2)
    arguments = ("--users", str(users), "--steps", "1,2", "--page", "/lesson/", "--json")
    with site_in_a_thread(Behaviour()) as (_, url):
        out, _ = simulate("--seconds", "0.3", "--url", url, *arguments)
    whole = json.loads(out)
    assert whole["carried"] == 2
    assert [step["count"] for step in whole["steps"]] == [1, 2]


@pytest.mark.django_db(transaction=True)
def test_accounts_are_made_in_the_database_of_this_machine() -> None:
    users = get_user_model().objects.filter(username__startswith="sim-")
    with site_in_a_thread(Behaviour()) as (_, url):
        arguments = ("--seconds", "0.2", "--json", "--page", "/lesson/", "--url", url)
        for first in ("1", "2"):  # that site does not know them, so they cannot sign in
            with pytest.raises(SystemExit):
                simulate("--count", "2", "--first", first, *arguments)
            if first == "1":
                before = dict(users.values_list("username", "password"))
    after = dict(users.values_list("username", "password"))
    assert sorted(after) == ["sim-1", "sim-2", "sim-3"]
    assert after.items() >= before.items()  # a run beside this one stays signed in


# --- it ends cleanly ------------------------------------------------------------------------------


def test_ctrl_c_prints_what_was_measured() -> None:
    video = str(media_files.video("face", seconds=3))
    with site_in_a_thread(Behaviour()) as (site, url):
        command = [sys.executable, "manage.py", "simulate_learner", "--video", video, "--json"]
        process = subprocess.Popen(
            [*command, "--seconds", "600", "--url", url, *ACCOUNT],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env={**os.environ},
        )  # fmt: skip
        wait_until(lambda: len(site.seen.frames) > 20)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=20)
        assert process.returncode == 130
        assert json.loads(out)["connected"] == 1
        assert "Traceback" not in err
        wait_until(lambda: site.seen.open_sockets == 0)


def wait_until(true: Callable[[], bool], seconds: float = 30.0) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end
        time.sleep(0.05)


# --- what it refuses ------------------------------------------------------------------------------


def test_who_cannot_sign_in_exits_with_one_and_a_coded_line() -> None:
    out, err = io.StringIO(), io.StringIO()
    arguments = ("--user", NAME, "--password", "no", "--page", "/lesson/", "--json")
    with site_in_a_thread(Behaviour()) as (_, url), pytest.raises(SystemExit) as caught:
        call_command("simulate_learner", *arguments, "--url", url, stdout=out, stderr=err)
    assert caught.value.code == 1
    assert err.getvalue().startswith("error: sign_in_failed: ")
    assert json.loads(out.getvalue())["connected"] == 0


@pytest.mark.django_db
def test_an_account_of_somebody_else_is_left_alone() -> None:
    somebody = get_user_model().objects.create_user("sim-1", password="their own")
    assert refusal("--seconds", "0.2").startswith("account_taken: ")
    somebody.refresh_from_db()
    assert somebody.check_password("their own")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--seconds", "0"), "--seconds"),
        (("--count", "0"), "--count"),
        (("--count", "100000"), "--count"),
        (("--steps", "1,x"), "--steps"),
        (("--steps", "0"), "--steps"),
        (("--first", "0"), "--first"),
        (("--url", "ftp://x"), "--url"),
        (("--modalities", "smell"), "'smell'"),
        (("--modalities", "face"), "needs a --video"),
        (("--user", "ada"), "--password"),
        (("--user", "ada", "--password", "x", "--count", "2"), "--users"),
        (("--url", "https://school.example"), "Accounts of this site"),
    ],
)
def test_impossible_arguments_are_named(arguments: tuple[str, ...], said: str) -> None:
    refused = refusal(*arguments)
    assert refused.startswith("bad_arguments: ")
    assert said in refused


def test_bad_files_are_named(tmp_path: Path) -> None:
    assert refusal("--video", str(tmp_path / "no.mp4")).startswith("no_file: ")
    assert refusal("--answers", str(tmp_path / "no.jsonl")).startswith("no_file: ")
    bad = tmp_path / "bad.jsonl"
    bad.write_text('{"after_s": 1, "type": "idle", "idle_s": "long"}\n')
    assert refusal("--answers", str(bad)).startswith("bad_script: bad.jsonl, line 1: ")
    users = tmp_path / "users"
    users.write_text("mia x\n")
    assert "has 1 accounts" in refusal("--users", str(users), "--count", "2")


def test_a_site_that_is_away_is_an_error_with_a_hint() -> None:
    out, err = io.StringIO(), io.StringIO()
    arguments: tuple[Any, ...] = (*ACCOUNT, "--url", "http://127.0.0.1:9", "--json")
    with pytest.raises(SystemExit) as caught:
        call_command("simulate_learner", *arguments, stdout=out, stderr=err)
    assert caught.value.code == 1
    assert "no_server" in err.getvalue()
    assert "make run" in err.getvalue()
