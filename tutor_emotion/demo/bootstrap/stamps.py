"""Remembers by content what was done, so that an unchanged step costs a few milliseconds."""

from __future__ import annotations

import fcntl
import hashlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from .progress import SetupError, say

ROOT = Path(__file__).resolve().parents[3]
VENV = ROOT / ".venv"
VAR = ROOT / "var"


def digest(*parts: str | Path | Iterable[Path]) -> str:
    """One hash of texts, of files' contents, and of the contents and names of sets of files."""
    sha = hashlib.sha256()
    for part in parts:
        if isinstance(part, str):
            sha.update(part.encode())
            continue
        for path in [part] if isinstance(part, Path) else sorted(part):
            sha.update(str(path.relative_to(ROOT)).encode())
            sha.update(path.read_bytes() if path.exists() else b"absent")
        sha.update(b"\0")
    return sha.hexdigest()


def is_done(stamp: Path, key: str) -> bool:
    return stamp.exists() and stamp.read_text() == key


def mark_done(stamp: Path, key: str) -> None:
    stamp.parent.mkdir(parents=True, exist_ok=True)
    stamp.write_text(key)


@contextmanager
def only_one() -> Iterator[None]:
    """Lets a second set-up of the same folder wait for the first."""
    try:
        VAR.mkdir(exist_ok=True)
        lock = (VAR / "setup.lock").open("w")
    except OSError as error:
        raise SetupError(
            f"cannot write into {ROOT}: {error.strerror}", "run as the user who owns this folder"
        ) from None
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("Another set-up of this folder is under way; waiting for it …")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield
