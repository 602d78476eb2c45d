"""What a running site carries: four learners for a minute, then ever more, as JSON.

``python -m tests.load.capacity --url http://127.0.0.1:8000`` against ``make run`` on this machine.
It is bounded: about a minute, then 25 s a step, and it ends at the first step that fails.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from tests import media_files
from tests.load.processes import Watch, of_port

ROOT = Path(__file__).resolve().parents[2]
SPARE_S = 120


def four(url: str, seconds: float = 60.0, count: int = 4) -> dict[str, Any]:
    """``simulate_learner --count 4 --seconds 60``, with the server's memory and time beside it."""
    return _measured(url, seconds + SPARE_S, "--count", str(count), "--seconds", str(seconds))


def climb(
    url: str, steps: tuple[int, ...] = (1, 4, 8, 12), seconds: float = 15.0
) -> dict[str, Any]:
    """Ever more learners at once, until the 95th percentile of the delay is over 1.5 s."""
    limit_s = len(steps) * (seconds + SPARE_S)
    return _measured(url, limit_s, "--steps", ",".join(map(str, steps)), "--seconds", str(seconds))


def _measured(url: str, limit_s: float, *arguments: str) -> dict[str, Any]:
    command = [
        *(sys.executable, "manage.py", "simulate_learner", "--json", "--url", url),
        *("--video", str(media_files.video("face", ".webm"))),
        *("--audio", str(media_files.speech_wav(20.0))),
    ]
    with Watch(of_port(urlsplit(url).port or 80)) as watch:
        done = subprocess.run(
            [*command, *arguments], cwd=ROOT, capture_output=True, text=True, timeout=limit_s
        )
    if not done.stdout.strip():
        raise SystemExit(done.stderr.strip() or f"simulate_learner ended with {done.returncode}")
    return {**json.loads(done.stdout), "processes": watch.report()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--url", default="http://127.0.0.1:8000")
    parser.add_argument("--seconds", type=float, default=60.0, help="of the four learners")
    parser.add_argument("--step-seconds", type=float, default=15.0)
    parser.add_argument("--steps", default="1,4,8,12", help="empty: no climb")
    chosen = parser.parse_args()
    whole: dict[str, Any] = {"four": four(chosen.url, chosen.seconds)}
    if chosen.steps:
        steps = tuple(int(step) for step in chosen.steps.split(","))
        whole["climb"] = climb(chosen.url, steps, chosen.step_seconds)
    sys.stdout.write(json.dumps(whole, indent=2) + "\n")


if __name__ == "__main__":
    main()
