"""The model files, fetched by the manifest with their hashes checked."""

from __future__ import annotations

import os
from pathlib import Path

from .packages import LOG, PYTHON
from .progress import Steps, clean_environment, run
from .stamps import ROOT, VAR, digest, is_done, mark_done

MANIFEST = ROOT / "tutor_emotion" / "nets" / "manifest.toml"
_STAMP = VAR / ".stamp-models"


def fetch(steps: Steps) -> None:
    """Runs ``manage.py fetch_weights`` unless the files are as it left them."""
    if is_done(_STAMP, _key()):
        with steps.next("Model files"):
            return
    with steps.next("Model files", expect="about 6 MB"):
        hint = "docs/install.md says how to fetch them on another machine"
        fetch_weights = [str(PYTHON), "manage.py", "fetch_weights"]
        run(fetch_weights, cwd=ROOT, log=LOG, env=clean_environment(), hint=hint)
        mark_done(_STAMP, _key())


def _key() -> str:
    """The manifest, and size and time of each file: a hash of all bytes would take too long."""
    folder = Path(os.environ.get("TUTOR_EMOTION_WEIGHTS", ROOT / "models"))
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    seen = [f"{path}:{path.stat().st_size}:{path.stat().st_mtime_ns}" for path in files]
    return digest(MANIFEST, "\n".join(seen))
