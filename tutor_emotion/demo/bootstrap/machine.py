"""What must be true before anything is changed: Python with venv, room on the disk, a free port."""

from __future__ import annotations

import importlib.util
import os
import shutil
import socket
import subprocess
import sys
from contextlib import closing

from .progress import SetupError, say
from .stamps import ROOT, VENV

FIRST_TIME_BYTES = 4 * 2**30  # 2.7 GB installed with the tests' tools, and uv's cache beside it
LATER_BYTES = 200 * 2**20


def check(*, host: str, port: int | None) -> None:
    """Raises SetupError on the first thing that is missing."""
    fresh = not (VENV / "bin" / "python").exists()
    _room(FIRST_TIME_BYTES if fresh else LATER_BYTES)
    if not os.access(ROOT, os.W_OK):
        raise SetupError(f"{ROOT} cannot be written", "run as the user who owns this folder")
    if port is not None:
        _free(host, port)
    if fresh and importlib.util.find_spec("ensurepip") is None:
        _install_venv()


def _room(needed: int) -> None:
    free = shutil.disk_usage(ROOT).free
    if free < needed:
        raise SetupError(
            f"{free / 2**30:.1f} GB are free under {ROOT} and {needed / 2**30:.1f} GB are needed",
            "free some space, or clone onto a bigger disk",
        )


def _free(host: str, port: int) -> None:
    if not 1 <= port <= 65535:
        raise SetupError(f"{port} is not a port", "choose 1024 to 65535: make run PORT=8001")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with closing(socket.socket(family, socket.SOCK_STREAM)) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise SetupError(
                f"port {port} on {host} cannot be used: {error.strerror}",
                f"choose another: make run PORT={port + 1 if port < 65535 else 8000}",
            ) from None


def _install_venv() -> None:
    """Debian keeps the venv module in a package of its own."""
    package = f"python{sys.version_info.major}.{sys.version_info.minor}-venv"
    hint = f"apt-get install {package}   (with sudo if you are not root)"
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        raise SetupError("this Python cannot make virtual environments (no ensurepip)", hint)
    say(f"installing {package} …")
    apt_install(package, hint=hint)


def apt_install(package: str, *, hint: str) -> None:
    """Installs one Debian package, as root, without a question."""
    env = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    for command in (
        ["apt-get", "update", "-q"],
        ["apt-get", "install", "-qy", "--no-install-recommends", package],
    ):
        done = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
        if done.returncode:
            last = (done.stderr or done.stdout).strip().splitlines()[-1:]
            raise SetupError(f"`{' '.join(command)}` failed: {' '.join(last)}", hint)
