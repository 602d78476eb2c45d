"""What it costs the web process to receive learners, beside aiortc as it comes: one JSON object.

``python -m tests.load.ingest`` (four minutes) or ``--short`` (under a minute). The senders are real
aiortc peers in a process of their own, with packets that were encoded before; only the receiving
process is measured, by its processor time. Both kinds of receiver take turns with the same senders.
``--core 0`` keeps every receiver on that core, and the senders off it.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal, TypeAlias

from tests import media_files
from tests.load.ingesting.children import Child
from tutor_emotion.demo.valkey import EmbeddedValkey

Kind: TypeAlias = Literal["stock", "ours", "whole"]
SETTLE_S = 2.0
GOAL_RATIO, GOAL_STREAMS, GOAL_MB = 0.8, 40, 6.0


@contextmanager
def valkey() -> Iterator[str]:
    """An empty server; its URL."""
    server = EmbeddedValkey.on_free_port()
    with tempfile.TemporaryDirectory() as folder:
        process = subprocess.Popen(server.command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)
        assert process.stdin is not None
        process.stdin.write(server.config(Path(folder)))
        process.stdin.close()
        try:
            yield server.url
        finally:
            process.kill()
            process.wait()


class Bench:
    """One sender's process, and a receiver's of each kind that is asked for."""

    def __init__(self, url: str, core: int | None) -> None:
        self._env = {"REDIS_URL": url, "DJANGO_SETTINGS_MODULE": "tests.settings"}
        self._core = "" if core is None else str(core)
        others = sorted(os.sched_getaffinity(0) - {core})
        away = str(others[0]) if core is not None and others else ""
        files = media_files.video("face", ".webm"), media_files.speech_wav(20.0)
        self._sender = Child("tests.load.ingesting.sender", {}, away, *map(str, files))
        self._receivers: dict[Kind, Child] = {}

    def receiver(self, kind: Kind) -> Child:
        if kind not in self._receivers:
            child = Child("tests.load.ingesting.receiver", self._env, kind, self._core)
            self._receivers[kind] = child
        return self._receivers[kind]

    def round(self, kind: Kind, streams: int, seconds: float) -> dict[str, Any]:
        """So many learners for so long, from their offers to their end."""
        receiver, sender = self.receiver(kind), self._sender
        empty_mb = receiver.ask("memory")
        answers = receiver.ask("answer", offers=sender.ask("offer", count=streams))
        sender.ask("play", answers=answers)
        time.sleep(SETTLE_S)
        sent_s = sender.ask("cpu")
        receiver.ask("begin")
        time.sleep(seconds)
        result: dict[str, Any] = receiver.ask("end")
        result["sender_cpu_s"] = sender.ask("cpu") - sent_s
        result["mb"] = (receiver.ask("memory") - empty_mb) / streams
        sent = sender.ask("stop")["pictures"]
        time.sleep(0.5)
        totals = receiver.ask("totals")
        # aiortc gives a picture out when the next one begins: the last of each never comes.
        held = streams if kind == "stock" else 0
        lost = sum(sent) - held - totals["decoded"]
        result["lost"] = max(0, lost)
        result["late"] = totals["overtaken"] + totals["dropped"]
        result["streams"] = streams
        receiver.ask("close")
        sender.ask("close")
        return result

    def close(self) -> None:
        for child in (self._sender, *self._receivers.values()):
            child.__exit__(None, None, None)


def cost(result: dict[str, Any]) -> float:
    """Share of a core for each learner."""
    return float(result["cpu_s"] / result["wall_s"] / result["streams"])


def row(result: dict[str, Any]) -> dict[str, Any]:
    """What is told of a round; times as % of a core for each learner."""
    each = 100 / result["wall_s"] / result["streams"]
    split = {part: round(seconds * each, 3) for part, seconds in result["split_s"].items()}
    return {
        "streams": result["streams"],
        "core_pct": round(100 * result["cpu_s"] / result["wall_s"], 1),
        "each_pct": round(result["cpu_s"] * each, 3),
        "loop_pct": round(result["loop_s"] * each, 3),
        "sampled_per_s": round(
            result["counts"]["sampled"] / result["wall_s"] / result["streams"], 2
        ),
        "lost": result["lost"],
        "late": result["late"],
        "lag_ms": result["lag_ms"],
        "mb_per_learner": round(result["mb"], 2),
        "threads": result["threads"],
        "split_pct": dict(sorted(split.items())),
        "sender_each_pct": round(result["sender_cpu_s"] * each, 3),
    }


def measure(
    *,
    streams: int = 10,
    seconds: float = 5.0,
    rounds: int = 3,
    steps: Sequence[int] = (),
    whole: Sequence[int] = (12,),
    core: int | None = None,
) -> dict[str, Any]:
    """The short form takes about a minute; the long one is ``main``'s.

    ``ingest_ratio``: processor time of ours over the stock receiver's, the median of the rounds: a
    shared machine's speed drifts, and those two came right after each other.
    ``web_mb_per_learner``: of the largest round with the nets. ``rounds`` of ``streams`` learners
    alternate; ``steps`` are learners without the nets, ``whole`` with them. ``core``: the one
    where all receivers run.
    """
    load = os.getloadavg()[0]
    with valkey() as url:
        bench = Bench(url, core)
        try:
            turns: dict[Kind, list[dict[str, Any]]] = {"stock": [], "ours": []}
            for _ in range(rounds):
                for kind, results in turns.items():
                    results.append(bench.round(kind, streams, seconds))
            bench.round("whole", 1, 0.5)  # the nets are loaded, and the pool's threads there
            with_nets = [bench.round("whole", count, seconds) for count in whole]
            series = [bench.round("ours", count, seconds) for count in steps]
        finally:
            bench.close()
    ratios = [cost(o) / cost(s) for s, o in zip(turns["stock"], turns["ours"], strict=True)]
    return {
        "ingest_ratio": round(statistics.median(ratios), 3),
        "ratios": [round(ratio, 3) for ratio in ratios],
        "web_mb_per_learner": round(with_nets[-1]["mb"], 2) if with_nets else None,
        "streams_without_a_lost_frame": max(
            (r["streams"] for r in series if not r["lost"]), default=None
        ),
        "stock": row(turns["stock"][-1]),
        "ours": row(turns["ours"][-1]),
        "whole": [row(result) for result in with_nets],
        "steps": [row(result) for result in series],
        "core": core,
        "load": [round(load, 1), round(os.getloadavg()[0], 1)],
    }


def table(found: dict[str, Any]) -> str:
    """The rounds as Markdown."""
    lines = [
        "| receiver | learners | % of a core | each | of it the loop | lag p50 / p99, ms | "
        "lost | late | MB each |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    named = [("stock", found["stock"]), ("ours", found["ours"])]
    named += [("ours", one) for one in found["steps"]]
    named += [("with the nets", one) for one in found["whole"]]
    for name, one in named:
        lag = one["lag_ms"]
        lines.append(
            f"| {name} | {one['streams']} | {one['core_pct']} | {one['each_pct']} | "
            f"{one['loop_pct']} | {lag['p50']} / {lag['p99']} | {one['lost']} | {one['late']} | "
            f"{one['mb_per_learner']} |"
        )
    return "\n".join(lines) + "\n"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--short", action="store_true", help="about a minute")
    parser.add_argument("--core", type=int, help="keep every receiver on this one")
    parser.add_argument("--steps", default="10,20,30,40,48")
    parser.add_argument("--whole", default="12,24,36")
    parser.add_argument("--seconds", type=float, default=10.0)
    chosen = parser.parse_args()
    if chosen.short:
        found = measure(core=chosen.core)
    else:
        steps, whole = (tuple(map(int, s.split(","))) for s in (chosen.steps, chosen.whole))
        found = measure(
            streams=10, seconds=chosen.seconds, rounds=5, steps=steps, whole=whole, core=chosen.core
        )
    sys.stderr.write(table(found))
    sys.stdout.write(json.dumps(found, indent=2) + "\n")
    return int(found["ingest_ratio"] > GOAL_RATIO or (found["web_mb_per_learner"] or 0) > GOAL_MB)


if __name__ == "__main__":
    sys.exit(main())
