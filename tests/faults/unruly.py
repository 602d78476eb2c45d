"""The demonstration's worker with a Runner that misbehaves when a file of the site says so.

``celery -A tests.faults.unruly worker``: in the folder ``TUTOR_EMOTION_VAR`` the file ``HANG`` lets
the next batch never return; ``OOM`` holds how many Windows fit, and more raise torch's own error.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Sequence
from pathlib import Path

import django
import torch

from tests.faults.unruly_files import HANG, OOM
from tutor_emotion.demo.celery import app as app

django.setup(set_prefix=False)

# After the line above, which makes Django ready for what these import.
from tutor_emotion.conf import Settings  # noqa: E402
from tutor_emotion.core.types import Reading, Window  # noqa: E402
from tutor_emotion.inference import worker  # noqa: E402
from tutor_emotion.inference.loading import SCRIPTED_FACE, SCRIPTED_VOICE  # noqa: E402
from tutor_emotion.inference.runner import ScriptedRunner  # noqa: E402

VAR = Path(os.environ["TUTOR_EMOTION_VAR"])


class UnrulyRunner(ScriptedRunner):
    """Reads like the scripted one."""

    version = "unruly/1"

    def run(self, windows: Sequence[Window]) -> list[list[Reading]]:
        if (VAR / HANG).exists():
            threading.Event().wait()
        fits = _number(VAR / OOM)
        if fits is not None and len(windows) > fits:
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 512.00 MiB.")
        return super().run(windows)


def _number(path: Path) -> int | None:
    try:
        return int(path.read_text())
    except OSError:
        return None


def _load(_: Settings) -> UnrulyRunner:
    return UnrulyRunner(SCRIPTED_FACE, SCRIPTED_VOICE)


worker.load_runner = _load  # type: ignore[assignment]
