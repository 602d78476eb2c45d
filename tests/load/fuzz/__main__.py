"""``python -m tests.load.fuzz``: hostile messages, offers and requests against real processes.

Ends with one line of JSON; exit code 1 where something was found or a process grew over 5 %.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from pathlib import Path

from tests.load.fuzz.run import WALLS, Sizes, run, verdict


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.load.fuzz", description=__doc__)
    parser.add_argument("--messages", type=int, default=10_000)
    parser.add_argument("--sdps", type=int, default=2_000)
    parser.add_argument("--requests", type=int, default=2_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--walls", action="store_true", help="leave the limits where they ship: floods are refused"
    )
    wanted = parser.parse_args()
    if wanted.walls:
        os.environ[WALLS] = "1"
    sizes = Sizes(wanted.messages, wanted.sdps, wanted.requests)
    with tempfile.TemporaryDirectory(prefix="tutor-emotion-fuzz-") as var:
        said = run(Path(var), sizes, wanted.seed)
    for fault in said["faults"]:
        sys.stderr.write(f"FAULT {fault}\n")
    ok = verdict(said)
    sys.stdout.write(json.dumps(said | {"faults": len(said["faults"]), "ok": ok}) + "\n")
    return 0 if ok else 1


if __name__ == "__main__":
    sys.exit(main())
