"""The demonstration's master key: made once, beside its database; a deployment brings its own."""

from __future__ import annotations

import os
from pathlib import Path

from tutor_emotion.demo.secrets_of import secret
from tutor_emotion.sealing import as_text, new_key


def master_keys(path: Path) -> list[str]:
    """Keys of ``TUTOR_EMOTION_MASTER_KEYS`` (by commas), or the file's, or a new file's."""
    given = secret("TUTOR_EMOTION_MASTER_KEYS").replace("\n", ",")
    if given:
        return [key.strip() for key in given.split(",") if key.strip()]
    if not path.exists():
        _write(path, as_text(new_key()))
    return path.read_text(encoding="ascii").split()


def _write(path: Path, key: str) -> None:
    """Whole or not at all, and never over another process's key."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    draft.touch(mode=0o600)
    draft.write_text(key + "\n", encoding="ascii")
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
