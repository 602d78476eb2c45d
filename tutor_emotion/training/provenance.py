"""What made a model: which data, which code, on what. Written into every config."""

from __future__ import annotations

import hashlib
import platform
import subprocess
from collections.abc import Iterable
from pathlib import Path
from types import ModuleType
from typing import Any

import torch

_HERE = Path(__file__).parent


def sha256(path: Path) -> str:
    """Of a file; of a folder, of the names and contents of all its files in order."""
    if path.is_file():
        with path.open("rb") as opened:
            return hashlib.file_digest(opened, "sha256").hexdigest()
    total = hashlib.sha256()
    for file in sorted(p for p in path.rglob("*") if p.is_file()):
        total.update(f"{file.relative_to(path).as_posix()}\0{sha256(file)}\n".encode())
    return total.hexdigest()


def code_revision(sources: Iterable[Path]) -> str:
    """The commit; ``+changes`` where a source differs from it; ``unknown`` outside of git."""
    revision = _git("rev-parse", "HEAD")
    if revision is None:
        return "unknown"
    changed = _git("status", "--porcelain", "--", *map(str, sources))
    return revision + ("+changes" if changed else "")


def _git(*arguments: str) -> str | None:
    try:
        done = subprocess.run(  # noqa: S603 fixed arguments
            ["git", *arguments],  # noqa: S607 the developer's own git
            cwd=_HERE,
            capture_output=True,
            text=True,
            check=True,
        )
    except (OSError, subprocess.CalledProcessError):
        return None
    return done.stdout.strip()


def provenance(
    data: Iterable[Path], sources: Iterable[ModuleType], seed: int, recipe: dict[str, Any]
) -> dict[str, Any]:
    """The ``trained`` part of a config, but for how long it took."""
    files = [Path(module.__file__) for module in sources if module.__file__]
    return {
        "data": {path.name: sha256(path) for path in data},
        "code": code_revision(files),
        "seed": seed,
        "recipe": recipe,
        "threads": torch.get_num_threads(),
        "torch": torch.__version__,
        "machine": f"{platform.machine()}, {torch.backends.cpu.get_cpu_capability()}",
    }
