"""A marked face and voice learn, the worker fails and is killed, the server is killed: where are
they now? On no disk, in no database, log, task or trace; in Valkey for its seconds, and then not.
"""

from __future__ import annotations

import base64
import json
import re
import sys
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import pytest

from tests.at_rest import marks
from tests.at_rest.places import Created, files_below
from tests.at_rest.search import find
from tests.at_rest.story import (
    LEARNER,
    SETTINGS,
    Seen,
    connect,
    live_through,
    log,
    postgres,
    rows_of,
)
from tests.e2e.site import Site
from tutor_emotion.simulate.measure import Measure

pytestmark = [
    pytest.mark.timeout(300),
    pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc and inotify"),
]


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def seen(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Seen]:
    """One session, its crashes, and what was found; all tests below look at it."""
    made = marks.sent(tmp_path_factory.mktemp("marked"))
    private = (tmp_path_factory.mktemp("tmp"), tmp_path_factory.mktemp("home"))
    with ExitStack() as stack, pytest.MonkeyPatch.context() as patch:
        patch.setenv("TMPDIR", str(private[0]))
        patch.setenv("HOME", str(private[1]))
        data = None
        if request.param == "postgres":
            data = stack.enter_context(postgres())
            for name, value in {"HOST": str(data), "USER": "postgres", "DB": "postgres"}.items():
                patch.setenv(f"POSTGRES_{name}", value)
        else:
            patch.delenv("POSTGRES_HOST", raising=False)
        site = Site(tmp_path_factory.mktemp("var"), settings=SETTINGS)
        stack.callback(site.stop)
        story = Seen(site, made, Measure(LEARNER), private, Created(*private), data=data)
        site.start()
        live_through(story)
        yield story


# --- it was really there --------------------------------------------------------------------------


def test_the_learner_was_seen_and_heard(seen: Seen) -> None:
    assert seen.measure.face["ok"] >= 3
    assert seen.measure.voice["ok"] >= 1


def test_what_waited_carried_the_marks_so_the_search_can_see(seen: Seen) -> None:
    assert {"face", "jpeg"} <= find(seen.slots["window"])
    assert "voice" in find(seen.slots["speech"])
    assert "face" in find(seen.to_slots)
    assert "voice" in find(seen.to_slots)
    # Nobody said goodbye, and so it still waited.
    assert any(key.startswith("te:window:") for key in seen.after_kill)


def test_the_room_never_left_the_process_that_decoded_it(seen: Seen) -> None:
    """The marks on both sides of the head were sent, and are in no crop."""
    assert "room" not in find(seen.slots["window"])


def test_what_waits_says_not_whose_it_is(seen: Seen) -> None:
    for text in (LEARNER.encode(), b"fractions"):
        assert text not in seen.slots["window"]
        assert text not in seen.slots["speech"]


# --- and is nowhere -------------------------------------------------------------------------------


def clean(
    places: Iterable[tuple[str, bytes]], sent: marks.Sent, *, planes: bool = True
) -> list[str]:
    """The names of the places that were searched. Fails where something is found."""
    searched, found = [], {}
    for name, content in places:
        searched.append(name)
        if marked := find(content, sent.packets, planes=planes):
            found[name] = marked
    assert found == {}
    return searched


def test_valkey_holds_nothing_after_its_seconds_and_never_wrote(seen: Seen) -> None:
    assert not [key for key in seen.at_the_end if key.startswith(("te:window:", "te:speech:"))]
    clean(iter(seen.at_the_end.items()), seen.sent)
    assert (seen.valkey["save"], seen.valkey["appendonly"]) == ("", "no")
    folder = Path(seen.valkey["dir"])
    assert not [*folder.rglob("*.rdb"), *folder.rglob("*.aof"), *folder.rglob("appendonly*")]


def test_no_other_command_to_valkey_carried_any(seen: Seen) -> None:
    """Tasks, their results, the messages between processes, tickets, limits."""
    assert b"PUBLISH" in seen.commands
    lines = seen.commands.split(b"\n")
    for start in range(0, len(lines), 200):
        clean(iter([("commands", b"\n".join(lines[start : start + 200]))]), seen.sent)
    assert b"celery-task-meta" not in seen.commands


def test_the_doorbell_carries_nothing(seen: Seen) -> None:
    rings = re.findall(rb'"LPUSH" "tutor_emotion" "(.*)"$', seen.commands, re.MULTILINE)
    assert len(rings) > 3
    for ring in rings:
        task = json.loads(ring.decode("unicode_escape"))
        arguments, named, _ = json.loads(base64.b64decode(task["body"]))
        assert (arguments, named) == ([], {})
        assert task["headers"]["ignore_result"] is True


def test_files_of_the_site_carry_none_and_are_only_these(seen: Seen) -> None:
    """Of home and temporary folder: none was made since the start, however short it lived."""
    made = {path.name for path in seen.created.names}
    assert made <= {"db.sqlite3-wal", "db.sqlite3-shm", "db.sqlite3-journal"}, made
    files = list(files_below(seen.site.var, *seen.private))
    rest = [(name, content) for name, content in files if "db.sqlite3" not in name]
    assert {Path(name).name for name, _ in rest} >= {"web.log", "worker.log", "valkey.log"}
    report("files of the site", clean(rest, seen.sent))


def test_files_that_processes_held_carry_none(seen: Seen) -> None:
    assert seen.held is not None
    outside = [
        name
        for name in seen.held.names
        if not name.startswith((str(seen.site.var), *map(str, seen.private)))
    ]
    report("files held open for writing elsewhere", outside)
    readable = ((n, Path(n).read_bytes()) for n in outside if Path(n).is_file())
    clean(readable, seen.sent)
    report("files without a name", clean(iter(seen.held.nameless.items()), seen.sent))


def test_the_database_has_the_session_and_no_media(seen: Seen) -> None:
    """Every row of every table; and the files, with the log of what was written."""
    folder = seen.site.var if seen.data is None else seen.data
    files = [f for f in files_below(folder) if seen.data is not None or "db.sqlite3" in f[0]]
    with closing(connect(seen)) as database:
        rows = dict(rows_of(database, postgres=seen.data is not None))
    assert b"fractions-1" in rows["tutor_emotion_session"]
    report("tables", clean(rows.items(), seen.sent))
    searched = clean(files, seen.sent, planes=False)
    assert len(searched) >= 1
    assert seen.data is None or any("pg_wal" in name for name in searched)
    report("files of the database", searched)


def test_a_batch_that_failed_left_its_kind_and_place_alone(seen: Seen) -> None:
    """The Runner raised with all that it had been given in its words."""
    said = log(seen.site, "worker")
    assert re.search(r"a batch of Windows: ValueError at at_rest/settings\.py:\d+", said)
    assert "Traceback" not in said
    assert "pixels" not in said
    assert "array(" not in said


def test_no_process_left_an_image_of_its_memory(seen: Seen) -> None:
    assert seen.cores == []


def report(kind: str, names: list[str]) -> None:
    """The list of places, for whoever runs this with ``-s``."""
    sys.stdout.write(f"\nsearched, {kind}: {len(names)}\n")
    sys.stdout.writelines(f"  {name}\n" for name in sorted(names)[:40])
