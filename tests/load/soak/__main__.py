"""``python -m tests.load.soak --minutes 60``: learners who come and go for an hour, and what the
site's processes hold meanwhile.

Writes ``samples.jsonl``, ``result.json`` (both from the first sample on) and ``timeline.png`` into
``--out``; prints the result as JSON. Exit code 1 where something grew.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
from pathlib import Path

from tests.load.soak.drawing import draw
from tests.load.soak.run import Soak

ROOT = Path(__file__).resolve().parents[3]


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.load.soak", description=__doc__)
    parser.add_argument("--minutes", type=float, default=60.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path, default=ROOT / "bench" / "soak")
    chosen = parser.parse_args()
    if not 3 <= chosen.minutes <= 24 * 60:
        parser.error("--minutes must be from 3 to 1440.")
    shutil.rmtree(chosen.out / "var", ignore_errors=True)
    soak = Soak(chosen.out, chosen.minutes, chosen.seed)
    try:
        result = soak.run()
    finally:
        if soak.samples:
            draw(soak.samples, chosen.out / "timeline.png")
    sys.stdout.write(json.dumps(result, indent=1) + "\n")
    return 0 if result["ok"] else 1


if __name__ == "__main__":
    sys.exit(main())
