"""Where a command puts its figures: asked for before the work, not after it."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryFile

from tutor_emotion.errors import Unavailable


def prepare(folder: Path) -> None:
    """Make the folder, and see that figures can be drawn.

    Raises:
        Unavailable: ``library_missing``, ``not_writable``.
    """
    try:
        import matplotlib  # noqa: F401
    except ImportError:
        raise Unavailable(
            "library_missing",
            "The figures are drawn with matplotlib, which is not installed.",
            hint="Install tutor-emotion[training].",
            retry=False,
        ) from None
    try:
        folder.mkdir(parents=True, exist_ok=True)
        TemporaryFile(dir=folder).close()
    except OSError as error:
        raise not_writable(error) from None


def not_writable(error: OSError) -> Unavailable:
    return Unavailable("not_writable", f"The folder cannot be written: {error}", retry=False)
