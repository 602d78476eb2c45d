"""Each fault: how it begins on a real site, how it ends, and what its learner must not lose."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager, suppress
from dataclasses import dataclass
from typing import TypeAlias

from tests.faults.learner import Learner
from tests.faults.needs import Need
from tests.faults.site import Part, Site
from tests.faults.unruly_files import HANG, OOM
from tutor_emotion.inference.worker import HUNG

# Between two looks of a worker at itself, and what a batch may take in these settings.
FOUND_OUT_S = 30.0


# --- what a learner chooses meanwhile -------------------------------------------------------------

Choice: TypeAlias = Callable[[Learner], Awaitable[None]]


async def takes_voice_back(learner: Learner) -> None:
    await learner.choose("voice", False)


async def gives_voice_again(learner: Learner) -> None:
    await learner.choose("voice", False)
    await learner.choose("voice", True)


async def thinks_better_of_it(learner: Learner) -> None:
    """A yes whose answer is not waited for, and a no after it: the no is the last word."""
    await learner.choose_and_go("voice", False, 0.5)
    await learner.choose_and_go("voice", True, 0.5)
    await learner.choose("voice", False)


@dataclass(frozen=True)
class Fault:
    """``during`` begins it, holds it as long as it is entered, and leaves when the part is back.

    ``choice`` is what the first learner does meanwhile about their consents, until it is answered;
    ``moves``: how often each learner moves to another server without a pause. ``needs``: what
    its site must have, besides its processes.
    """

    name: str
    lasts_s: float
    during: Callable[[Site], AbstractContextManager[None]]
    database: str = "sqlite"
    learners: int = 1
    choice: Choice = takes_voice_back
    moves: int = 0
    needs: Need = ""


# --- a part dies ----------------------------------------------------------------------------------


@contextmanager
def worker_killed(site: Site) -> Iterator[None]:
    site.worker.kill()
    yield
    site.start_worker()


@contextmanager
def web_killed(site: Site) -> Iterator[None]:
    site.web.kill()
    yield
    site.web.start()


@contextmanager
def valkey_killed(site: Site) -> Iterator[None]:
    site.valkey.kill()
    yield
    site.valkey.start()


@contextmanager
def postgres_killed(site: Site) -> Iterator[None]:
    assert site.postgres
    site.postgres.kill()
    yield
    site.postgres.start()


# --- a part is full -------------------------------------------------------------------------------


def valkey_full(policy: str) -> Callable[[Site], AbstractContextManager[None]]:
    """No byte more than there is now may be kept; what may be thrown away is up to ``policy``."""

    @contextmanager
    def during(site: Site) -> Iterator[None]:
        with site.client() as client:
            usual = client.config_get("maxmemory*")
            client.config_set("maxmemory-policy", policy)
            client.config_set("maxmemory", "100kb")
            yield
            client.config_set("maxmemory", usual["maxmemory"])
            client.config_set("maxmemory-policy", usual["maxmemory-policy"])

    return during


@contextmanager
def disk_full(site: Site) -> Iterator[None]:
    with site.web.no_room_on_disk():
        yield


@contextmanager
def no_room_left(site: Site) -> Iterator[None]:
    """``ENOSPC`` for everybody who writes there: the database, its journal, and the logs."""
    ballast = site.var / "ballast"
    with ballast.open("wb", buffering=0) as file, suppress(OSError):
        while True:
            file.write(b"x" * 4096)
    yield
    ballast.unlink()


@contextmanager
def gpu_full(site: Site) -> Iterator[None]:
    """Not even one Window fits."""
    (site.var / OOM).write_text("0")
    yield
    (site.var / OOM).unlink()


@contextmanager
def gpu_nearly_full(site: Site) -> Iterator[None]:
    """One Window fits, two do not; while it stands still, several come to wait."""
    (site.var / OOM).write_text("1")
    for _ in range(3):
        site.worker.freeze()
        time.sleep(1.2)
        site.worker.thaw()
        time.sleep(0.8)
    yield
    (site.var / OOM).unlink()


# --- a part is slow, or stands still --------------------------------------------------------------


@contextmanager
def sqlite_locked(site: Site) -> Iterator[None]:
    with closing(sqlite3.connect(site.database_file, isolation_level=None)) as other:
        other.execute("PRAGMA busy_timeout=20000")
        other.execute("BEGIN IMMEDIATE")
        yield
        other.execute("ROLLBACK")


@contextmanager
def postgres_locked(site: Site) -> Iterator[None]:
    """As by a migration of another program: nobody writes these tables meanwhile."""
    assert site.postgres
    with site.postgres.connect() as other:
        other.execute(
            "LOCK TABLE tutor_emotion_lessons_attempt, tutor_emotion_eventrecord, "
            "tutor_emotion_adaptationrecord IN ACCESS EXCLUSIVE MODE"
        )
        other.execute("LOCK TABLE tutor_emotion_consent IN EXCLUSIVE MODE")  # the gate reads it
        yield
        other.rollback()


@contextmanager
def postgres_slow(site: Site) -> Iterator[None]:
    assert site.postgres
    site.postgres.proxy.delay_s = 0.25
    yield
    site.postgres.proxy.delay_s = 0.0


@contextmanager
def worker_frozen(site: Site) -> Iterator[None]:
    site.worker.freeze()
    yield
    site.worker.thaw()


@contextmanager
def runner_hangs(site: Site) -> Iterator[None]:
    """The worker finds it out and ends by itself; whoever started it starts another."""
    (site.var / HANG).touch()
    assert site.worker.child.wait(FOUND_OUT_S), "the worker did not find out that it hangs"
    assert site.worker.child.exit_code == HUNG
    (site.var / HANG).unlink()
    yield
    site.start_worker()


# --- a clock is set -------------------------------------------------------------------------------


def clock_set(name: str, seconds: int) -> Callable[[Site], AbstractContextManager[None]]:
    """The wall clock of a process jumps, and jumps back; what counts from a start goes on."""

    @contextmanager
    def during(site: Site) -> Iterator[None]:
        part = {"web": site.web, "worker": site.worker}[name]
        part.set_clock(seconds)
        yield
        part.set_clock(0)

    return during


# --- a part is replaced ---------------------------------------------------------------------------


def deployed(stop: Callable[[Part], None]) -> Callable[[Site], AbstractContextManager[None]]:
    """The new server is there first; then the old one is told to stop."""

    @contextmanager
    def during(site: Site) -> Iterator[None]:
        old, new = site.web, site.another_web()
        new.start()
        site.balancer.target = site.web_port
        yield
        site.web = new
        stop(old)

    return during


FAULTS = (
    Fault("the worker is killed", 3.0, worker_killed),
    Fault("the web server is killed", 3.0, web_killed, choice=gives_voice_again),
    Fault("Valkey is killed", 4.0, valkey_killed),
    Fault("Valkey is full (noeviction)", 5.0, valkey_full("noeviction")),
    Fault("Valkey is full (volatile-ttl)", 5.0, valkey_full("volatile-ttl")),
    Fault("SQLite is locked for 5 s", 5.0, sqlite_locked, choice=thinks_better_of_it),
    Fault("SQLite is locked for 25 s", 25.0, sqlite_locked),
    Fault("the disk is full", 6.0, disk_full),
    Fault("no room is left on the disk", 6.0, no_room_left, needs="small disk"),
    Fault("the worker stands still", 6.0, worker_frozen),
    Fault("the Runner never returns", 0.0, runner_hangs),
    Fault("the GPU is full", 4.0, gpu_full),
    Fault("the GPU has room for one", 0.0, gpu_nearly_full, learners=3),
    Fault("the web server's clock is an hour ahead", 6.0, clock_set("web", 3600), needs="clock"),
    Fault("the web server's clock is an hour behind", 6.0, clock_set("web", -3600), needs="clock"),
    Fault("the worker's clock is an hour ahead", 6.0, clock_set("worker", 3600), needs="clock"),
    Fault("the worker's clock is an hour behind", 6.0, clock_set("worker", -3600), needs="clock"),
    Fault("a new version is deployed", 0.0, deployed(Part.stop), moves=1),
    Fault("a new version is deployed without draining", 0.0, deployed(Part.stop_at_once)),
    Fault("PostgreSQL is killed", 3.0, postgres_killed, database="postgres"),
    Fault("PostgreSQL is slow (0.25 s a packet)", 10.0, postgres_slow, database="postgres"),
    Fault(
        "PostgreSQL's tables are locked",
        6.0,
        postgres_locked,
        database="postgres",
        choice=thinks_better_of_it,
    ),
)
