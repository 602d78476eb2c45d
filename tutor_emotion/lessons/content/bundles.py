"""A folder or a zip ↔ the files of a course by their path, bounded whatever is sent."""

from __future__ import annotations

import io
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterable, Mapping
from itertools import islice
from pathlib import Path, PurePosixPath

from django.utils.translation import gettext as _

from tutor_emotion.errors import BadInput

MAX_ZIP_BYTES = 2_000_000
MAX_FILES = 1_000
MAX_FILE_BYTES = 256 * 1024
MAX_TOTAL_BYTES = 4 * 1024 * 1024
MAX_RATIO = 100
MAX_FOUND = 10 * MAX_FILES
_READ = 64 * 1024
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
# What computers add by themselves; nobody misses it.
_LITTER = ("__MACOSX", ".DS_Store", "Thumbs.db", "desktop.ini")
_BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    OSError,
    OverflowError,
    NotImplementedError,
    RuntimeError,
    ValueError,
    struct.error,
)


def read_path(path: Path) -> dict[str, bytes]:
    """The files of a folder or of a zip file.

    Raises:
        BadInput: ``bad_zip``, ``bad_folder``.
        OSError: it cannot be read at all.
    """
    if path.is_dir():
        return _read_folder(path)
    if path.stat().st_size > MAX_ZIP_BYTES:
        raise _bad(_("The zip is larger than %s MB.") % (MAX_ZIP_BYTES // 1_000_000))
    return read_zip(path.read_bytes())


def _read_folder(folder: Path) -> dict[str, bytes]:
    files: dict[str, bytes] = {}
    total = 0
    for path in sorted(islice(folder.rglob("*"), MAX_FOUND)):
        name = path.relative_to(folder).as_posix()
        if _is_litter(name) or (path.is_dir() and not path.is_symlink()):
            continue
        if path.is_symlink() or not path.is_file():
            raise BadInput("bad_folder", _("%s: not a plain file.") % name)
        total += path.stat().st_size
        if path.stat().st_size > MAX_FILE_BYTES or total > MAX_TOTAL_BYTES:
            raise BadInput("bad_folder", _("%s: too large.") % name)
        if len(files) >= MAX_FILES:
            raise BadInput("bad_folder", _("There are more than %d files.") % MAX_FILES)
        files[name] = path.read_bytes()
    return files


def read_zip(raw: bytes) -> dict[str, bytes]:
    """The files of a zip; nothing of it is ever written to a disk.

    Raises:
        BadInput: ``bad_zip``, naming the entry.
    """
    if len(raw) > MAX_ZIP_BYTES:
        raise _bad(_("The zip is larger than %s MB.") % (MAX_ZIP_BYTES // 1_000_000))
    try:
        archive = zipfile.ZipFile(io.BytesIO(raw))
    except _BROKEN:
        raise _bad(_("This is not a zip, or only a part of one.")) from None
    with archive:
        entries = archive.infolist()
        _refuse_bombs(entries, len(raw))
        files: dict[str, bytes] = {}
        total = 0
        for entry in entries:
            name = _safe_name(entry)
            if entry.is_dir() or _is_litter(name):
                continue
            if name in files:
                raise _bad(_("%s: this name is in the zip twice.") % name)
            files[name] = _read_entry(archive, entry, name)
            total += len(files[name])
            if total > MAX_TOTAL_BYTES:
                raise _bad(_("%s: the zip unpacks to more than 4 MB.") % name)
    return _without_top_folder(files)


def write_zip(files: Mapping[str, bytes], top: str) -> bytes:
    """A zip of the files in one folder ``top``; the same files give the same bytes."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, raw in sorted(files.items()):
            entry = zipfile.ZipInfo(f"{top}/{name}", (1980, 1, 1, 0, 0, 0))
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, raw, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def _refuse_bombs(entries: Iterable[zipfile.ZipInfo], packed: int) -> None:
    """By what the zip says of itself; what lies is caught while reading."""
    entries = list(entries)
    if len(entries) > MAX_FILES:
        raise _bad(_("There are more than %d files.") % MAX_FILES)
    declared = sum(entry.file_size for entry in entries)
    if declared > MAX_TOTAL_BYTES or declared > MAX_RATIO * max(packed, 1024):
        size = {"size": f"{declared:,}"}
        raise _bad(_("The zip says that it unpacks to %(size)s bytes, which is too much.") % size)


def _safe_name(entry: zipfile.ZipInfo) -> str:
    name = entry.orig_filename
    shown = ascii(name[:120])[1:-1]
    path = PurePosixPath(name)
    if "\x00" in name or "\\" in name or ":" in name or path.is_absolute() or ".." in path.parts:
        raise _bad(_("%s: this path leads out of the course.") % shown)
    kind = stat.S_IFMT(entry.external_attr >> 16)
    if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
        raise _bad(_("%s: a link or a device, not a file.") % shown)
    if not name.isascii() and not _is_litter(name):
        raise _bad(_("%s: names have only the letters a to z, digits and -.") % shown)
    return str(path)


def _read_entry(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, name: str) -> bytes:
    if entry.flag_bits & 1:
        raise _bad(_("%s: it is locked with a password.") % name)
    if entry.compress_type not in _METHODS:
        raise _bad(_("%s: packed in a way that is not read here (deflate is).") % name)
    found = bytearray()
    try:
        with archive.open(entry) as stream:
            while block := stream.read(_READ):
                found += block
                if len(found) > MAX_FILE_BYTES:
                    raise _bad(_("%s: larger than 256 KB.") % name)
    except _BROKEN:
        raise _bad(_("%s: it is damaged.") % name) from None
    return bytes(found)


def _without_top_folder(files: dict[str, bytes]) -> dict[str, bytes]:
    tops = {name.split("/", 1)[0] for name in files}
    if len(tops) != 1 or f"{(top := tops.pop())}/course.md" not in files:
        return files
    return {name.removeprefix(f"{top}/"): raw for name, raw in files.items()}


def _is_litter(name: str) -> bool:
    return any(part in _LITTER or part.startswith("._") for part in name.split("/"))


def _bad(message: str) -> BadInput:
    return BadInput("bad_zip", message)
