"""The set-up: what it takes over from pip, what it skips, and how it says what is wrong."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from tests.check import ROOT
from tutor_emotion.demo.bootstrap import browser, frontend, machine, packages, progress, stamps
from tutor_emotion.demo.bootstrap.progress import SetupError

DEMO = ROOT / "tutor_emotion" / "demo"


def bootstrap(*arguments: str) -> subprocess.CompletedProcess[str]:
    """As the Makefile starts it: by a bare Python, from its own folder."""
    return subprocess.run(
        [sys.executable, "-I", "-c", START, *arguments],
        cwd=DEMO,
        capture_output=True,
        text=True,
        check=False,
        timeout=100,
    )


# -I takes the folder off the path; this puts it back, and nothing else of ours.
START = "import sys, runpy; sys.path.insert(0, '.'); runpy.run_module('bootstrap', alter_sys=True)"


# --- it works -------------------------------------------------------------------------------------


def test_nothing_is_imported_that_is_not_there_on_a_fresh_machine() -> None:
    code = "import sys; sys.path.insert(0, '.'); import bootstrap.main; print(*sys.modules)"
    command = [sys.executable, "-I", "-S", "-c", code]
    done = subprocess.run(command, cwd=DEMO, capture_output=True, text=True, check=True)
    loaded = {name.split(".")[0] for name in done.stdout.split()}
    assert loaded <= set(sys.stdlib_module_names) | {"bootstrap", "__main__"}


def test_pips_own_configuration_reaches_uv() -> None:
    listed = "\n".join(
        [
            "global.find-links='/srv/wheels'",
            "global.index-url='https://index.example/simple'",
            "global.timeout='60'",
            "user.extra-index-url='https://more.example/simple\\nhttps://other.example/simple'",
        ]
    )
    options, env = packages.read_pip_options(listed)
    assert options[:2] == ["--find-links", "/srv/wheels"]
    assert options[2:6:2] == ["--extra-index-url", "--extra-index-url"]
    assert options[6:8] == ["--index-url", "https://index.example/simple"]
    assert options[8:] == ["--index-strategy", "unsafe-best-match"]
    assert env == {}


def test_the_environment_wins_over_the_file() -> None:
    listed = "global.index-url='https://a.example'\n:env:.index-url='https://b.example'"
    options, _ = packages.read_pip_options(listed)
    assert options == ["--index-url", "https://b.example"]


def test_a_pip_without_configuration_adds_nothing() -> None:
    assert packages.read_pip_options("") == ([], {})


def test_a_certificate_is_passed_on_where_it_exists(tmp_path: Path) -> None:
    bundle = tmp_path / "ca.pem"
    bundle.touch()
    assert packages.read_pip_options(f"global.cert='{bundle}'")[1] == {"SSL_CERT_FILE": str(bundle)}
    assert packages.read_pip_options("global.cert='/nowhere.pem'")[1] == {}


def test_the_front_end_is_built_with_the_wheels_node() -> None:
    node = [str(stamps.VENV / "bin" / "node"), "--version"]
    done = subprocess.run(node, capture_output=True, text=True, check=True)
    assert done.stdout.startswith("v24.")
    first = frontend.node_environment()["PATH"].split(os.pathsep)[0]
    assert first == str(stamps.VENV / "bin")


# --- its edges ------------------------------------------------------------------------------------


def test_a_stamp_holds_until_a_byte_or_a_name_changes(tmp_path: Path) -> None:
    folder = ROOT / "var" / "test"
    folder.mkdir(parents=True, exist_ok=True)
    source, stamp = folder / "source.txt", tmp_path / "deep" / "stamp"
    source.write_text("one")
    key = stamps.digest("3.11", source)
    assert not stamps.is_done(stamp, key)
    stamps.mark_done(stamp, key)
    assert stamps.is_done(stamp, stamps.digest("3.11", source))
    assert not stamps.is_done(stamp, stamps.digest("3.12", source))
    source.write_text("two")
    assert not stamps.is_done(stamp, stamps.digest("3.11", source))
    source.unlink()
    assert stamps.digest("3.11", source) != key


def test_a_long_step_says_that_it_is_still_at_work(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(progress, "STILL_EVERY_S", 0.1)
    sleep = [sys.executable, "-c", "import time; time.sleep(0.5)"]
    progress.run(sleep, cwd=tmp_path, log=tmp_path / "log", env=os.environ, hint="")
    assert "still at work after" in capsys.readouterr().out


# --- what it refuses ------------------------------------------------------------------------------


def test_a_busy_port_is_said_before_anything_is_installed() -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as other:
        port = other.getsockname()[1]
        done = bootstrap("--port", str(port))
    assert done.returncode == 1
    first, second = done.stderr.strip().splitlines()
    assert first.startswith(f"error: port {port} on 127.0.0.1 cannot be used")
    assert second == f"hint: choose another: make run PORT={port + 1}"
    assert "Python packages" not in done.stdout


def test_a_port_that_is_none(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SetupError, match="70000 is not a port"):
        machine.check(host="127.0.0.1", port=70_000)


def test_a_full_disk_is_said_in_gigabytes() -> None:
    with pytest.raises(SetupError, match=r"GB are free under .* and 1000000000\.0 GB are needed"):
        machine._room(10**9 * 2**30)


def test_a_command_that_fails_shows_its_last_words(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code = "print('step one'); raise SystemExit('no such package: foo')"
    log = tmp_path / "log"
    log.write_text("from an earlier run\n")
    command = [sys.executable, "-c", code]
    with pytest.raises(SetupError) as failed:
        progress.run(command, cwd=tmp_path, log=log, env=os.environ, hint="try again")
    error, hint = str(failed.value).splitlines()
    assert "ended with code 1" in error
    assert str(log) in error
    assert hint == "hint: try again"
    shown = capsys.readouterr().err
    assert "no such package: foo" in shown
    assert "from an earlier run" not in shown


# --- what comes from Debian -----------------------------------------------------------------------


def on_a_machine(monkeypatch, *programs: str, root: bool) -> list[str]:
    """With these programs alone; the packages that were asked for, none of which can be had."""
    asked: list[str] = []

    def refuse(package: str, *, hint: str) -> None:
        asked.append(package)
        raise SetupError(f"no {package}", hint)

    monkeypatch.delenv("CHROMIUM", raising=False)
    monkeypatch.setattr(browser.shutil, "which", lambda name: name if name in programs else None)
    monkeypatch.setattr(browser.os, "geteuid", lambda: 0 if root else 1000)
    monkeypatch.setattr(browser, "apt_install", refuse)
    return asked


def test_a_relay_and_a_voice_are_asked_for_and_may_be_lacking(monkeypatch) -> None:
    asked = on_a_machine(monkeypatch, "chromium", "apt-get", root=True)
    browser.ensure(progress.Steps(total=1))
    assert asked == ["espeak-ng", "coturn", "faketime"]


def test_who_may_not_install_is_not_stopped_by_what_is_optional(monkeypatch) -> None:
    asked = on_a_machine(monkeypatch, "chromium", "apt-get", root=False)
    browser.ensure(progress.Steps(total=1))
    assert asked == []


def test_without_a_browser_the_set_up_says_so(monkeypatch) -> None:
    on_a_machine(monkeypatch, "apt-get", root=True)
    with pytest.raises(SetupError, match="chromium"):
        browser.ensure(progress.Steps(total=1))
