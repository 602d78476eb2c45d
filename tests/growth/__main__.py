"""``python -m tests.growth``: how long each page takes on a site with a million signals, and what
PostgreSQL does for it, as a table of Markdown.

The time is the least of three, with the data in memory. ``--faults`` prints the queries that read
or sort a whole table.
"""

from __future__ import annotations

import argparse
import logging
import os
import sys

from tests.growth.server import postgres


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.growth", description=__doc__)
    parser.add_argument("--faults", action="store_true")
    chosen = parser.parse_args()
    logging.disable(logging.WARNING)
    with postgres():
        from tests.growth.filling import fill
        from tests.growth.pages import asked, undone
        from tests.growth.plans import ask

        say = sys.stdout.write
        say(f"filled in {fill():.0f} s; load average {os.getloadavg()[0]:.1f}\n\n")
        say("| | queries | ms | whole tables |\n|---|---|---|---|\n")
        for name, deed in asked():
            runs = []
            for _ in range(3):
                with undone():
                    runs.append(ask(name, deed))
            best = min(runs, key=lambda run: run.ms)
            faults = best.faults()
            say(f"| {name} | {len(best.queries)} | {best.ms:.0f} | {len(faults) or ''} |\n")
            for fault in faults if chosen.faults else ():
                say(f"    {fault}\n")
            sys.stdout.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main())
