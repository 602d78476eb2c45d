"""What a check says, and how all of them are asked: at once, and none for longer than its limit."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Literal, TypeAlias

import redis
from django.db import DatabaseError, connections

from tutor_emotion import faults
from tutor_emotion.errors import TutorEmotionError

log = logging.getLogger(__name__)
State: TypeAlias = Literal["ok", "warn", "fail"]
LIMIT_S = 8.0


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """``said``: what was found; ``hint``: what to do where it is not ok. Neither has a secret."""

    state: State
    said: str
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Check:
    """``look`` may raise or hang."""

    name: str
    look: Callable[[], Diagnosis]
    limit_s: float = LIMIT_S


def ok(said: str) -> Diagnosis:
    return Diagnosis("ok", said)


def warn(said: str, hint: str) -> Diagnosis:
    return Diagnosis("warn", said, hint)


def fail(said: str, hint: str) -> Diagnosis:
    return Diagnosis("fail", said, hint)


def worst(found: Sequence[Diagnosis], good: str) -> Diagnosis:
    """Several findings of one check as one: the worst state, and what each has to say."""
    bad = [one for one in found if one.state != "ok"]
    if not bad:
        return ok(good)
    state: State = "fail" if any(one.state == "fail" for one in bad) else "warn"
    hints = dict.fromkeys(one.hint for one in bad)
    return Diagnosis(state, " ".join(one.said for one in bad), " ".join(hints))


def examine(checks: Sequence[Check]) -> list[tuple[Check, Diagnosis]]:
    """Ask all of them, each in a thread of its own: one that hangs is left behind and told of."""
    begun_s = time.monotonic()
    asked = [(check, _begin(check)) for check in checks]
    return [(check, _result(check, future, begun_s)) for check, future in asked]


def _begin(check: Check) -> Future[Diagnosis]:
    future: Future[Diagnosis] = Future()

    def look() -> None:
        try:
            future.set_result(check.look())
        except Exception as error:  # noqa: BLE001 told where it is waited for
            future.set_exception(error)
        finally:
            connections.close_all()  # this thread's own

    # No pool: its threads would be waited for when the process ends.
    threading.Thread(target=look, name=f"doctor-{check.name}", daemon=True).start()
    return future


def _result(check: Check, future: Future[Diagnosis], begun_s: float) -> Diagnosis:
    try:
        return future.result(max(0.0, begun_s + check.limit_s - time.monotonic()))
    except TimeoutError:
        said = f"It did not answer within {check.limit_s:g} s."
        return fail(
            said, "Something holds it up: a firewall that drops silently, or a full server."
        )
    except TutorEmotionError as error:
        return fail(error.message, error.hint or "Look at the checks of the servers.")
    except (redis.RedisError, DatabaseError, OSError) as error:
        said = f"What it asks does not answer ({type(error).__name__})."
        return fail(said, "Look at the checks of the servers.")
    except Exception as error:  # noqa: BLE001 a check's edge: the others are still worth reading
        number = faults.note(log, "a check of the doctor", error)
        said = f"It broke with {type(error).__name__}; the log has it as {number}."
        return fail(said, "Report it: a check must not break, whatever it meets.")
