"""``make check``: all that can be said of the code without running it, each with its time."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
BIN = Path(sys.executable).parent
DEMO = ROOT / "tutor_emotion" / "demo"


@dataclass(frozen=True)
class Check:
    name: str
    command: tuple[str, ...]
    cwd: Path = ROOT
    env: dict[str, str] = field(default_factory=dict)


def _npm(script: str, *arguments: str) -> Check:
    command = (sys.executable, "-m", "bootstrap.npm", "run", "--silent", script, *arguments)
    return Check(f"front end: {script}", command, DEMO)


def checks() -> list[Check]:
    dockerfiles = [f"docker/Dockerfile.{image}" for image in ("web", "worker")]
    compose = (str(docker_compose()), *("--env-file", "docker/.env.example"))
    compose += ("-f", "docker/compose.yaml", "--profile", "*", "config", "-q")
    return [
        Check("lint", ("ruff", "check", ".")),
        Check("format", ("ruff", "format", "--check", ".")),
        Check("types", ("mypy",)),
        Check("import rules", ("lint-imports",)),
        Check("migrations are complete", _manage("makemigrations", "--check", "--dry-run")),
        Check("system checks", _manage("check", "--fail-level", "WARNING")),
        _npm("lint"),
        _npm("types"),
        _npm("protocol", "--", "--check"),
        _npm("test"),
        Check("Dockerfiles", ("hadolint", *dockerfiles)),
        Check("compose file", compose, env=blanks_filled()),
    ]


def docker_compose() -> Path:
    """The program itself: the wheel's command of that name loses its exit code."""
    spec = find_spec("compose")
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).with_name("docker-compose")


def blanks_filled() -> dict[str, str]:
    """A value for each name that docker/.env.example leaves to the operator."""
    lines = (ROOT / "docker" / ".env.example").read_text().splitlines()
    return {
        line[:-1]: "0123456789abcdef" * 4 for line in lines if re.fullmatch(r"[A-Z0-9_]+=", line)
    }


def _manage(*arguments: str) -> tuple[str, ...]:
    return ("python", "manage.py", *arguments)


def run(check: Check) -> bool:
    """Runs one; shows its output only when it found something."""
    started = time.monotonic()
    program = BIN / check.command[0]
    command = [str(program) if program.exists() else check.command[0], *check.command[1:]]
    done = subprocess.run(
        command,
        cwd=check.cwd,
        env=os.environ | {"NO_COLOR": "1"} | check.env,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    verdict = "ok" if done.returncode == 0 else "FAILED"
    sys.stdout.write(f"{check.name:28} {verdict:7} {time.monotonic() - started:5.1f} s\n")
    if done.returncode:
        sys.stdout.write("".join(f"    {line}\n" for line in done.stdout.splitlines()))
    sys.stdout.flush()
    return done.returncode == 0


def main() -> int:
    failed = [check.name for check in checks() if not run(check)]
    sys.stdout.write(f"\n{'not green: ' + ', '.join(failed) if failed else 'all green'}\n")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
