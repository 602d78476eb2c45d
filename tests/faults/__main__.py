"""``python -m tests.faults``: every fault on real processes, and the table for ``docs/faults.md``.

python -m tests.faults --repeats 3 --json faults.json
python -m tests.faults --only "Valkey"
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import statistics
import sys
import tempfile
import traceback
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.faults.settings")
os.environ.setdefault("LOG_LEVEL", "WARNING")
django.setup(set_prefix=False)

from tests import media_files  # noqa: E402
from tests.faults.faults import FAULTS, Fault  # noqa: E402
from tests.faults.needs import missing  # noqa: E402
from tests.faults.site import Site  # noqa: E402
from tests.faults.trial import Outcome, trial  # noqa: E402
from tutor_emotion.simulate.clips import Clip, sound_clip, video_clip  # noqa: E402

GOAL_S = 10.0


def clips() -> tuple[Clip, ...]:
    return video_clip(media_files.video("face")), sound_clip(media_files.speech_wav())


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("--repeats", type=int, default=1)
    parser.add_argument("--only", default="", help="faults with these words in their name")
    parser.add_argument("--runner", default="unruly", help="or `compact`: the real nets")
    parser.add_argument("--json", type=Path)
    asked = parser.parse_args(arguments)
    chosen = [fault for fault in FAULTS if asked.only in fault.name]
    outcomes, failed = [], []
    for database, need in dict.fromkeys((fault.database, fault.needs) for fault in chosen):
        faults = [fault for fault in chosen if (fault.database, fault.needs) == (database, need)]
        if lacks := missing(need):
            sys.stdout.write(f"Left out: {', '.join(f.name for f in faults)}; {lacks}.\n")
            continue
        site = Site(Path(tempfile.mkdtemp(prefix="te-faults-")), asked.runner, database, need)
        _all(site, faults, asked.repeats, outcomes, failed)
    sys.stdout.write(table(outcomes) + "\n")
    if asked.json:
        asked.json.write_text(json.dumps([one.row() for one in outcomes], indent=1))
    bad = [f"{one.name}: {what}" for one in outcomes for what in one.faults] + failed
    slow = [f"{one.name}: {one.back_s:.1f} s" for one in outcomes if one.back_s > GOAL_S]
    sys.stdout.writelines(f"NOT SO: {line}\n" for line in (*bad, *slow))
    return 1 if bad or slow else 0


def _all(
    site: Site,
    faults: Sequence[Fault],
    repeats: int,
    outcomes: list[Outcome],
    failed: list[str],
) -> None:
    try:
        site.start()
        for fault in faults:
            for _ in range(repeats):
                try:
                    outcomes.append(asyncio.run(trial(site, fault, clips())))
                    sys.stdout.write(json.dumps(outcomes[-1].row()) + "\n")
                except Exception as error:  # noqa: BLE001 the next fault is tried all the same
                    traceback.print_exc()
                    failed.append(f"{fault.name}: {type(error).__name__}: {error}")
                sys.stdout.flush()
    finally:
        site.close()


def table(outcomes: Sequence[Outcome]) -> str:
    """Markdown, one row a fault: median and maximum over its repeats."""
    lines = [
        "| fault | answers wait, s | no Estimate for, s | back after the part's return, s | load |",
        "|---|---|---|---|---|",
    ]
    for name in dict.fromkeys(one.name for one in outcomes):
        its = [one for one in outcomes if one.name == name]
        cells = [_pair([getattr(one, key) for one in its]) for key in _COLUMNS]
        load = max(one.load for one in its)
        lines.append(f"| {name} | {' | '.join(cells)} | {load:.0f} |")
    return "\n".join(lines)


_COLUMNS = ("waited_s", "silent_s", "back_s")


def _pair(values: Sequence[Any]) -> str:
    return f"{statistics.median(values):.1f} / {max(values):.1f}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
