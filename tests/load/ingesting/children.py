"""Programs that answer a line of JSON with another: the bench's senders and receivers."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any

import uvloop

ROOT = Path(__file__).resolve().parents[3]
Answers = Mapping[str, Callable[..., Awaitable[Any]]]


class Child:
    """``with Child("tests.load.ingesting.sender", {}, "0", …) as sender: sender.ask("cpu")``."""

    def __init__(self, module: str, env: Mapping[str, str], *arguments: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", module, *arguments],
            cwd=ROOT, env={**os.environ, **env}, text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        )  # fmt: skip

    def ask(self, what: str, **arguments: Any) -> Any:
        """Its answer.

        Raises:
            SystemExit: it ended.
        """
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps([what, arguments]) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line:
            raise SystemExit(f"a process of the bench ended with {self.process.wait()}")
        return json.loads(line)

    def __enter__(self) -> Child:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.process.kill()
        self.process.communicate()


def serve(make: Callable[[], Answers]) -> None:
    """In the child: answer until the parent is gone. ``make`` is called on the event loop.

    The loop is uvicorn's, so that both receivers have what a server has.
    """

    async def main() -> None:
        answers, loop = make(), asyncio.get_running_loop()
        while line := await loop.run_in_executor(None, sys.stdin.readline):
            what, arguments = json.loads(line)
            answer = await answers[what](**arguments)
            sys.stdout.write(json.dumps(answer) + "\n")
            sys.stdout.flush()

    uvloop.run(main())


def pin(core: str) -> None:
    """This process and all of its threads to come, to one core; empty: wherever it likes."""
    if core:
        os.sched_setaffinity(0, {int(core)})
