"""What a number of learners asks of each part, and where a part that is there once breaks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from tutor_emotion.simulate.growth.figures import Figures

YEAR_DAYS = 190  # of school
# What grows with every lesson; of each, how often, for how many days and how large is assumed.
TABLES = ("events", "signals", "adaptations")


@dataclass(frozen=True, slots=True)
class Demand:
    """At one moment. Bytes and messages a second; cores as shares of one."""

    learners: float
    with_camera: float
    web_cores: float
    web_pods: float
    web_mb: float
    valkey_cores: float
    valkey_in_bytes: float
    valkey_out_bytes: float
    commands: float
    layer_messages: float
    doorbells: float
    writes: float
    media_in_bytes: float
    egress_bytes: float
    turn_bytes: float


def demand(learners: float, with_camera: float, relayed: float, figures: Figures) -> Demand:
    """Linear in its learners but for pods, which are whole."""
    f = figures
    plain = learners - with_camera
    cores = with_camera * f["web_cores"] + plain * f["free_web_cores"]
    pods = _whole(cores / f["web.busy"])
    wire = f["media.overhead"]
    down = with_camera * f["media_down_bytes"] * wire + learners * f["socket_down_bytes"]
    through_turn = relayed * (f["media_up_bytes"] + f["media_down_bytes"]) * wire
    return Demand(
        learners=learners,
        with_camera=with_camera,
        web_cores=cores,
        web_pods=pods,
        web_mb=pods * f["web_base_mb"] + with_camera * f["web_mb"],
        valkey_cores=with_camera * f["valkey_cores"],
        valkey_in_bytes=with_camera * f["to_valkey_bytes"],
        valkey_out_bytes=with_camera * f["from_valkey_bytes"],
        commands=with_camera * f["commands"],
        layer_messages=with_camera * f["layer_messages"],
        doorbells=with_camera * f["doorbells"],
        writes=sum(learners / f[f"learners.{table}_every_s"] for table in TABLES),
        media_in_bytes=with_camera * f["media_up_bytes"] * wire,
        egress_bytes=down,
        turn_bytes=2 * through_turn,  # what comes in goes out again
    )


def rows_kept(learner_s: float, figures: Figures) -> dict[str, float]:
    """Rows of each table after years of school days with so many seconds of learners."""
    f = figures
    return {
        table: learner_s
        / f[f"learners.{table}_every_s"]
        * (YEAR_DAYS * f[f"learners.{table}_days"] / 365)
        for table in TABLES
    }


def _whole(pods: float) -> float:
    return float(-(-pods // 1)) if pods > 0 else 0.0


@dataclass(frozen=True, slots=True)
class Part:
    """Something that the design has once: what is asked of it, and what it can."""

    name: str
    asked: float
    limit: float
    instead: str

    @property
    def load(self) -> float:
        """1 is where it breaks."""
        return self.asked / self.limit if self.limit else float("inf")


def parts(asked: Demand, rows: Mapping[str, float], figures: Figures) -> list[Part]:
    """Everything that more of the same image does not make bigger, the fullest first."""
    f = figures
    found = [
        Part(
            "Valkey: its one thread",
            asked.valkey_cores,
            f["limits.valkey_busy"],
            "Windows, channel layer and broker in a Valkey each; then slots over many shards",
        ),
        Part(
            "Valkey: bytes of waiting Windows",
            max(asked.valkey_in_bytes, asked.valkey_out_bytes),
            f["limits.valkey_bytes_s"],
            "a shard for each group of web pods, with workers of its own",
        ),
        Part(
            "one channel layer",
            asked.layer_messages,
            f["limits.inbox"],
            "sharded channel layer (a host list of channels_redis)",
        ),
        Part(
            "one Celery queue",
            asked.doorbells,
            f["limits.doorbells"],
            "a queue for each shard; RabbitMQ",
        ),
        Part(
            "PostgreSQL: transactions",
            asked.writes,
            f["limits.writes_s"],
            "events of all sessions of a process in one transaction; a database for each region",
        ),
        *(
            Part(
                f"PostgreSQL: the table of {table}",
                rows[table],
                f["limits.table_rows"],
                "tables partitioned by month: pruning drops a partition",
            )
            for table in TABLES
        ),
        Part(
            "one coturn",
            asked.turn_bytes,
            f["limits.turn_bytes_s"],
            "many relays, named to browsers in turn (TURN_URLS for each pod)",
        ),
        Part(
            "one load balancer",
            asked.learners,
            f["limits.sockets"],
            "several behind DNS; a region for each",
        ),
        Part(
            "one Kubernetes cluster",
            asked.web_pods,
            f["limits.pods"],
            "an SFU before media/, decoders on the GPU: fewer, larger pods; more clusters",
        ),
    ]
    return sorted(found, key=lambda part: -part.load)
