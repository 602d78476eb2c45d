"""RabbitMQ as Celery's broker, run for real on loopback where Debian's server is installed."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml
from celery import Celery
from kombu import Connection

from tutor_emotion import redis_url
from tutor_emotion.demo.valkey import free_port
from tutor_emotion.inference import doorbell

COMPONENT = Path(__file__).resolve().parents[2] / "docker" / "k8s" / "components" / "rabbitmq"
SERVER = next(
    (str(p) for p in Path("/usr/lib/rabbitmq").glob("**/sbin/rabbitmq-server")), None
) or shutil.which("rabbitmq-server")
pytestmark = [
    pytest.mark.skipif(SERVER is None, reason="needs rabbitmq-server (apt-get install it)"),
    pytest.mark.timeout(120),
]


@dataclass(frozen=True)
class Node:
    url: str
    env: dict[str, str]


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    """A node with a home, a name and ports of its own; it is gone with the test."""
    home = tmp_path_factory.mktemp("rabbit")
    port, epmd, between = free_port(), free_port(), free_port()
    (home / "rabbitmq.conf").write_text(f"listeners.tcp.1 = 127.0.0.1:{port}\n")
    (home / "plugins").write_text("[].\n")
    env = {
        "PATH": os.environ["PATH"],
        "HOME": str(home),
        "RABBITMQ_NODENAME": f"tutor-{port}@localhost",
        "RABBITMQ_MNESIA_BASE": str(home / "mnesia"),
        "RABBITMQ_LOG_BASE": str(home / "log"),
        "RABBITMQ_LOGS": "-",
        "RABBITMQ_CONFIG_FILE": str(home / "rabbitmq.conf"),
        "RABBITMQ_ENABLED_PLUGINS_FILE": str(home / "plugins"),
        "RABBITMQ_DIST_PORT": str(between),
        "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "-kernel inet_dist_use_interface {127,0,0,1}",
        "ERL_EPMD_ADDRESS": "127.0.0.1",
        "ERL_EPMD_PORT": str(epmd),
    }
    with (home / "out").open("wb") as log:
        process = subprocess.Popen(
            [str(SERVER)], env=env, stdout=log, stderr=log, start_new_session=True
        )
    url = f"amqp://guest:guest@127.0.0.1:{port}//"
    try:
        end = time.monotonic() + 60
        while not answers(url):
            assert process.poll() is None, (home / "out").read_text()
            assert time.monotonic() < end, (home / "out").read_text()
            time.sleep(0.2)
        yield Node(url, env)
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait(10)
        subprocess.run(["epmd", "-port", str(epmd), "-kill"], env=env, capture_output=True)


def answers(url: str) -> bool:
    try:
        with Connection(url, connect_timeout=1) as line:
            line.connect()
    except OSError:
        return False
    return True


def test_the_doorbell_reaches_a_worker_and_ends_by_itself(
    node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The web process' own ring, taken from RabbitMQ as a worker does."""
    told = redis_url.broker(node.url)
    assert told == {"BROKER_URL": node.url}, "no transport options of Redis go along"
    app = Celery("site", broker=told["BROKER_URL"], set_as_current=False)
    app.conf.task_ignore_result = True
    monkeypatch.setattr(doorbell, "current_app", app)
    doorbell.send("tutor_emotion")
    with Connection(node.url) as line:
        waiting = line.SimpleQueue("tutor_emotion")
        message = waiting.get(timeout=10)
        message.ack()
        assert message.headers["task"] == doorbell.TASK
        assert message.headers["expires"] is None, "that would be held against another's clock"
        assert message.properties["expiration"] == str(int(doorbell.EXPIRES_S * 1000))
        assert "face" not in str(message.body), "it carries nothing"
        waiting.close()


def test_the_clusters_probes_say_whether_it_lives(node: Node) -> None:
    """As ``docker/k8s`` has them, by the programs beside the server's own."""
    (deployment,) = (
        one
        for one in yaml.safe_load_all((COMPONENT / "rabbitmq.yaml").read_text())
        if one["kind"] == "Deployment"
    )
    (container,) = deployment["spec"]["template"]["spec"]["containers"]
    beside = Path(str(SERVER)).parent

    def code(probe: str, env: dict[str, str]) -> int:
        program, *arguments = container[probe]["exec"]["command"]
        done = subprocess.run(
            [str(beside / program), *arguments], env=env, capture_output=True, timeout=60
        )
        return done.returncode

    nobody = node.env | {"RABBITMQ_NODENAME": "nobody@localhost"}
    for probe in ("readinessProbe", "livenessProbe"):
        assert code(probe, node.env) == 0
    assert code("livenessProbe", nobody) != 0
