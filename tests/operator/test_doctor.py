"""The doctor: what is well, each thing that can be wrong, and that nothing holds it up."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import date
from io import StringIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import redis
from django.core.management import CommandError, call_command

from tests import coturn
from tests.coturn import Turn, needs_coturn
from tutor_emotion import beats, doctor
from tutor_emotion.beats import ALIVE_S, Beat
from tutor_emotion.doctor import CHECKS, NAMES, machine, ours, processes, relays, servers
from tutor_emotion.doctor.diagnosis import Check, Diagnosis, examine, fail, ok, warn, worst
from tutor_emotion.errors import Unavailable
from tutor_emotion.inference.schema import SCHEMA

STRONG = "3f9c1b7e5a2d8046c1e7f3b95d2a6840ff17c3e8b4d29a60517ec83fa2b6d941"


def change(settings: Any, **ours_: Any) -> None:
    settings.TUTOR_EMOTION = settings.TUTOR_EMOTION | ours_


def refuses(found: Diagnosis, state: str, *words: str) -> None:
    assert found.state == state, found
    assert found.hint
    for word in words:
        assert word in found.said + found.hint, found


# --- it works -------------------------------------------------------------------------------------


@pytest.mark.django_db
@pytest.mark.usefixtures("valkey")
def test_what_is_well_says_so(settings: Any) -> None:
    well = (servers.database, servers.migrations, servers.valkey, servers.broker, servers.layer,
            servers.clock, ours.law, ours.time_zone, ours.static_files, machine.disk,
            machine.weights, relays.udp_ports)  # fmt: skip
    settings.SECRET_KEY = STRONG
    change(settings, MAX_SESSIONS=20)
    for look in (*well, ours.secret_strength, machine.open_files):
        assert look().state == "ok", (look.__name__, look())


@needs_coturn
def test_a_relay_is_allocated_for_real_over_udp_and_over_tcp(settings: Any) -> None:
    with Turn() as turn:
        urls = [*turn.urls("udp"), *turn.urls("tcp")]
        stun = [{"urls": f"stun:{coturn.HOST}:{turn.port}"}]
        change(settings, TURN_URLS=urls, TURN_SECRET=coturn.SECRET, ICE_SERVERS=stun)
        found = relays.relays()
        assert found.state == "ok", found
        assert found.said.count("gave the relay") == 2
        assert f"stun:{coturn.HOST}:{turn.port} answers." in found.said
        change(settings, TURN_SECRET="another secret")
        refuses(relays.relays(), "fail", "refuses with 401", "static-auth-secret")


def test_the_command_is_a_table_and_ends_with_0(settings: Any) -> None:
    out = StringIO()
    call_command("doctor", only=["timezone", "disk"], stdout=out)
    assert "timezone" in out.getvalue()
    assert "migrations" not in out.getvalue()


def test_the_command_for_programs() -> None:
    out = StringIO()
    call_command("doctor", "--json", "--only", "timezone", stdout=out)
    assert json.loads(out.getvalue()) == [
        {"check": "timezone", "state": "ok", "said": ours.time_zone().said, "hint": ""}
    ]


# --- its edges ------------------------------------------------------------------------------------


def test_one_that_hangs_or_breaks_holds_nobody_up() -> None:
    ended = threading.Event()

    def hangs() -> Diagnosis:
        ended.wait(30)
        return ok("never")

    def breaks() -> Diagnosis:
        raise ValueError("redis://:password@host/0")

    def away() -> Diagnosis:
        raise Unavailable("queue_unavailable", "It is away.", hint="Start it.")

    begun = time.monotonic()
    checks = [Check("hangs", hangs, 0.3), Check("breaks", breaks), Check("away", away)]
    found = [one for _, one in examine([*checks, Check("well", lambda: ok("well"))])]
    ended.set()
    assert time.monotonic() - begun < 2
    assert [one.state for one in found] == ["fail", "fail", "fail", "ok"]
    assert "did not answer within 0.3 s" in found[0].said
    assert "ValueError" in found[1].said
    assert "password" not in found[1].said
    assert found[2] == fail("It is away.", "Start it.")


def test_what_a_check_asks_may_be_away(settings: Any) -> None:
    change(settings, REDIS_URL="redis://127.0.0.1:1/0")
    ((_, found),) = examine([Check("clock", servers.clock)])
    refuses(found, "fail", "ConnectionError")


def test_several_findings_are_one() -> None:
    assert worst([ok("a"), ok("b")], "good") == ok("good")
    assert worst([warn("a", "x"), ok("b"), warn("c", "x")], "good") == warn("a c", "x")
    assert worst([warn("a", "x"), fail("b", "y")], "good") == fail("a b", "x y")


@pytest.fixture
def silent() -> Iterator[int]:
    """A port that takes everything and never answers, over UDP and TCP."""
    with (
        closing(socket.socket(socket.AF_INET, socket.SOCK_STREAM)) as tcp,
        closing(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) as udp,
    ):
        tcp.bind(("127.0.0.1", 0))
        tcp.listen(8)
        udp.bind(tcp.getsockname())
        yield tcp.getsockname()[1]


def test_a_server_that_never_answers_is_left(
    settings: Any, silent: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(relays, "ANSWER_S", 0.5)
    urls = [f"turn:127.0.0.1:{silent}", f"turn:127.0.0.1:{silent}?transport=tcp"]
    servers_ = [{"urls": f"stun:127.0.0.1:{silent}"}]
    change(settings, TURN_URLS=urls, TURN_SECRET=STRONG, ICE_SERVERS=servers_)
    begun = time.monotonic()
    found = relays.relays()
    assert time.monotonic() - begun < 3
    refuses(found, "fail", "firewall")
    assert found.said.count("does not answer") == 3
    change(settings, REDIS_URL=f"redis://127.0.0.1:{silent}/0", TURN_URLS=[])
    refuses(servers.valkey(), "fail", "Valkey does not answer")
    assert time.monotonic() - begun < 10


# --- what it refuses ------------------------------------------------------------------------------


def test_the_command_ends_with_1(settings: Any) -> None:
    settings.USE_TZ = False
    out = StringIO()
    with pytest.raises(SystemExit) as ended:
        call_command("doctor", only=["timezone"], stdout=out)
    assert ended.value.code == 1
    assert "USE_TZ = True" in out.getvalue()
    with pytest.raises(CommandError):
        call_command("doctor", "--only", "horoscope")


@pytest.mark.parametrize("look", [servers.valkey, servers.broker])
def test_a_server_that_is_away(
    settings: Any, monkeypatch: pytest.MonkeyPatch, look: Callable[[], Diagnosis]
) -> None:
    from celery import Celery

    change(settings, REDIS_URL="redis://:hunter2@127.0.0.1:1/0")
    monkeypatch.setattr(
        servers,
        "current_app",
        Celery(broker="redis://:hunter2@127.0.0.1:1/0", set_as_current=False),
    )
    found = look()
    refuses(found, "fail", "does not answer")
    assert "hunter2" not in found.said + found.hint


@pytest.mark.parametrize(
    ("name", "value", "back", "state", "word"),
    [
        ("appendonly", "yes", "no", "fail", "at rest"),
        ("save", "60 1", "", "fail", "at rest"),
        ("maxmemory-policy", "allkeys-lru", "volatile-ttl", "fail", "doorbells"),
        ("maxmemory-policy", "noeviction", "volatile-ttl", "warn", "refuses everything"),
        ("maxmemory", "0", "256mb", "warn", "no limit of memory"),
        ("maxclients", "1", "10000", "warn", "clients"),
    ],
)  # fmt: skip
def test_a_valkey_that_is_set_up_wrongly(
    valkey: redis.Redis, name: str, value: str, back: str, state: str, word: str
) -> None:
    if name == "maxclients":
        value = str(valkey.info()["connected_clients"] + 1)
    valkey.config_set(name, value)
    try:
        refuses(servers.valkey(), state, word)
    finally:
        valkey.config_set(name, back)
    for left in Path(valkey.config_get("dir")["dir"]).glob("appendonlydir"):
        for file in left.iterdir():
            file.unlink()
        left.rmdir()
    assert servers.valkey().state == "ok"


@pytest.mark.parametrize(("off_s", "state"), [(2.0, "warn"), (-30.0, "fail")])
@pytest.mark.django_db
@pytest.mark.usefixtures("valkey")
def test_a_clock_that_is_off(monkeypatch: pytest.MonkeyPatch, off_s: float, state: str) -> None:
    wrong = SimpleNamespace(time=lambda: time.time() + off_s, perf_counter=time.perf_counter)
    monkeypatch.setattr(servers, "time", wrong)
    refuses(servers.clock(), state, "chrony")


@pytest.mark.django_db
def test_a_database_that_lacks_a_migration_or_has_one_too_many() -> None:
    from django.db.migrations.recorder import MigrationRecorder

    rows = MigrationRecorder.Migration.objects
    newest = rows.filter(app="tutor_emotion").latest("pk")
    newest.delete()
    refuses(servers.migrations(), "fail", newest.name, "manage.py migrate")
    rows.create(app=newest.app, name=newest.name)
    rows.create(app="tutor_emotion", name="9999_from_the_future")
    refuses(servers.migrations(), "fail", "newer release")


@pytest.mark.parametrize(
    ("theirs", "mine", "word"),
    [
        ({"SECRET_KEY": "demonstration-only-not-a-secret"}, {}, "everybody can read"),
        ({"SECRET_KEY": "a" * 80}, {}, "SECRET_KEY is weak"),
        ({}, {"TURN_URLS": ["turn:a:1"], "TURN_SECRET": "secret"}, "TURN_SECRET is weak"),
        ({}, {"MASTER_KEYS": [STRONG, "0" * 64]}, "number 2 is weak"),
    ],
)  # fmt: skip
def test_a_secret_that_is_none(
    settings: Any, theirs: dict[str, Any], mine: dict[str, Any], word: str
) -> None:
    settings.SECRET_KEY = STRONG
    for name, value in theirs.items():
        setattr(settings, name, value)
    change(settings, **mine)
    found = ours.secret_strength()
    refuses(found, "fail", word)
    assert STRONG not in found.said


def test_a_law_that_is_unknown_old_or_wants_an_approval(
    settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    change(settings, JURISDICTION="atlantis")
    refuses(ours.law(), "fail", "atlantis", "camera_free")
    change(settings, JURISDICTION="adult_demonstration")
    monkeypatch.setattr("tutor_emotion.doctor.ours.timezone.localdate", lambda: date(2031, 1, 1))
    refuses(ours.law(), "fail", "Read its law again")


def test_a_relay_that_is_not_set_is_missed(settings: Any) -> None:
    refuses(relays.relays(), "warn", "TURN_URLS")


def test_too_few_ports(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    narrow = tmp_path / "range"
    narrow.write_text("40000\t40100\n")
    monkeypatch.setattr(relays, "RANGE", narrow)
    refuses(relays.udp_ports(), "warn", "ip_local_port_range")


def test_a_machine_that_is_full_swaps_or_opens_too_few_files(
    settings: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    usage = SimpleNamespace(free=100 * 2**20)
    monkeypatch.setattr(machine.shutil, "disk_usage", lambda _: usage)
    refuses(machine.disk(), "fail", "full disk")
    usage.free = 2**30
    refuses(machine.disk(), "warn", "1.0 GiB left")
    change(settings, MAX_SESSIONS=10_000_000)
    refuses(machine.open_files(), "warn", "ulimit -n")
    swaps, pattern = tmp_path / "swaps", tmp_path / "core_pattern"
    swaps.write_text("Filename Type\n/dev/sda2 partition\n")
    pattern.write_text("|/lib/systemd/systemd-coredump %p\n")
    monkeypatch.setattr(machine, "SWAPS", swaps)
    monkeypatch.setattr(machine, "CORE_PATTERN", pattern)
    refuses(machine.memory_at_rest(), "warn", "swaps", "Storage=none")


def test_weights_that_are_not_there_or_not_theirs(settings: Any, tmp_path: Path) -> None:
    change(settings, WEIGHTS_DIR=tmp_path)
    refuses(machine.weights(), "fail", "fetch_weights")
    from tutor_emotion.nets.weights import needed

    for entry in needed():
        (tmp_path / entry.file).write_bytes(b"x")
    refuses(machine.weights(), "fail", "sha256")
    change(settings, RUNNER="scripted")
    refuses(machine.weights(), "warn", "compact")


@pytest.mark.parametrize(
    ("device", "answer", "state", "word"),
    [
        ("auto", '{"torch": "2", "built": null, "gpus": []}', "ok", "runs on the processor"),
        ("cuda", '{"torch": "2", "built": null, "gpus": []}', "fail", "sees no GPU"),
        ("cuda:3", '{"torch": "2", "built": "13", "gpus": [["A10", 9e9, 2e10]]}', "fail", "from 0"),
        ("auto", '{"torch": "2", "built": "13", "gpus": [["A10", 9e9, 2e10]]}', "ok", "A10, 8.4"),
        ("cuda", '{"torch": "2", "built": "13", "gpus": [["A10", 9e8, 2e10]]}', "warn", "1 GiB"),
    ],
)  # fmt: skip
def test_what_is_said_of_a_gpu(
    settings: Any, monkeypatch: pytest.MonkeyPatch, device: str, answer: str, state: str, word: str
) -> None:
    change(settings, DEVICE=device)
    monkeypatch.setattr(machine, "_ASK_TORCH", f"print('''{answer}''')")
    found = machine.gpu()
    assert found.state == state, found
    assert word in found.said + found.hint


def test_without_torch_a_gpu_worker_cannot_be(
    settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(machine, "_ASK_TORCH", "import torch_of_nobody")
    refuses(machine.gpu(), "warn", "a web process does not")
    change(settings, DEVICE="cuda")
    refuses(machine.gpu(), "fail", "cannot be loaded")


def say(client: redis.Redis, kind: beats.Kind, name: str, **changed: Any) -> None:
    now_s = time.time()
    row = {"release": processes.__version__, "schema": SCHEMA, "runner": "compact/1"} | changed
    pipe = client.pipeline()
    beats.put(pipe, Beat(kind, name, up_s=9.0, at_s=now_s, until_s=now_s + ALIVE_S, **row))
    pipe.execute()


def test_who_is_missing_or_of_another_release(settings: Any, valkey: redis.Redis) -> None:
    refuses(processes.workers(), "warn", "without a camera", "--pool solo")
    refuses(processes.web(), "warn", "start.web()")
    change(settings, JURISDICTION="camera_free")
    assert processes.workers().state == "ok"
    say(valkey, "worker", "a")
    say(valkey, "web", "w")
    assert (processes.workers().state, processes.web().state) == ("ok", "ok")
    say(valkey, "worker", "b", runner="r1-omni/1")
    refuses(processes.workers(), "warn", "the same RUNNER")
    say(valkey, "worker", "b", release="0.0.9")
    refuses(processes.workers(), "warn", "0.0.9")
    say(valkey, "worker", "b", schema=SCHEMA + 1)
    refuses(processes.workers(), "fail", "schema_mismatch")


def test_every_check_has_a_limit_and_a_name() -> None:
    assert len(set(NAMES)) == len(CHECKS) == 20
    assert all(0 < check.limit_s <= 60 for check in CHECKS)
    assert doctor.NAMES == NAMES
