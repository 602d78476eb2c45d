"""The few threads in which faces are cropped and speech is found, shared by all learners.

LiteRT, ONNX Runtime and OpenCV release the GIL, so threads do; each job takes about 2 ms.
"""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache

from tutor_emotion import core_dumps


@lru_cache(maxsize=1)
def media_pool() -> ThreadPoolExecutor:
    """One pool for the process, made when the first learner needs it."""
    core_dumps.forbid()
    threads = min(4, os.cpu_count() or 1)
    return ThreadPoolExecutor(max_workers=threads, thread_name_prefix="tutor-media")
