"""What finds faces and speech keeps no files of its own and tells nobody of its use."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tutor_emotion.conf import get_settings

LOAD = """
import sys; from pathlib import Path
from tutor_emotion.media.cropping import shared_cropper
from tutor_emotion.media.speech import load_vad
load_vad(Path(sys.argv[1])); shared_cropper(Path(sys.argv[1]), 192)
"""


def test_loading_the_nets_writes_nothing_to_home_or_temporary_folder(tmp_path: Path) -> None:
    """ONNX Runtime 1.32 would: a device id and a queue of events for its makers."""
    home, temporary = tmp_path / "home", tmp_path / "tmp"
    home.mkdir()
    temporary.mkdir()
    subprocess.run(
        [sys.executable, "-c", LOAD, str(get_settings().WEIGHTS_DIR.absolute())],
        env={**without_choice(), "HOME": str(home), "TMPDIR": str(temporary)},
        check=True,
    )
    assert set(tmp_path.rglob("*")) == {home, temporary}


def without_choice() -> dict[str, str]:
    chosen = ("ORT_DISABLE_TELEMETRY", "XDG_CACHE_HOME")
    return {name: value for name, value in os.environ.items() if name not in chosen}
