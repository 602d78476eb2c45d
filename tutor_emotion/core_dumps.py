"""A process that holds faces and voices leaves no image of its memory behind when it crashes."""

from __future__ import annotations

import contextlib


def forbid() -> None:
    """No core dump of this process, nor of what it starts, is written to a file.

    A system that pipes dumps to a program (``kernel.core_pattern`` with a ``|``) does not ask:
    docs/operations.md says what its operator does.
    """
    try:
        import resource
    except ImportError:  # Windows, which has no core files
        return
    # Never up again: the hard limit goes too.
    with contextlib.suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
