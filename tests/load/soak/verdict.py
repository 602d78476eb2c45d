"""Whether a soak found a leak: slopes while learners come and go, counts when nobody is there."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from typing import Any

from tests.load.soak.sampling import ROLES, Held, Sample

SLOPE_LIMIT_MIB = 1e6 / 2**20  # in ten minutes
# USS is told, and not judged: a library that another program begins to use is nobody's own any
# more, and is our own again when that ends; it moved by 60 MiB at once where trials ran beside.
JUDGED = ("rss_mib",)
LEAST_SLOPE_MINUTES = 20.0  # over a shorter time the noise is more than the limit
COUNTED = ("threads", "files", "children", "tasks", "lasting")
# Python's pools start a thread only when all others are busy, which may first happen late; each
# has its own connection to SQLite, of three files. A leak with each visit is far more.
ROOM = {"threads": 4, "files": 12}
# Where those that began are a pool's (of 16, and of six on two cores), they are its and no leak.
POOLS = ("thread http", "thread uvloop")
# A peer that stayed after each visit would be ten times that; so much is caches that still fill.
HELD_LIMITS = {"malloc_used_mib": 6.0, "blocks": 40_000}
GREW_TOLD = 12
MOST_POINTS = 400  # of a slope: all pairs of a day's samples would take minutes


def slope(points: Sequence[tuple[float, float]]) -> float | None:
    """Rise in ten minutes of ``(minute, value)``: the median of the slopes of all pairs (Theil and
    Sen), which a peak does not move. None of fewer than ten points."""
    if len(points) < 10:
        return None
    points = points[:: 1 + len(points) // MOST_POINTS]
    rises = [
        (later - before) / (end - start)
        for place, (start, before) in enumerate(points)
        for end, later in points[place + 1 :]
        if end > start
    ]
    return 10 * statistics.median(rises)


def slopes(samples: Sequence[Sample]) -> dict[str, dict[str, float | None]]:
    """MiB in ten minutes of each process, while learners came and went after the warm-up."""
    run = [sample for sample in samples if sample.phase == "run"]
    return {
        role: {
            measure: _rounded(slope([(s.minute, getattr(s.processes[role], measure)) for s in run]))
            for measure in ("rss_mib", "uss_mib")
        }
        for role in ROLES
    }


def at_rest(before: Sample, after: Sample) -> dict[str, dict[str, Any]]:
    """``[before, after]`` of each count and of memory, when nobody is there."""
    pairs: dict[str, dict[str, Any]] = {
        role: {
            name: [getattr(before.processes[role], name), getattr(after.processes[role], name)]
            for name in Held.__slots__
        }
        for role in ROLES
    }
    valkey: dict[str, Any] = {
        "lasting": [len(before.lasting), len(after.lasting)],
        "keys": [before.keys, after.keys],
        "mib": [before.valkey_mib, after.valkey_mib],
    }
    return pairs | {"valkey": valkey}


def grew(before: Mapping[str, int], after: Mapping[str, int]) -> dict[str, list[int]]:
    """Types of which there are more objects than before, those first that grew most; and all tasks
    and threads, by what they do."""
    more = {k: [before.get(k, 0), n] for k, n in after.items() if n > before.get(k, 0)}
    ordered = sorted(more, key=lambda kind: more[kind][0] - more[kind][1])
    named = [kind for kind in ordered if kind.startswith(("task ", "thread "))]
    return {kind: more[kind] for kind in dict.fromkeys((*ordered[:GREW_TOLD], *named))}


def faults(slope_of: Mapping[str, Mapping[str, float | None]]) -> list[str]:
    """What rises while learners come and go; a slope that is None was not judged."""
    return [
        f"{role}: {measure} rises by {rise:.2f} in ten minutes"
        for role, of_role in slope_of.items()
        for measure, rise in of_role.items()
        if measure in JUDGED and rise is not None and rise >= SLOPE_LIMIT_MIB
    ]


def left(
    rest: Mapping[str, Mapping[str, Any]],
    grown: Mapping[str, Mapping[str, Sequence[int]]] | None = None,
) -> list[str]:
    """What is there when nobody is, and was not before. ``grown``: of each process, by ``grew``."""
    found = []
    for role, counts in rest.items():
        of_role = (grown or {}).get(role, {})
        began = sum(of_role[pool][1] - of_role[pool][0] for pool in POOLS if pool in of_role)
        room = {"threads": max(ROOM["threads"], began), "files": max(ROOM["files"], 3 * began)}
        for name in (name for name in counts if name in COUNTED):
            before, after = counts[name]
            if before is None or after is None:
                found.append(f"{role}: {name} is not known")
            elif after > before + room.get(name, 0):
                found.append(f"{role}: {name} from {before} to {after} when nobody is there")
    return found


def heavier(rest: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """What is held when nobody is there, over a time too short for a slope: as the allocators count
    it, which is exact, and not as the system does."""
    return [
        f"{role}: {name} from {before} to {after} when nobody is there"
        for role in ROLES
        for name, most in HELD_LIMITS.items()
        for before, after in [rest[role][name]]
        if before is not None and after is not None and after - before >= most
    ]


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 3)
