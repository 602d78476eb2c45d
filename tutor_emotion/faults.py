"""An unexpected exception, as a log may keep it: a number, its types and lines, never its words.

What an exception says may be what a learner wrote (a database quotes the row, a parser its input),
so neither messages nor locals are written; the number is shown to whoever met the fault.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import PurePath
from types import TracebackType
from typing import Any

from tutor_emotion.telemetry import metrics

MOST_FRAMES = 30
MOST_CAUSES = 5


@dataclass(frozen=True, slots=True)
class Fault:
    """What may be kept of one: no word that an exception said.

    ``number`` is how the log calls it, ``code`` is ``internal`` or a coded error's own, ``what``
    was being done, ``kind`` and ``place`` are the exception's type and its innermost line; a coded
    error has a ``hint`` instead.
    """

    number: str
    code: str
    what: str
    kind: str = ""
    place: str = ""
    hint: str = ""


# Who hears of each fault; they must neither wait nor raise.
hearers: list[Callable[[Fault], None]] = []


def note(log: logging.Logger, what: str, error: BaseException) -> str:
    """Write an unexpected exception down; the number by which it is found again.

    ``what`` is a constant text that says what was being done.
    """
    number = secrets.token_hex(4)
    log.error("fault %s: %s: %s", number, what, where(error))
    metrics.FAULTS.labels(error=type(error).__name__).inc()
    place = next(iter(list(_frames(error.__traceback__))[-1:]), "")
    _tell(Fault(number, "internal", what, type(error).__name__, place))
    return number


def refused(log: logging.Logger, what: str, code: str, hint: str) -> None:
    """Write a coded error down that an operator should hear of: both texts are our own words."""
    number = secrets.token_hex(4)
    log.warning("refused %s: %s: %s. %s", number, what, code, hint)
    _tell(Fault(number, code, what, hint=hint))


def _tell(fault: Fault) -> None:
    for hear in hearers:
        hear(fault)


def where(error: BaseException) -> str:
    """``KeyError at views/learner.py:31 setup < …``, its causes after it, and no word of it."""
    return "; from ".join(_place(one) for one in _chain(error))


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    for _ in range(MOST_CAUSES):
        if error is None:
            return
        yield error
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)


def _place(error: BaseException) -> str:
    frames = list(_frames(error.__traceback__))[-MOST_FRAMES:]
    return " < ".join([f"{type(error).__name__} at {frames[-1]}", *frames[-2::-1]] if frames
                      else [type(error).__name__])  # fmt: skip


def _frames(traceback: TracebackType | None) -> Iterator[str]:
    while traceback is not None:
        code = traceback.tb_frame.f_code
        place = "/".join(PurePath(code.co_filename).parts[-2:])
        yield f"{place}:{traceback.tb_lineno} {code.co_name}"
        traceback = traceback.tb_next


class Formatter(logging.Formatter):
    """For a host's ``LOGGING``: tracebacks of all that it uses, too, without what they say."""

    def formatException(self, ei: Any) -> str:  # noqa: N802 logging's own name
        return where(ei[1])
