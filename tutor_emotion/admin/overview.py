"""What the operator's page shows, asked afresh each time: processes, queue, faults, the site.

Numbers of processes and courses; no learner is named, and none is needed to run a site.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import redis
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from tutor_emotion import __version__, beats, lately
from tutor_emotion.beats import Beat, Heard
from tutor_emotion.conf import get_settings
from tutor_emotion.errors import Unavailable
from tutor_emotion.inference.schema import SCHEMA
from tutor_emotion.jurisdictions import profiles
from tutor_emotion.models import Course, KillSwitch
from tutor_emotion.telemetry import marks
from tutor_emotion.telemetry.collector import QUEUE_OLDEST, QUEUE_WAITING, standing

LATE_S = 2.0  # a Window that waits longer is hardly of use any more
PRUNE_LATE_S = 48 * 3600
FAULTS_SHOWN = 20


@dataclass(frozen=True, slots=True)
class Note:
    """Something that an operator should do something about. ``bad``: learners feel it now."""

    said: str
    hint: str
    bad: bool = False


def overview() -> dict[str, Any]:
    """The page's context. A part whose server is away is empty, and a note says so."""
    notes: list[Note] = []
    try:
        heard, waiting = beats.heard(), standing()
        faults, done = lately.last()[:FAULTS_SHOWN], marks.last_done()
    except (Unavailable, redis.RedisError, OSError):
        hint = _("Start it, or look at REDIS_URL. New lessons wait until it is back.")
        notes.append(Note(_("Valkey does not answer."), hint, bad=True))
        heard, waiting, faults, done = Heard(0.0, ()), {}, [], {}
    else:
        notes += [*_of_processes(heard), *_of_queue(waiting), *_of_prune(done.get("prune"), heard)]
    migrated = _migrated()
    if not migrated:
        hint = _("Run manage.py migrate before this version serves.")
        notes.append(Note(_("Migrations are missing."), hint, bad=True))
    web = heard.alive("web")
    return {
        "notes": sorted(notes, key=lambda note: not note.bad),
        "processes": [_row(beat, heard.now_s) for beat in heard.beats if not _ended(beat, heard)],
        "sessions": sum(beat.sessions for beat in web),
        "webs": len(web),
        "workers": len(heard.alive("worker")),
        "waiting": int(waiting.get(QUEUE_WAITING, 0)),
        "oldest_s": waiting.get(QUEUE_OLDEST, 0.0),
        "courses": _courses(web),
        "refused": sorted(sum((Counter(b.refused) for b in web), Counter[str]()).items()),
        "faults": [(row, _moment(row.at_s)) for row in faults],
        "migrated": migrated,
        "profile": profiles().get(get_settings().JURISDICTION),
        "switches": KillSwitch.objects.filter(lifted_at=None).count(),
        "pruned": _moment(done["prune"]) if "prune" in done else None,
        "database": connection.vendor,
        "database_bytes": database_bytes(),
        "release": __version__,
        "schema": SCHEMA,
        "now": datetime.now(UTC),
    }


def _ended(beat: Beat, heard: Heard) -> bool:
    """Whether it was asked to end, and did: nobody misses it."""
    return beat.draining and not beat.alive(heard.now_s)


def _row(beat: Beat, now_s: float) -> dict[str, Any]:
    alive = beat.alive(now_s)
    state = "died" if not alive else "draining" if beat.draining else "alive"
    if alive and beat.schema != SCHEMA:
        state = "schema_mismatch"
    return {"beat": beat, "state": state, "ago_s": max(0.0, now_s - beat.at_s)}


def _of_processes(heard: Heard) -> Iterator[Note]:
    dead = [b for b in heard.beats if not b.alive(heard.now_s) and not _ended(b, heard)]
    if dead:
        said = ngettext(
            "One process died within the last hour.",
            "%(n)d processes died within the last hour.",
            len(dead),
        ) % {"n": len(dead)}
        yield Note(said, _("Whoever starts it should have started another; look at its log."))
    if not heard.alive("worker"):
        hint = _("Lessons go on without a camera. Start a worker.")
        yield Note(_("No worker lives."), hint, bad=True)
    others = [b for b in heard.beats if b.alive(heard.now_s) and b.schema != SCHEMA]
    if others:
        hint = _("What they send each other is refused (schema_mismatch). Finish the upgrade.")
        yield Note(_("Processes of two releases run."), hint, bad=True)


def _of_queue(waiting: dict[str, float]) -> Iterator[Note]:
    if waiting[QUEUE_OLDEST] > LATE_S:
        said = _("Windows wait longer than %(n)d s.") % {"n": LATE_S}
        yield Note(said, _("Start more workers, or look whether one hangs."), bad=True)


def _of_prune(done_s: float | None, heard: Heard) -> Iterator[Note]:
    hint = _("Run manage.py prune each night (docs/operations.md).")
    if done_s is None:
        yield Note(_("Nothing was pruned since Valkey started."), hint)
    elif heard.now_s - done_s > PRUNE_LATE_S:
        yield Note(_("Nothing was pruned for two days."), hint)


def _migrated() -> bool:
    executor = MigrationExecutor(connection)
    return not executor.migration_plan(executor.loader.graph.leaf_nodes())


def _courses(web: list[Beat]) -> list[tuple[str, int]]:
    counts = sum((Counter(beat.courses) for beat in web), Counter[str]())
    titles = dict(Course.objects.filter(pk__in=counts).values_list("pk", "title"))
    return sorted((str(titles.get(int(pk), pk)), n) for pk, n in counts.items())


def _moment(unix_s: float) -> datetime:
    return datetime.fromtimestamp(unix_s, UTC)


def database_bytes() -> int | None:
    """What the database takes on its disk; None where it cannot be asked."""
    if connection.vendor == "sqlite":
        name = Path(str(connection.settings_dict["NAME"]))
        return name.stat().st_size if name.is_file() else None
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_database_size(current_database())")
            return int(cursor.fetchone()[0])
    return None
