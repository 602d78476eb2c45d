"""``make bench``: the measures of a release on this machine, as one JSON object.

Start the demonstration twice (the second on the first's data), weigh it when idle, then four
learners for a minute, then ever more of them until it is too slow, then the nets against LiteRT.
Writes ``bench/result.json`` and prints it.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.load import capacity
from tests.load.processes import Watch, of_port
from tutor_emotion.demo.valkey import free_port

ROOT = Path(__file__).resolve().parents[2]
BENCH = ROOT / "bench"
START_LIMIT_S = 180.0
IDLE_S = 10.0


@contextmanager
def demonstration(port: int) -> Iterator[float]:
    """A running demonstration; gives the seconds from its start to healthy."""
    command = [sys.executable, "manage.py", "run_demo", "--port", str(port)]
    printed = BENCH / "run.log"
    started = time.monotonic()
    with printed.open("wb") as output:
        process = subprocess.Popen(
            command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT
        )
    try:
        while "is ready" not in printed.read_text(errors="replace"):
            if process.poll() is not None or time.monotonic() - started > START_LIMIT_S:
                raise SystemExit(printed.read_text(errors="replace"))
            time.sleep(0.05)
        yield time.monotonic() - started
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(30)


def idle(port: int) -> dict[str, Any]:
    """Memory (MiB) and share of a core of each process when nobody learns."""
    with Watch(of_port(port)) as watch:
        time.sleep(IDLE_S)
    return watch.report()


def nets() -> dict[str, Any]:
    command = [sys.executable, "-m", "tutor_emotion.nets.bench"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    measured: dict[str, Any] = json.loads(done.stdout)
    return measured


def say(doing: str) -> None:
    """What is measured now, to whoever waits; the result alone goes to standard output."""
    sys.stderr.write(f"{doing} …\n")
    sys.stderr.flush()


def main() -> None:
    BENCH.mkdir(exist_ok=True)
    # Its own database: simulated learners are made in it. The simulator's process reads this too.
    os.environ["TUTOR_EMOTION_VAR"] = str(BENCH / "var")
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    say("[1/5] Starting the demonstration twice (the whole takes about four minutes)")
    with demonstration(port) as first_s:
        pass
    with demonstration(port) as again_s:
        start_s = {"first": round(first_s, 2), "again": round(again_s, 2)}
        result: dict[str, Any] = {"start_s": start_s}
        say("[2/5] Weighing it while nobody learns")
        result["idle"] = idle(port)
        say("[3/5] Four learners for a minute")
        result["four"] = capacity.four(url)
        say("[4/5] Ever more learners at once")
        result["climb"] = capacity.climb(url)
    say("[5/5] The nets against LiteRT")
    result["nets"] = nets()
    text = json.dumps(result, indent=2) + "\n"
    (BENCH / "result.json").write_text(text)
    sys.stdout.write(text)


if __name__ == "__main__":
    main()
