"""Whether this process can serve learners, as a list of named findings, each with what to do.

``/readyz``, the operator's page and ``manage.py doctor`` ask here. A part that hangs hangs nobody:
each check has a thread and ``LIMIT_S``. An answer holds for ``KEPT_S``, so that whoever asks a
thousand times a second makes one question of them; while a question is under way, others get the
last answer.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass

from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.utils.translation import gettext as _

from tutor_emotion import privacy
from tutor_emotion.core.types import BIOMETRIC
from tutor_emotion.errors import Unavailable
from tutor_emotion.inference import queue

LIMIT_S = 1.5
KEPT_S = 1.0
MIGRATED_KEPT_S = 60.0  # what is migrated stays so; to look takes a tenth of a second


@dataclass(frozen=True, slots=True)
class Finding:
    """``code`` says what is wrong, empty where nothing is; ``facts`` are versions or names.

    ``needed``: without it no learner is served.
    """

    name: str
    ok: bool
    code: str = ""
    hint: str = ""
    facts: tuple[str, ...] = ()
    needed: bool = True


@dataclass(frozen=True, slots=True)
class Check:
    """``look`` may raise or hang; a good answer holds for ``kept_s``."""

    name: str
    look: Callable[[], Finding]
    needed: bool = True
    kept_s: float = KEPT_S


def database() -> Finding:
    """A new connection can be opened and answers."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        hint = _("Start the database, or look at DATABASES and its limit of connections.")
        return Finding("database", ok=False, code="database_away", hint=hint)
    finally:
        connection.close()  # this thread's own
    return Finding("database", ok=True)


def migrations() -> Finding:
    """Every migration that this code knows is applied."""
    try:
        executor = MigrationExecutor(connection)
        plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    except DatabaseError:
        return Finding("migrations", ok=False, code="database_away")
    finally:
        connection.close()
    if not plan:
        return Finding("migrations", ok=True)
    missing = tuple(f"{step.app_label}.{step.name}" for step, _backwards in plan)
    hint = _("Run manage.py migrate before this version serves.")
    return Finding("migrations", ok=False, code="migrations_unapplied", hint=hint, facts=missing)


def broker() -> Finding:
    """Valkey or Redis answers."""
    try:
        queue.workers()
    except Unavailable:
        hint = _("Start Valkey, or look at REDIS_URL.")
        return Finding("queue", ok=False, code="queue_away", hint=hint)
    return Finding("queue", ok=True)


def workers() -> Finding:
    """A worker lives. Without one lessons go on, without a camera."""
    try:
        alive = tuple(queue.workers())
    except Unavailable:
        return Finding("workers", ok=False, code="queue_away", needed=False)
    hint = "" if alive else _("Start a worker of QUEUE; until then nobody's camera is read.")
    code = "" if alive else "no_worker"
    return Finding("workers", ok=bool(alive), code=code, hint=hint, facts=alive, needed=False)


def sensors() -> Finding:
    """The law of this site lets a camera or a microphone be read of anybody at all."""
    try:
        permitted = tuple(sorted(BIOMETRIC & privacy.possible()))
    except DatabaseError:
        return Finding("sensors", ok=False, code="database_away", needed=False)
    finally:
        connection.close()
    code = "" if permitted else "camera_free_by_law"
    return Finding("sensors", ok=bool(permitted), code=code, facts=permitted, needed=False)


CHECKS = (
    Check("database", database),
    Check("migrations", migrations, kept_s=MIGRATED_KEPT_S),
    Check("queue", broker),
    Check("workers", workers, needed=False),
    Check("sensors", sensors, needed=False),
)


class Health:
    """Asks all checks at once, each in a thread of its own that is never waited for longer than
    ``limit_s``. A check that still hangs from the last time is not begun again."""

    def __init__(
        self,
        checks: Sequence[Check],
        limit_s: float = LIMIT_S,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._checks = checks
        self._limit_s = limit_s
        self._clock = clock
        self._asking = threading.Lock()
        self._under_way: dict[str, Future[Finding]] = {}
        self._known: dict[str, tuple[float, Finding]] = {}  # until when, and what

    def ask(self) -> dict[str, Finding]:
        """What is found, by name."""
        if not self._asking.acquire(blocking=len(self._known) < len(self._checks)):
            return {name: finding for name, (_until, finding) in self._known.items()}
        try:
            self._look()
        finally:
            self._asking.release()
        return {check.name: self._known[check.name][1] for check in self._checks}

    def _look(self) -> None:
        now_s = self._clock()
        due = [c for c in self._checks if self._known.get(c.name, (now_s,))[0] <= now_s]
        for check in due:
            if check.name not in self._under_way:
                self._under_way[check.name] = _begin(check)
        end_s = time.monotonic() + self._limit_s
        for check in due:
            finding = self._wait(check, end_s)
            kept_s = check.kept_s if finding.ok else KEPT_S
            self._known[check.name] = (self._clock() + kept_s, finding)

    def _wait(self, check: Check, end_s: float) -> Finding:
        future = self._under_way[check.name]
        try:
            finding = future.result(max(0.0, end_s - time.monotonic()))
        except TimeoutError:
            hint = _("It did not answer in time; the rest goes on without it.")
            return Finding(check.name, ok=False, code="hangs", hint=hint, needed=check.needed)
        except Exception as error:  # noqa: BLE001 a check's edge: readiness is an answer, not a fault
            facts = (type(error).__name__,)
            finding = Finding(
                check.name, ok=False, code="check_failed", facts=facts, needed=check.needed
            )
        del self._under_way[check.name]
        return finding


def _begin(check: Check) -> Future[Finding]:
    future: Future[Finding] = Future()

    def look() -> None:
        try:
            future.set_result(check.look())
        except Exception as error:  # noqa: BLE001 told where it is waited for
            future.set_exception(error)

    # No pool: its threads would be waited for when the process ends.
    threading.Thread(target=look, name=f"health-{check.name}", daemon=True).start()
    return future


HEALTH = Health(CHECKS)
