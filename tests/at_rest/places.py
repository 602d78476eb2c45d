"""Where media could come to rest: each place, by its name, as bytes to be searched.

Folders are watched by inotify, so that a file that lived for a moment is named too; the files that
processes hold are read while they run, those without a name above all; Valkey is asked for every
key, and told to repeat every command.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import struct
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import redis

_CREATE, _MOVED_TO, _ISDIR = 0x100, 0x80, 0x40000000
_HEAD = struct.Struct("iIII")
MEDIA_KEYS = ("te:window:", "te:speech:")
DEVICES = ("/dev/", "/proc/", "/sys/")


class Beside:
    """Does something again and again on a thread of its own, until ``with`` ends."""

    def __init__(self, look: Callable[[], None], every_s: float) -> None:
        self._look, self._every_s = look, every_s
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._ended.wait(self._every_s):
            self._look()


# --- folders --------------------------------------------------------------------------------------


class Created:
    """The names of all files that are made in some folders and below, however short they live."""

    def __init__(self, *folders: Path) -> None:
        self._libc = ctypes.CDLL(None, use_errno=True)
        self._inotify = self._libc.inotify_init1(os.O_NONBLOCK)
        assert self._inotify >= 0, "inotify is not there"
        self._watched: dict[int, Path] = {}
        self.names: set[Path] = set()
        for folder in folders:
            self.watch(folder)

    def watch(self, folder: Path) -> None:
        number = self._libc.inotify_add_watch(
            self._inotify, os.fsencode(folder), _CREATE | _MOVED_TO
        )
        self._watched[number] = folder
        for inner in folder.iterdir():
            if inner.is_dir() and not inner.is_symlink():
                self.watch(inner)

    def look(self) -> None:
        with contextlib.suppress(BlockingIOError):
            while events := os.read(self._inotify, 1 << 16):
                self._take(events)

    def _take(self, events: bytes) -> None:
        at = 0
        while at < len(events):
            number, mask, _, length = _HEAD.unpack_from(events, at)
            name = events[at + _HEAD.size :][:length].rstrip(b"\0").decode()
            at += _HEAD.size + length
            path = self._watched[number] / name
            if mask & _ISDIR:
                with contextlib.suppress(OSError):
                    self.watch(path)
            else:
                self.names.add(path)


def files_below(*folders: Path) -> Iterator[tuple[str, bytes]]:
    for folder in folders:
        for path in sorted(folder.rglob("*")):
            if path.is_file() and not path.is_symlink():
                with contextlib.suppress(OSError):
                    yield str(path), path.read_bytes()


# --- processes ------------------------------------------------------------------------------------


class Held:
    """Files that processes hold: names of those with one, contents of those without."""

    def __init__(self, pids: Callable[[], list[int]]) -> None:
        self._pids = pids
        self.names: set[str] = set()
        self.nameless: dict[str, bytes] = {}

    def look(self) -> None:
        for pid in self._pids():
            with contextlib.suppress(OSError):
                for link in Path(f"/proc/{pid}/fd").iterdir():
                    self._see(pid, link)
            with contextlib.suppress(OSError):
                for line in Path(f"/proc/{pid}/maps").read_text().splitlines():
                    if "rw-s" in line and "/" in line:  # memory that is shared by way of a file
                        self.names.add(line[line.index("/") :])

    def _see(self, pid: int, link: Path) -> None:
        with contextlib.suppress(OSError):
            name = str(link.readlink())
            if not name.startswith("/") or (name.startswith(DEVICES) and "/shm" not in name):
                return
            if name.endswith("(deleted)"):
                # By its own path: reading does not move the position of whoever writes.
                self.nameless[f"{pid}:{name}"] = link.read_bytes()
            elif _flags(pid, link.name) & (os.O_WRONLY | os.O_RDWR):
                self.names.add(name)


def _flags(pid: int, number: str) -> int:
    text = Path(f"/proc/{pid}/fdinfo/{number}").read_text()
    return int(text.partition("flags:")[2].split()[0], 8)


# --- Valkey ---------------------------------------------------------------------------------------


def keys_of(client: redis.Redis) -> dict[str, bytes]:
    """Every key with all that is in it, as bytes."""
    found: dict[str, bytes] = {}
    for key in client.scan_iter(count=1000):
        name = key.decode(errors="replace")
        read: Mapping[bytes, Callable[[], Any]] = {
            b"string": lambda k=key: [client.get(k)],
            b"list": lambda k=key: client.lrange(k, 0, -1),
            b"set": lambda k=key: client.smembers(k),
            b"zset": lambda k=key: [m for m, _ in client.zrange(k, 0, -1, withscores=True)],
            b"hash": lambda k=key: [x for pair in client.hgetall(k).items() for x in pair],
        }
        kind = client.type(key)
        if kind in read:
            found[name] = b"\n".join(part for part in read[kind]() if part)
    return found


class Commands:
    """Everything that is said to a Valkey server: what goes to the slots, and all the rest."""

    def __init__(self, url: str) -> None:
        self._client = redis.Redis.from_url(url)
        self.to_slots: list[bytes] = []
        self.rest: list[bytes] = []
        self._ended = False
        self._thread = threading.Thread(target=self._listen, daemon=True)

    def __enter__(self) -> Commands:
        self._connection = self._client.connection_pool.get_connection()
        self._connection.send_command("MONITOR")
        self._connection.read_response()
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended = True
        self._thread.join(5.0)
        self._connection.disconnect()

    def _listen(self) -> None:
        """Kept as it is printed, with its escapes: the search reads those."""
        while not self._ended:
            try:
                if not self._connection.can_read(timeout=0.2):
                    continue
                line = self._connection.read_response(disable_decoding=True)
            except (redis.RedisError, OSError):
                return
            slots = any(key.encode() in line[:300] for key in MEDIA_KEYS)
            (self.to_slots if slots else self.rest).append(line)


def wait_until(true: Callable[[], bool], seconds: float, what: str) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, f"{what}: not within {seconds:g} s"
        time.sleep(0.05)
