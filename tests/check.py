"""``make check``: everything that can be said of the code without running it, each with its time."""

from __future__ import annotations

import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
BIN = Path(sys.executable).parent
DEMO = ROOT / "tutor_emotion" / "demo"


@dataclass(frozen=True)
class Check:
    name: str
    command: tuple[str, ...]
    cwd: Path = ROOT


def _npm(script: str, *arguments: str) -> Check:
    command = (sys.executable, "-m", "bootstrap.npm", "run", "--silent", script, *arguments)
    return Check(f"front end: {script}", command, DEMO)


def checks() -> list[Check]:
    dockerfiles = [str(path.relative_to(ROOT)) for path in sorted(ROOT.glob("docker/Dockerfile*"))]
    compose = ("docker-compose", "--env-file", "docker/.env.example", "-f", "docker/compose.yaml")
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
        Check("compose file", (*compose, "--profile", "*", "config", "-q")),
    ]


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
