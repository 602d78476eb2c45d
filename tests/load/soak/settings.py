"""The demonstration's settings for a soak: its processes answer two signals, and nothing else of
them is changed.

SIGUSR2: write down what is held now. SIGRTMIN: collect the garbage first, and count objects by
type. The answer is a file of JSON, ``asked/<pid>.json`` in the site's folder.
"""

from __future__ import annotations

import asyncio
import ctypes
import gc
import json
import os
import signal
import sys
import threading
import time
from collections import Counter
from typing import Any

from tutor_emotion.demo.settings import *  # noqa: F403
from tutor_emotion.demo.settings import VAR_DIR

ASKED = VAR_DIR / "asked"
TYPES_TOLD = 400  # the most frequent ones
MIB = 2**20
_LIBC = ctypes.CDLL(None)


class _Mallinfo2(ctypes.Structure):
    _fields_ = [
        (name, ctypes.c_size_t)
        for name in (
            *("arena", "ordblks", "smblks", "hblks", "hblkhd"),
            *("usmblks", "fsmblks", "uordblks", "fordblks", "keepcost"),
        )
    ]


def _malloc() -> dict[str, float]:
    """MiB that C's allocator has given out, and that it keeps though they are free (glibc)."""
    if not hasattr(_LIBC, "mallinfo2"):
        return {}
    _LIBC.mallinfo2.restype = _Mallinfo2
    info = _LIBC.mallinfo2()
    used, free = info.uordblks + info.hblkhd, info.fordblks
    return {"malloc_used_mib": round(used / MIB, 2), "malloc_free_mib": round(free / MIB, 2)}


def _tasks() -> list[Any]:
    """Tasks of asyncio that are not done, on all loops of the process."""
    known: Any = getattr(asyncio.tasks, "_scheduled_tasks", None) or asyncio.tasks._all_tasks
    for _ in range(100):
        try:
            return [task for task in list(known) if not task.done()]
        except RuntimeError:  # another thread's loop began one meanwhile
            continue
    return []


def _held() -> dict[str, Any]:
    return {
        "at": time.time(),
        "tasks": len(_tasks()),
        "blocks": sys.getallocatedblocks(),
    } | _malloc()


def _answer(held: dict[str, Any]) -> None:
    ASKED.mkdir(parents=True, exist_ok=True)
    draft = ASKED / f"{os.getpid()}.part"
    draft.write_text(json.dumps(held))
    draft.rename(ASKED / f"{os.getpid()}.json")


def _tell(*_: Any) -> None:
    _answer(_held())


def _count(*_: Any) -> None:
    gc.collect()
    kinds = Counter(f"{type(o).__module__}.{type(o).__qualname__}" for o in gc.get_objects())
    told = dict(kinds.most_common(TYPES_TOLD))
    told |= Counter(f"task {task.get_coro().__qualname__}" for task in _tasks())
    told |= Counter(f"thread {thread.name.rpartition('_')[0]}" for thread in threading.enumerate())
    _answer(_held() | {"types": told})


signal.signal(signal.SIGUSR2, _tell)
signal.signal(signal.SIGRTMIN, _count)
