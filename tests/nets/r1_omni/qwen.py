"""Qwen's real byte pairs, from the one wheel that carries them (dashscope, Apache-2.0)."""

from __future__ import annotations

import base64
import json
from itertools import pairwise
from pathlib import Path

from transformers.convert_slow_tokenizer import bytes_to_unicode

from tutor_emotion.nets.fetch import fetch
from tutor_emotion.nets.weights import ModelFile, PackageSource

RANKS = ModelFile(
    name="Byte pairs of Qwen",
    file="qwen.tiktoken",
    sha256="b2b1b8dfb5cc5f024bafc373121c6aba3f66f9a5a0269e243470a1de16a33186",
    size_bytes=2_561_218,
    licence="Apache-2.0",
    author="Alibaba Cloud",
    trained_on="-",
    cards=(),
    sources=(PackageSource("dashscope==2.0.2", "dashscope/resources/qwen.tiktoken"),),
)


def write_vocabulary(folder: Path, cache: Path) -> Path:
    """``vocab.json`` and ``merges.txt`` as Qwen2.5 is published with, made of the ranks."""
    (path,) = fetch(cache, entries=[RANKS])
    lines = (line.split() for line in path.read_text().splitlines())
    ranks = {base64.b64decode(token): int(rank) for token, rank in lines}
    letters = bytes_to_unicode()

    def spelled(token: bytes) -> str:
        return "".join(letters[byte] for byte in token)

    merges = [" ".join(map(spelled, _halves(token, ranks))) for token in ranks if len(token) > 1]
    folder.mkdir(parents=True, exist_ok=True)
    vocabulary = {spelled(token): rank for token, rank in ranks.items()}
    (folder / "vocab.json").write_text(json.dumps(vocabulary))
    (folder / "merges.txt").write_text("\n".join(["#version: 0.2", *merges]))
    return folder


def _halves(token: bytes, ranks: dict[bytes, int]) -> list[bytes]:
    """The last merge that makes a token: merge its bytes by rank until two are left."""
    parts = [bytes([byte]) for byte in token]
    while len(parts) > 2:
        pairs = (first + second for first, second in pairwise(parts))
        at = min((ranks.get(pair, len(ranks)), n) for n, pair in enumerate(pairs))[1]
        parts[at : at + 2] = [parts[at] + parts[at + 1]]
    return parts
