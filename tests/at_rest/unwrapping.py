"""What was packed, or written as text: the bytes that it was made of."""

from __future__ import annotations

import base64
import binascii
import codecs
import re
import zlib
from collections.abc import Iterator

import numpy as np

_ZIPPED = re.compile(rb"\x1f\x8b\x08|\x78[\x01\x5e\x9c\xda]")
_BASE64 = re.compile(rb"[A-Za-z0-9+/_-]{400,}={0,2}")
_HEX = re.compile(rb"(?:[0-9a-fA-F]{2}){400,}")
_ESCAPED = re.compile(rb"(?:\\x[0-9a-fA-F]{2}|[\x20-\x7e\\]){400,}")
_NUMBERS = re.compile(rb"(?:-?\d+(?:\.\d*)?(?:e[-+]?\d+)?[\s,\[\]()]+){200,}")


def unwrapped(haystack: bytes) -> Iterator[bytes]:
    """What was packed, or written as text: base64, hex, escapes, numbers."""
    for match in _ZIPPED.finditer(haystack):
        unpacked = _unzip(haystack[match.start() : match.start() + (1 << 22)])
        if len(unpacked) > 1024:
            yield unpacked
    for match in _HEX.finditer(haystack):
        yield bytes.fromhex(match[0].decode())
    for match in _BASE64.finditer(haystack):
        yield _from_base64(match[0])
    for match in _ESCAPED.finditer(haystack):
        if b"\\x" in match[0]:
            yield _from_escapes(match[0])
    for match in _NUMBERS.finditer(haystack):
        yield from _from_numbers(match[0])


def _unzip(packed: bytes) -> bytes:
    wanted = 31 if packed[:2] == b"\x1f\x8b" else 15
    try:
        return zlib.decompressobj(wanted).decompress(packed, 1 << 24)
    except zlib.error:
        return b""


def _from_base64(text: bytes) -> bytes:
    plain = text.rstrip(b"=").replace(b"-", b"+").replace(b"_", b"/")
    plain = plain[:-1] if len(plain) % 4 == 1 else plain
    try:
        return base64.b64decode(plain + b"=" * (-len(plain) % 4))
    except binascii.Error:
        return b""


def _from_escapes(text: bytes) -> bytes:
    """What Python's ``repr`` of bytes was made of; an escape that was cut in two ends it."""
    try:
        return bytes(codecs.escape_decode(text.rpartition(b"\\x")[0])[0])  # type: ignore[attr-defined]
    except ValueError:
        return b""


def _from_numbers(text: bytes) -> Iterator[bytes]:
    numbers = np.array([float(n) for n in re.findall(rb"-?\d+(?:\.\d*)?(?:e[-+]?\d+)?", text)])
    numbers = numbers[np.isfinite(numbers)]
    if np.abs(numbers).max(initial=0) <= 1.5:
        yield (np.clip(numbers, -1, 1) * 32767).astype("<i2").tobytes()
    elif numbers.min() >= 0 and numbers.max() <= 255:
        yield numbers.astype(np.uint8).tobytes()
    else:
        yield np.clip(numbers, -32768, 32767).astype("<i2").tobytes()
