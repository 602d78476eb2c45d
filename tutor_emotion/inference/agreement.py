"""How often two Runners say the same of the same live Windows: counts, and nothing else.

A Window leaves one count behind: which label each Runner found likeliest, by modality. No media, no
time, no learner, no session; added up over all learners in one hash in Valkey.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias, cast

import redis

from tutor_emotion import redis_url
from tutor_emotion.core.types import Reading
from tutor_emotion.errors import Unavailable
from tutor_emotion.inference.queue import client_options

PREFIX = "te:agreement:"
KEPT_S = 30 * 24 * 3600
NOTHING = "-"  # this Runner could not read what the other did
SKIPPED = "skipped"
_FAMILIES = {"face": "expression_", "voice": "voice_"}
# "face emotion", what the live Runner found, what the shadow found
Cell: TypeAlias = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Agreement:
    """Of one modality and kind of label: ``both`` Windows were read by both, ``share`` of them
    alike; ``kappa`` is Cohen's, None where chance alone would always agree. ``only_live``,
    ``only_shadow``: read by one. ``counts``: by the live label, then by the shadow's.
    """

    of: str
    both: int
    share: float | None
    kappa: float | None
    only_live: int
    only_shadow: int
    counts: Mapping[str, Mapping[str, int]]


@dataclass(frozen=True, slots=True)
class Compared:
    """Two Runners by version. ``skipped``: live Windows that came while the shadow was at work."""

    live: str
    shadow: str
    skipped: int
    agreements: tuple[Agreement, ...]


def cells(live: Sequence[Reading], shadow: Sequence[Reading]) -> Counter[Cell]:
    """What one Window adds. Two that have no kind of label in common add nothing."""
    ours, theirs = _said(live), _said(shadow)
    kinds = {of.split()[1] for of in ours} & {of.split()[1] for of in theirs}
    found: Counter[Cell] = Counter()
    for of in ours.keys() | theirs.keys():
        if (ours and theirs and of.split()[1] in kinds) or not (ours and theirs):
            found[of, ours.get(of, NOTHING), theirs.get(of, NOTHING)] += 1
    return found


def _said(readings: Sequence[Reading]) -> dict[str, str]:
    """The likeliest label by modality and kind; of several utterances the last."""
    found = {}
    for reading in readings:
        if reading.probabilities:
            found[f"{reading.modality} state"] = _likeliest(reading.probabilities)
            continue
        prefix = _FAMILIES.get(reading.modality, "\0")
        named = {k.removeprefix(prefix): v for k, v in reading.measures.items() if prefix in k}
        if named:
            found[f"{reading.modality} emotion"] = _likeliest(named)
    return found


def _likeliest(p: Mapping[str, float]) -> str:
    return max(p, key=lambda name: p[name])


def agreement(of: str, counts: Mapping[tuple[str, str], int]) -> Agreement:
    """Share and Cohen's kappa of a table (live label, shadow label) → Windows."""
    both = {pair: n for pair, n in counts.items() if NOTHING not in pair}
    total = sum(both.values())
    table: dict[str, dict[str, int]] = {}
    for (ours, theirs), n in sorted(both.items()):
        table.setdefault(ours, {})[theirs] = n
    share = kappa = None
    if total:
        share = sum(n for (a, b), n in both.items() if a == b) / total
        rows, columns = Counter[str](), Counter[str]()
        for (a, b), n in both.items():
            rows[a] += n
            columns[b] += n
        chance = sum(rows[label] * columns[label] for label in rows) / total**2
        kappa = (share - chance) / (1 - chance) if chance < 1 else None
    alone = [sum(n for pair, n in counts.items() if pair[i] == NOTHING) for i in (1, 0)]
    return Agreement(of, total, share, kappa, alone[0], alone[1], table)


class Agreements:
    """The counts in Valkey. They are kept for a month after the last."""

    def __init__(self, url: str) -> None:
        self._redis = redis_url.connect(url, **client_options())

    def add(self, live: str, shadow: str, found: Mapping[Cell, int], skipped: int = 0) -> None:
        """Raises ``redis.RedisError``; what is lost is lost."""
        key = f"{PREFIX}{live}|{shadow}"
        pipe = self._redis.pipeline(transaction=False)
        for cell, n in found.items():
            pipe.hincrby(key, "|".join(cell), n)
        if skipped:
            pipe.hincrby(key, SKIPPED, skipped)
        pipe.expire(key, KEPT_S)
        pipe.execute()

    def read(self) -> list[Compared]:
        """Raises ``Unavailable`` ``queue_unavailable``."""
        try:
            keys = sorted(cast(list[bytes], list(self._redis.scan_iter(f"{PREFIX}*"))))
            return [_compared(key.decode(), cast(Any, self._redis.hgetall(key))) for key in keys]
        except redis.RedisError:
            raise Unavailable("queue_unavailable", "The inference queue is away.") from None

    def forget(self) -> int:
        """Begin anew; how many pairs of Runners were forgotten. Raises as ``read``."""
        try:
            keys = list(self._redis.scan_iter(f"{PREFIX}*"))
            return self._redis.delete(*keys) if keys else 0
        except redis.RedisError:
            raise Unavailable("queue_unavailable", "The inference queue is away.") from None


def _compared(key: str, row: Mapping[bytes, bytes]) -> Compared:
    live, _, shadow = key.removeprefix(PREFIX).partition("|")
    tables: dict[str, Counter[tuple[str, str]]] = {}
    skipped = 0
    for name, n in row.items():
        of, *pair = name.decode().split("|")
        if of == SKIPPED:
            skipped = int(n)
        else:
            tables.setdefault(of, Counter())[pair[0], pair[1]] += int(n)
    found = tuple(agreement(of, counts) for of, counts in sorted(tables.items()))
    return Compared(live, shadow, skipped, found)
