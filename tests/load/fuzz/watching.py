"""What a run must not do to the server's processes: end them, grow them, make them complain."""

from __future__ import annotations

import re
import signal
import time
from pathlib import Path

from tests.load.processes import MIB, of_port

# Of Python, of Celery, of uvicorn: what a fault of ours looks like in a log.
_TROUBLE = re.compile(r"Traceback|\b(ERROR|CRITICAL)\b|never retrieved|never awaited")
SETTLE_S, SETTLED = 2.0, 3


class Watch:
    """The web server and the worker of one port, from their first weighing to the last."""

    def __init__(self, port: int, logs: Path) -> None:
        self._logs = logs
        self._processes = {r: p for r, p in of_port(port).items() if r in ("web", "worker")}
        self._born = {role: process.create_time() for role, process in self._processes.items()}

    def rss_mib(self) -> dict[str, float]:
        """MiB that each holds once its garbage is collected: the least of some looks."""
        least: dict[str, float] = {}
        for _ in range(SETTLED):
            for process in self._processes.values():
                process.send_signal(signal.SIGUSR2)
            time.sleep(SETTLE_S)
            for role, process in self._processes.items():
                held = round(process.memory_info().rss / MIB, 1)
                least[role] = min(held, least.get(role, held))
        return least

    def threads(self) -> dict[str, int]:
        return {role: process.num_threads() for role, process in self._processes.items()}

    def dead(self) -> list[str]:
        """Who of them does not live any more."""
        return [
            role
            for role, process in self._processes.items()
            if not process.is_running() or process.create_time() != self._born[role]
        ]

    def trouble(self) -> list[str]:
        """Lines of the logs that tell of a fault, with what stands under them."""
        found = []
        for log in sorted(self._logs.glob("*.log")):
            lines = log.read_text(errors="replace").splitlines()
            for number, line in enumerate(lines):
                if _TROUBLE.search(line):
                    found.append(
                        f"{log.name}:{number + 1}: {' | '.join(lines[number : number + 25])}"
                    )
        return found


def growth(before: dict[str, float], after: dict[str, float]) -> dict[str, float]:
    """Per cent by which each grew; less than nothing where it shrank."""
    return {role: round(100 * (after[role] / before[role] - 1), 1) for role in before}
