"""Child processes that never outlive their parent, however it ends."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

_PR_SET_PDEATHSIG = 1
# Loaded before the fork: loading a library between fork and exec can deadlock.
_LIBC = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


def tied_to_parent() -> Callable[[], None]:
    """For ``preexec_fn``: the kernel ends the child when its parent dies, even by SIGKILL.

    Where the system has no such thing (macOS), the parent must end its children itself.
    """
    parent = os.getpid()

    def tie() -> None:
        if _LIBC is None:
            return
        _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != parent:  # the parent died before the line above
            os._exit(1)

    return tie


@dataclass
class Child:
    """One program, in a process group of its own, its output in a log file."""

    name: str
    command: Sequence[str]
    log: Path
    stdin: bytes = field(default=b"", repr=False)
    process: subprocess.Popen[bytes] | None = None

    def start(self, env: Mapping[str, str], cwd: Path) -> None:
        """Raises OSError when the program cannot be started."""
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("wb") as output:
            self.process = subprocess.Popen(
                list(self.command),
                cwd=cwd,
                env=dict(env),
                stdin=subprocess.PIPE,
                stdout=output,
                stderr=subprocess.STDOUT,
                # A Ctrl-C in the terminal reaches the supervisor alone, which ends all in order.
                process_group=0,
                preexec_fn=tied_to_parent(),
            )
        assert self.process.stdin is not None
        # A child that dies at once closes the pipe; its exit code tells more than this.
        with contextlib.suppress(BrokenPipeError), self.process.stdin as pipe:
            pipe.write(self.stdin)

    @property
    def exit_code(self) -> int | None:
        """None while it runs, and before it was started."""
        return self.process.poll() if self.process else None

    def terminate(self) -> None:
        self._signal(signal.SIGTERM)

    def kill(self) -> None:
        self._signal(signal.SIGKILL)

    def _signal(self, number: signal.Signals) -> None:
        if self.process is not None and self.process.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, number)

    def wait(self, timeout_s: float) -> bool:
        """Whether it has ended by then."""
        if self.process is None:
            return True
        try:
            self.process.wait(timeout_s)
        except subprocess.TimeoutExpired:
            return False
        return True

    def tail(self, lines: int = 15) -> list[str]:
        """The end of its log."""
        if not self.log.exists():
            return []
        with self.log.open(errors="replace") as text:
            return [line.rstrip() for line in deque(text, maxlen=lines)]
