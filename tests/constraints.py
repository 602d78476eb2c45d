"""``make constraints``: pins into constraints.txt what requirements-dev.txt pulls in.

Versions are those that ``.venv`` holds; what somebody installed there besides is left out. The
result must not depend on the machine: torch without the suffix of its build, and none of the CUDA
libraries that only one of its builds pulls in (torch itself names their exact versions).
"""

from __future__ import annotations

import re
import subprocess
import sys
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[1]
CUDA = re.compile(r"^(nvidia-|cuda-|triton$)")
# The set-up installs uv before it can read a requirement.
ROOTS = ("uv",)
HEAD = """\
# Every package that requirements.txt and requirements-dev.txt pull in, at the version that the
# tests were passed with. Made by `make constraints`.
"""


def required(*files: Path) -> list[Requirement]:
    """The requirements of the files, without what they include."""
    lines = [line.split("#")[0].strip() for file in files for line in file.read_text().splitlines()]
    return [Requirement(line) for line in lines if line and not line.startswith("-")]


def closure(requirements: list[Requirement]) -> dict[str, str]:
    """Name and version of all that the requirements need, of what is installed here."""
    found: dict[str, str] = {}
    seen: set[tuple[str, str]] = set()
    todo = [(wanted, extra) for wanted in requirements for extra in ("", *wanted.extras)]
    while todo:
        wanted, extra = todo.pop()
        name = canonicalize_name(wanted.name)
        if (name, extra) in seen or CUDA.match(name):
            continue
        seen.add((name, extra))
        try:
            package = distribution(wanted.name)
        except PackageNotFoundError:
            continue  # the marker of another system
        found[name] = package.version.split("+")[0]
        for text in package.requires or []:
            needed = Requirement(text)
            if needed.marker is None or needed.marker.evaluate({"extra": extra}):
                todo += [(needed, inner) for inner in ("", *needed.extras)]
    return found


def constraints() -> str:
    """The text of constraints.txt."""
    files = (ROOT / "requirements.txt", ROOT / "requirements-dev.txt")
    pins = closure([*required(*files), *map(Requirement, ROOTS)])
    return HEAD + "".join(f"{name}=={version}\n" for name, version in sorted(pins.items()))


def main() -> None:
    (ROOT / "constraints.txt").write_text(constraints())
    uv = Path(sys.executable).with_name("uv")
    subprocess.run([str(uv), "pip", "check", "--python", sys.executable], check=True)


if __name__ == "__main__":
    main()
