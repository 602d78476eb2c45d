"""The virtual environment, filled by uv from the pinned requirements."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from .progress import Steps, clean_environment, run
from .stamps import ROOT, VAR, VENV, digest, is_done, mark_done

PYTHON = VENV / "bin" / "python"
LOG = VAR / "log" / "setup.log"
_PIP_OPTION = re.compile(
    r"^(?::env:|\w+)\.(find-links|index-url|extra-index-url|no-index|cert)='(.*)'$"
)
_HINT = "is the package index reachable (see `pip config list`)? Then run the same command again"


def install(steps: Steps, *, dev: bool) -> None:
    """Makes ``.venv`` hold what requirements.txt (`dev`: requirements-dev.txt) pins."""
    requirements = ROOT / ("requirements-dev.txt" if dev else "requirements.txt")
    files = [ROOT / "requirements.txt", ROOT / "constraints.txt", requirements]
    key = digest(sys.version, files)
    stamp = VENV / f".stamp-{requirements.stem}"
    if is_done(stamp, key):
        with steps.next("Python packages"):
            return
    with steps.next("Python packages", expect="the first time takes a minute or two"):
        env = clean_environment(VIRTUAL_ENV=str(VENV))
        if not PYTHON.exists():
            run([sys.executable, "-m", "venv", str(VENV)], cwd=ROOT, log=LOG, env=env, hint=_HINT)
        _install_uv(env)
        options, extra_env = pip_options()
        uv = str(VENV / "bin" / "uv")
        command = [uv, "pip", "install", *options, "-r", str(requirements)]
        run(command, cwd=ROOT, log=LOG, env=env | extra_env, hint=_HINT)
        mark_done(stamp, key)


def _install_uv(env: dict[str, str]) -> None:
    pip = [str(PYTHON), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    run([*pip, "-c", "constraints.txt", "uv"], cwd=ROOT, log=LOG, env=env, hint=_HINT)


def pip_options() -> tuple[list[str], dict[str, str]]:
    """What this machine's pip is configured with, as options and environment for uv.

    uv reads no pip configuration: without this, a CPU build of torch that lies in a folder of
    wheels, or a company's own index, would be passed over.
    """
    listed = subprocess.run(
        [str(PYTHON), "-m", "pip", "config", "list"], capture_output=True, text=True, check=False
    ).stdout
    return read_pip_options(listed)


def read_pip_options(listed: str) -> tuple[list[str], dict[str, str]]:
    """Translates the output of ``pip config list``; what pip takes from its environment wins."""
    found: dict[str, list[str]] = {}
    lines = sorted(listed.splitlines(), key=lambda line: not line.startswith(":env:"))
    for line in lines:
        match = _PIP_OPTION.match(line.strip())
        if match:
            values = match[2].replace("\\n", " ").split()
            found.setdefault(match[1], []).extend(values)
    options: list[str] = []
    for value in dict.fromkeys(found.get("find-links", [])):
        options += ["--find-links", value]
    for value in dict.fromkeys(found.get("extra-index-url", [])):
        options += ["--extra-index-url", value]
    if "index-url" in found:
        options += ["--index-url", found["index-url"][0]]
    if found.get("no-index", ["0"])[0].lower() in {"1", "true", "yes", "on"}:
        options.append("--no-index")
    if "extra-index-url" in found:
        # pip's own rule: the best version of all indexes.
        options += ["--index-strategy", "unsafe-best-match"]
    cert = found.get("cert", [])
    return options, {"SSL_CERT_FILE": cert[0]} if cert and Path(cert[0]).exists() else {}
