"""No image of a process's memory is left behind."""

from __future__ import annotations

import subprocess
import sys

import pytest

pytest.importorskip("resource")
LIMITS = "import resource; print(resource.getrlimit(resource.RLIMIT_CORE))"


@pytest.mark.parametrize(
    "made",
    [
        "from tutor_emotion.media.pool import media_pool; media_pool()",
        "import django; django.setup(); from tutor_emotion.inference import worker; "
        "from tutor_emotion.inference.runner import ScriptedRunner; "
        "worker.load_runner = lambda s: ScriptedRunner(); worker.current()",
    ],
    ids=["where media is decoded", "the worker"],
)
def test_whoever_holds_media_can_write_no_core_file(made: str) -> None:
    code = f"{made}; {LIMITS}"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split("\n")[-2] == "(0, 0)"
