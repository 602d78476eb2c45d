"""One size of the house: its day, its pods, what breaks, what it costs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from tutor_emotion.simulate.growth import batching, day, scaling
from tutor_emotion.simulate.growth.demand import Demand, Part, demand, parts, rows_kept
from tutor_emotion.simulate.growth.figures import Figures

SIZES = (100, 10_000, 1_000_000)
GB = 1e9


@dataclass(frozen=True, slots=True)
class Country:
    """What was simulated for one size.

    ``month`` is in dollars, by what they are for; ``cents_learner_h`` what an hour of one learner
    costs; ``cpu_workers_month`` what the workers would cost on processors instead of GPUs.
    """

    size: int
    day: day.Day
    at_peak: Demand
    web: scaling.Scaled
    gpu: scaling.Scaled
    learners_a_gpu: int
    parts: list[Part]
    rows_kept: Mapping[str, float]
    month: dict[str, float]
    cents_learner_h: float
    cpu_workers_month: float

    @property
    def dollars_month(self) -> float:
        return sum(self.month.values())


def simulate(size: int, figures: Figures, seed: int) -> Country:
    """A school day at whose fullest moment about ``size`` learners are there."""
    f = figures
    habits = day.Habits.of(f)
    lived = day.live(day.visits_for(size, habits, seed), habits, seed)
    fullest = int(lived.present.argmax())
    asked = demand(
        float(lived.present[fullest]),
        float(lived.with_camera[fullest]),
        float(lived.relayed[fullest]),
        f,
    )
    a_gpu = batching.most_learners(f, seed)
    mixed = asked.web_cores / asked.learners if asked.learners else f["free_web_cores"]
    web = scaling.scale(lived.present, f["web.busy"] / max(mixed, 1e-9), f["web.start_s"])
    least = 1 if lived.with_camera.any() else 0
    gpu = scaling.scale(lived.with_camera, a_gpu, f["gpu.start_s"], least)
    rows = rows_kept(lived.learner_s, f)
    broken = parts(asked, rows, f)
    month = _month(lived, asked, web, gpu, rows, f)
    days = f["prices.days_month"]
    cents = 100 * sum(month.values()) / (lived.learner_s / 3600 * days)
    cores_h = lived.camera_s / 3600 * f["worker_cores"] / f["web.busy"]
    on_processors = cores_h * days * f["prices.core_h"]
    return Country(size, lived, asked, web, gpu, a_gpu, broken, rows, month, cents, on_processors)


def _month(
    lived: day.Day,
    asked: Demand,
    web: scaling.Scaled,
    gpu: scaling.Scaled,
    rows: Mapping[str, float],
    figures: Figures,
) -> dict[str, float]:
    """Dollars by what they are for. What is there once runs day and night, the rest by the hour."""
    f = figures
    days, hours = f["prices.days_month"], 24 * 30
    valkeys = _whole(
        max(
            asked.valkey_cores / f["limits.valkey_busy"],
            asked.valkey_in_bytes / f["limits.valkey_bytes_s"],
            asked.valkey_out_bytes / f["limits.valkey_bytes_s"],
        )
    )
    # Two cores answer about what the low end of the range says.
    database_cores = max(2.0, 2.0 * asked.writes / f.assumed["limits.writes_s"].low)
    relays = _whole(asked.turn_bytes / f["limits.turn_bytes_s"])
    egress = lived.learner_s * f["socket_down_bytes"] + lived.camera_s * f["media_down_bytes"]
    stored_gb = sum(rows[table] * f[f"learners.{table}_bytes"] for table in rows) / GB
    return {
        "web": web.pod_h * days * f["prices.core_h"],
        "GPU workers": gpu.pod_h * days * f["prices.gpu_h"],
        "Valkey": 2 * valkeys * 2 * hours * f["prices.core_h"],  # with a replica each
        "PostgreSQL": 2 * database_cores * hours * f["prices.database_core_h"]
        + stored_gb * f["prices.storage_gb_month"],
        "TURN": relays * 4 * hours * f["prices.core_h"],
        "egress": egress * f["media.overhead"] * days / GB * f["prices.egress_gb"],
    }


def _whole(number: float) -> float:
    return max(1.0, float(-(-number // 1)))


@dataclass(frozen=True, slots=True)
class Swing:
    """What the money of one size would be at either end of an assumption's range."""

    name: str
    low: float
    high: float

    @property
    def width(self) -> float:
        return abs(self.high - self.low)


def swings(size: int, figures: Figures, seed: int) -> list[Swing]:
    """Cents of a learner's hour by each assumption alone, the widest first."""
    found = []
    for name, one in figures.assumed.items():
        ends = [
            simulate(size, figures.with_value(name, value), seed).cents_learner_h
            for value in (one.low, one.high)
        ]
        found.append(Swing(name, *ends))
    return sorted(found, key=lambda swing: -swing.width)
