"""What is kept of a learner is sealed with a key of their own: without it, nobody can read it.

AES-256-GCM of ``cryptography``; a token is one byte of version, twelve of nonce, the ciphertext
and its tag. A learner's key is itself sealed with a master key, of which a deployment may have
several while it changes from one to the next (``TUTOR_EMOTION["MASTER_KEYS"]``).
"""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from tutor_emotion.errors import BadInput, Unavailable

KEY_BYTES = 32
_VERSION, _NONCE_BYTES = b"\x01", 12
_PAD_BYTES = 64  # so that the length of a token does not tell one word from another
_HINT = "Make one with `openssl rand -hex 32`; see docs/operations.md."


@dataclass(frozen=True, slots=True)
class Box:
    """One key, and what it opens. ``where`` binds a token to its place: moved, it does not open."""

    key: bytes = field(repr=False)

    def seal(self, value: Any, where: str) -> bytes:
        """A JSON value as a token."""
        text = json.dumps(value, separators=(",", ":")).encode()
        return self.seal_bytes(text + b" " * (-len(text) % _PAD_BYTES), where)

    def open(self, token: bytes | memoryview, where: str) -> Any:
        """The value of a token.

        Raises:
            Unavailable: ``not_opened``: another key, another place, or bytes that were changed.
        """
        return json.loads(self.open_bytes(token, where))

    def seal_bytes(self, value: bytes, where: str) -> bytes:
        nonce = os.urandom(_NONCE_BYTES)
        return _VERSION + nonce + AESGCM(self.key).encrypt(nonce, value, where.encode())

    def open_bytes(self, token: bytes | memoryview, where: str) -> bytes:
        token = bytes(token)
        nonce, sealed = token[1 : 1 + _NONCE_BYTES], token[1 + _NONCE_BYTES :]
        if token[:1] != _VERSION:
            sealed = b""  # which nothing opens
        try:
            return AESGCM(self.key).decrypt(nonce, sealed, where.encode())
        except (InvalidTag, ValueError):
            raise Unavailable(
                "not_opened",
                "Something that was kept cannot be read.",
                hint="Its key is gone, or it was changed outside this program.",
            ) from None


def new_key() -> bytes:
    return os.urandom(KEY_BYTES)


def master_boxes(keys: Sequence[str]) -> tuple[Box, ...]:
    """The master keys, the one to seal with first.

    Raises:
        BadInput: ``no_master_key``, ``bad_master_key``.
    """
    if not keys:
        raise BadInput(
            "no_master_key",
            "There is no master key, so nothing of a learner can be kept.",
            hint=_HINT,
        )
    return tuple(Box(_decoded(key)) for key in keys)


def as_text(key: bytes) -> str:
    """A master key as the settings have it."""
    return key.hex()


def _decoded(key: str) -> bytes:
    try:
        raw = bytes.fromhex(key)
    except ValueError:
        raw = b""
    if len(raw) != KEY_BYTES:
        raise BadInput("bad_master_key", "A master key is not 64 hexadecimal digits.", hint=_HINT)
    return raw
