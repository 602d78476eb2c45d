"""From ``bench/result.json`` to what one learner costs: slopes over the steps of ``make bench``."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from tutor_emotion.errors import BadInput

MB_PER_MIB = 1.048576
READ_WHOLE = 0.95  # share of the faces; a worker that leaves out more says nothing of their cost


def fitted(path: Path) -> str:
    """``fitted.toml`` of a bench's result.

    Raises:
        BadInput: ``no_file``, ``bad_result``: not a whole ``make bench``, or too few steps in it.
    """
    try:
        result = json.loads(path.read_text(encoding="utf-8"))
        return _toml(result)
    except OSError:
        raise BadInput("no_file", f"There is no {path}.", hint="Run `make bench` first.") from None
    except (ValueError, LookupError, TypeError, AttributeError) as error:
        raise BadInput(
            "bad_result",
            f"{path.name} is not what a whole `make bench` writes ({type(error).__name__}).",
            hint="Run `make bench` without --short.",
        ) from None


def _toml(result: Mapping[str, Any]) -> str:
    steps = [step for step in result["climb"] if not step["failed"] and _read_whole(step)]
    if len(steps) < 2:
        raise ValueError("fewer than two steps")
    machine = result["machine"]
    about = {
        "measured": str(machine["at"]),
        "machine": f"{machine['cores']} cores, {machine['processor']}",
        "load_before": " ".join(map(str, machine["load"])),
        "steps": ", ".join(str(step["count"]) for step in steps),
    }
    lines = [
        "# What one learner costs, a second: slopes over the steps of `make bench` read whole.",
        "# Written by `manage.py simulate_growth --fit bench/result.json`. Do not edit.",
        "",
        "[about]",
        *(f"{name} = {json.dumps(value)}" for name, value in about.items()),
        "",
        "[a_learner]",
        *(f"{name} = {float(f'{value:.4g}')!r}" for name, value in _figures(steps, result).items()),
    ]
    return "\n".join(lines) + "\n"


def _read_whole(step: Mapping[str, Any]) -> bool:
    share = step.get("faces_read")
    return share is None or bool(share >= READ_WHOLE)


def _figures(steps: Sequence[Mapping[str, Any]], result: Mapping[str, Any]) -> dict[str, float]:
    counts = [step["count"] for step in steps]
    last = steps[-1]

    def rising(values: Sequence[float]) -> float:
        return max(0.0, float(np.polyfit(counts, values, 1)[0]))

    def cpu(role: str) -> float:
        return rising([step["cpu"].get(role, 0.0) for step in steps])

    def bytes_of(way: str, role: str) -> float:
        return rising([step["valkey"][way].get(role, 0.0) for step in steps])

    free = result["camera_free"]
    idle = result["idle"]["web"]
    return {
        "web_cores": cpu("web"),
        "worker_cores": cpu("worker"),
        "valkey_cores": cpu("valkey"),
        "free_web_cores": max(0.0, free["cpu"]["web"] - idle["cpu"]) / free["count"],
        "web_mb": rising([step["rss_mib"]["web"] for step in steps]) * MB_PER_MIB,
        "web_base_mb": steps[0]["rss_mib"]["web"] * MB_PER_MIB,
        "media_up_bytes": last["media_bytes"]["up"],
        "media_down_bytes": last["media_bytes"]["down"],
        "socket_up_bytes": last["socket_bytes"]["up"],
        "socket_down_bytes": last["socket_bytes"]["down"],
        "to_valkey_bytes": bytes_of("bytes_to_valkey", "web")
        + bytes_of("bytes_to_valkey", "worker"),
        "from_valkey_bytes": bytes_of("bytes_from_valkey", "web")
        + bytes_of("bytes_from_valkey", "worker"),
        "commands": rising([step["valkey"]["commands"] for step in steps]),
        "layer_messages": rising([step["valkey"]["channels"] for step in steps]),
        "doorbells": rising([step["valkey"]["by_command"].get("lpush", 0.0) for step in steps]),
        "windows": min(1.0, last["windows"] / last["learner_s"]),
    }
