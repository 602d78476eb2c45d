"""The last door, in the worker: what nobody may be read by is not read, whoever queued it."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import replace

from django.db import DatabaseError

from tutor_emotion import privacy, services
from tutor_emotion.core.types import BIOMETRIC, Modality, Window

log = logging.getLogger(__name__)
ASK_AGAIN_S = 0.5
# A database that is away for a moment stops no lesson; one that stays away could hide a switch.
ANSWER_HOLDS_S = 10.0


class LastDoor:
    """Knows what the law and the switches leave, and asks them at most twice a second.

    It does not know whose a Window is: a school's switch, an age and a consent are asked where the
    Window was made.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._permitted: frozenset[Modality] = frozenset()
        self._due_s = clock()
        self._answered_s = clock() - ANSWER_HOLDS_S

    def pass_on(self, window: Window) -> Window:
        """The Window without what may not be read."""
        permitted = self._ask()
        return replace(
            window,
            crops=window.crops if "face" in permitted else (),
            utterances=window.utterances if "voice" in permitted else (),
            messages=window.messages if "text" in permitted else (),
        )

    def _ask(self) -> frozenset[Modality]:
        now_s = self._clock()
        if now_s < self._due_s:
            return self._permitted
        self._due_s = now_s + ASK_AGAIN_S
        try:
            self._permitted = privacy.possible() - services.switched_off_everywhere()
            self._answered_s = now_s
        except DatabaseError as error:
            log.warning("the switches cannot be asked: %s", type(error).__name__)
            if now_s - self._answered_s >= ANSWER_HOLDS_S:
                self._permitted -= BIOMETRIC
        return self._permitted
