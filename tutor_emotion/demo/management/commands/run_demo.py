"""``manage.py run_demo``: the whole demonstration on this machine, until Ctrl-C."""

from __future__ import annotations

import fcntl
import hashlib
import io
import os
import socket
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError, connections
from rich.console import Console
from rich.markup import escape
from rich.panel import Panel
from rich.table import Table

from tutor_emotion.demo import school
from tutor_emotion.demo.management.commands import seed_demo
from tutor_emotion.demo.supervisor import Plan, Supervisor
from tutor_emotion.errors import TutorEmotionError, Unavailable
from tutor_emotion.lessons.content import COURSES

WAITING_FOR = {
    "valkey": "Starting Valkey …",
    "database": "Preparing the database …",
    "web": "Starting the web server …",
    "worker": "Starting the worker and loading its models …",
}


class Command(BaseCommand):
    help = "Start Valkey, the web server and one worker; end all of them on Ctrl-C."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--host", default="127.0.0.1", help="Address to listen on.")
        parser.add_argument("--port", type=int, default=8000, help="Port to listen on.")

    def handle(self, *_: Any, host: str, port: int, **__: Any) -> None:
        console = Console(highlight=False)
        plan = Plan(host, port, settings.BASE_DIR, settings.VAR_DIR, os.environ.get("REDIS_URL"))
        try:
            _must_be_free(host, port)
            with _only_one(plan.var):
                _supervise(plan, console)
        except TutorEmotionError as error:
            hint = f"\nhint: {error.hint}" if error.hint else ""
            raise CommandError(f"{error.message}{hint}") from None
        except DatabaseError as error:
            raise CommandError(f"the database cannot be used: {error}") from None


def _must_be_free(host: str, port: int) -> None:
    """Raises Unavailable, ``port_busy``."""
    if not 1 <= port <= 65535:
        raise Unavailable("bad_port", f"{port} is not a port", hint="make run PORT=8001")
    with closing(socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise Unavailable(
                "port_busy",
                f"port {port} on {host} cannot be used: {error.strerror}",
                hint=f"choose another: make run PORT={port + 1 if port < 65535 else 8000}",
            ) from None


@contextmanager
def _only_one(var: Path) -> Iterator[None]:
    """One demonstration a folder: they would share a database and logs."""
    var.mkdir(parents=True, exist_ok=True)
    with (var / "run.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Unavailable(
                "runs_already",
                f"a demonstration already runs from {var}",
                hint="stop it, or give this one its own folder: TUTOR_EMOTION_VAR=/path make run",
            ) from None
        yield


def _prepare() -> None:
    """The database and the demo course, made or brought up to date."""
    settings.STATIC_ROOT.mkdir(parents=True, exist_ok=True)
    call_command("migrate", interactive=False, verbosity=0)
    stamp, key = settings.VAR_DIR / ".stamp-demo", _demo_key()
    # Checking three passwords costs more than a second; not when nothing can have changed.
    there = get_user_model().objects.filter(username=seed_demo.TEACHER).exists()
    if not there or not stamp.exists() or stamp.read_text() != key:
        call_command("seed_demo", stdout=io.StringIO())
        stamp.write_text(key)
    connections.close_all()  # no descriptor of ours in the web server


def _demo_key() -> str:
    """Changes with what `seed_demo` would write."""
    files = [Path(seed_demo.__file__), Path(school.__file__), *sorted(COURSES.rglob("*.md"))]
    seed = b"".join(file.name.encode() + file.read_bytes() for file in files)
    return hashlib.sha256(seed + seed_demo.demo_password().encode()).hexdigest()


def _supervise(plan: Plan, console: Console) -> None:
    with console.status("Starting …") as status:
        # A spinner where there is a terminal; else each stage as a line.
        tell = status.update if console.is_terminal else console.print
        supervisor = Supervisor(plan, lambda name: tell(WAITING_FOR[name]))
        with supervisor.stops_on_signals():
            supervisor.start(_prepare)
            status.stop()
            if not supervisor.stopping:
                console.print(_welcome(plan))
            supervisor.run()
            console.print("Stopping …")
    console.print("Stopped.")


def _welcome(plan: Plan) -> Panel:
    password = seed_demo.demo_password()
    grid = Table.grid(padding=(0, 2))
    for what, value in (
        ("open", f"[bold]{plan.address}[/bold]"),
        ("learners", f"{' or '.join(seed_demo.LEARNERS)}, password {password}"),
        ("teacher", f"{seed_demo.TEACHER}, password {password}"),
        ("logs", escape(str(plan.var / "log"))),
        ("stop", "Ctrl-C"),
    ):
        grid.add_row(f"[dim]{what}[/dim]", value)
    return Panel(grid, title="tutor_emotion is ready", expand=False, padding=(1, 2))
