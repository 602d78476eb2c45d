"""What a trial needs of the machine besides programs of wheels."""

from __future__ import annotations

import os
import subprocess
import tempfile
from functools import cache
from pathlib import Path
from typing import Literal, TypeAlias

DISK = "64m"
Need: TypeAlias = Literal["", "clock", "small disk"]


def missing(need: Need) -> str:
    """What this machine lacks for such a site; empty where it lacks nothing."""
    if need == "clock" and faketime() is None:
        return "no clock can be set: that needs Debian's libfaketime"
    if need == "small disk" and (os.geteuid() or not _may_mount()):
        return "no disk can be mounted: that needs root, and a system that lets it"
    return ""


@cache
def _may_mount() -> bool:
    with tempfile.TemporaryDirectory() as folder:
        if subprocess.run(mount_small(Path(folder)), capture_output=True).returncode:
            return False
        subprocess.run(["umount", folder], check=True)
        return True


def mount_small(folder: Path) -> list[str]:
    """The command that makes a disk of ``DISK`` bytes of it, in memory."""
    return ["mount", "-t", "tmpfs", "-o", f"size={DISK}", "tmpfs", str(folder)]


def faketime() -> Path | None:
    """Debian's library that sets one process's clock; None where it is not installed."""
    return next(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"), None)
