"""How often one person, and one address, may come to a door in a minute, over all processes.

Counted in Redis. While that is away nothing is counted and everybody is let in: a lesson is worth
more than a limit. What one socket may say in a second is counted in its process (`live/limits`).
"""

from __future__ import annotations

import logging
import time
from ipaddress import IPv6Address, ip_address
from typing import Any

import redis
from django.utils.crypto import salted_hmac

from tutor_emotion import shared
from tutor_emotion.conf import RATES, RateDoor, get_settings
from tutor_emotion.errors import TooFast
from tutor_emotion.telemetry import metrics

log = logging.getLogger(__name__)
WINDOW_S = 60
SILENCE_S = 60.0  # between two lines of a log that say the same
_told_at_s = -SILENCE_S


def check(door: RateDoor, user_id: Any | None, address: str) -> None:
    """Count one visit by a person (None: nobody knows whom) and by their address (empty: likewise).

    Raises:
        TooFast: ``too_fast``, past the limit of one of them; with the seconds to wait.
    """
    by_user, by_address = get_settings().LIMITS.get(door, RATES[door])
    counted: list[tuple[str, int]] = []
    if user_id is not None:
        counted.append((_name(door, "user", str(user_id)), by_user))
    if address:
        counted.append((_name(door, "address", network(address)), by_address))
    now_s = time.time()
    try:
        counts = shared.count([f"{name}:{int(now_s) // WINDOW_S}" for name, _ in counted], WINDOW_S)
    except redis.RedisError as error:
        _tell(error)
        return
    if any(count > limit for count, (_, limit) in zip(counts, counted, strict=True)):
        metrics.RATE_LIMITED.labels(door=door).inc()
        raise TooFast(WINDOW_S - int(now_s) % WINDOW_S)


def network(address: str) -> str:
    """Whom an address stands for: an IPv6 customer has a whole /64 of them."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return address[:64]
    if not isinstance(parsed, IPv6Address):
        return str(parsed)
    return str(parsed.ipv4_mapped or IPv6Address(int(parsed) >> 64 << 64))


def _name(door: str, kind: str, who: str) -> str:
    """Nobody's address or number stands in a key."""
    return f"rate:{door}:{salted_hmac('tutor_emotion.rates', f'{kind}:{who}').hexdigest()[:24]}"


def _tell(error: redis.RedisError) -> None:
    global _told_at_s
    if time.monotonic() - _told_at_s >= SILENCE_S:
        _told_at_s = time.monotonic()
        log.warning("rates are not counted, everybody is let in: %s", type(error).__name__)
