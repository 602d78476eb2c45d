"""The front end, built by the Node that a Python wheel carries."""

from __future__ import annotations

import os
from pathlib import Path

from .packages import LOG
from .progress import Steps, clean_environment, run
from .stamps import ROOT, VENV, digest, is_done, mark_done

FRONTEND = ROOT / "frontend"
BUILT = ROOT / "tutor_emotion" / "static" / "tutor_emotion" / "dist"
_MODULES = FRONTEND / "node_modules"
_NOT_SOURCES = {"node_modules", "dist", "coverage"}


def node_environment() -> dict[str, str]:
    """An environment in which ``node`` and ``npm`` are the wheel's."""
    path = os.pathsep.join([str(VENV / "bin"), os.environ.get("PATH", "")])
    return clean_environment(PATH=path, CI="true")


def sources() -> list[Path]:
    found = []
    for folder, folders, files in os.walk(FRONTEND):
        folders[:] = [name for name in folders if name not in _NOT_SOURCES]
        found += [Path(folder) / name for name in files]
    return found


def build(steps: Steps) -> None:
    """``npm ci`` when the lock has changed, ``npm run build`` when a source has."""
    modules_key = digest(FRONTEND / "package.json", FRONTEND / "package-lock.json")
    build_key = digest(sources())
    modules_stamp, build_stamp = _MODULES / ".stamp-modules", _MODULES / ".stamp-build"
    installed = is_done(modules_stamp, modules_key)
    if installed and is_done(build_stamp, build_key) and any(BUILT.glob("*.js")):
        with steps.next("Front end"):
            return
    with steps.next("Front end", expect="the first time takes half a minute"):
        env = node_environment()
        if not installed:
            hint = "is the npm registry reachable (see `npm config list`)? Then run this again"
            npm_ci = ["npm", "ci", "--no-audit", "--no-fund"]
            run(npm_ci, cwd=FRONTEND, log=LOG, env=env, hint=hint)
            mark_done(modules_stamp, modules_key)
        hint = "`make check` says what is wrong in frontend/"
        run(["npm", "run", "build"], cwd=FRONTEND, log=LOG, env=env, hint=hint)
        mark_done(build_stamp, build_key)
