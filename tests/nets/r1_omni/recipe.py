"""Weights, pictures and sound by a rule, so that two programs have the same ones without a file.

The rule, in words; whole numbers all the way, so that every machine comes to the same:

Bits. The first eight bytes of the SHA-256 of a name in UTF-8, read as a little-endian number, seed
NumPy's PCG64 (through its SeedSequence). Its raw 64-bit words, written little-endian one after
another, are cut into unsigned 16-bit numbers u, or into bytes.

A tensor of a checkpoint. The name is the published key. r = (u − 32767.5) / 32768 in single
precision, in row-major order. A vector whose name ends in ``.weight`` (the norms) is 1 + r / 10;
any other vector (the biases) is r / 20; all else is r · √(3 · first dimension / count of numbers),
so that a layer keeps the spread of what it is given.

A picture, 96 high and 128 wide. Name ``picture N``: 12 × 16 × 3 bytes, each enlarged to 8 × 8
pixels; to which is added, from ``grain N``, a byte for each pixel and colour modulo 33, less 16;
clipped to 0..255.

A sound of n samples, int16. The saw (440 · k · 65536 // 16000) mod 65536 − 32768 at sample k,
times (k mod 4000) + 1, floor-divided by 16000; to which is added, from ``hiss``, the k-th u less
32768, floor-divided by 64.
"""

from __future__ import annotations

from hashlib import sha256
from math import prod

import numpy as np
from numpy.typing import NDArray


def bits(name: str, count: int) -> NDArray[np.uint16]:
    """``count`` numbers from 0 to 65535, by a name."""
    seed = int.from_bytes(sha256(name.encode()).digest()[:8], "little")
    words = np.random.PCG64(seed).random_raw(-(-count // 4))
    return words.astype("<u8", copy=False).view("<u2")[:count]


def weight(key: str, shape: tuple[int, ...]) -> NDArray[np.float32]:
    """A tensor of a checkpoint, by its published key."""
    count = prod(shape)
    values = bits(key, count).astype(np.float32)
    values -= np.float32(32767.5)
    values /= np.float32(32768)
    if len(shape) > 1:
        values *= np.float32((3 * shape[0] / count) ** 0.5)
    elif key.endswith(".weight"):
        values = np.float32(1) + values / np.float32(10)
    else:
        values /= np.float32(20)
    return values.reshape(shape)


def picture(number: int) -> NDArray[np.uint8]:
    """(96, 128, 3): coarse blocks with hard edges, and grain."""
    blocks = _bytes(f"picture {number}", 12 * 16 * 3).reshape(12, 16, 3)
    large = blocks.repeat(8, axis=0).repeat(8, axis=1).astype(np.int16)
    grain = _bytes(f"grain {number}", large.size).reshape(large.shape).astype(np.int16)
    return (large + grain % 33 - 16).clip(0, 255).astype(np.uint8)


def sound(samples: int) -> NDArray[np.int16]:
    """A saw that swells four times a second, and hiss; 16 kHz."""
    at = np.arange(samples, dtype=np.int64)
    saw = (440 * at * 65536 // 16000) % 65536 - 32768
    hiss = bits("hiss", samples).astype(np.int64) - 32768
    return (saw * (at % 4000 + 1) // 16000 + hiss // 64).astype(np.int16)


def _bytes(name: str, count: int) -> NDArray[np.uint8]:
    return bits(name, -(-count // 2)).astype("<u2", copy=False).view(np.uint8)[:count]
