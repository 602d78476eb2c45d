"""A worker takes newly activated models without a restart, beside its work and not in it."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable

from tutor_emotion import faults
from tutor_emotion.errors import TutorEmotionError
from tutor_emotion.inference.runner import Runner

log = logging.getLogger(__name__)
LOOK_S = 2.0


class Renewal:
    """Loads a Runner anew when ``mark`` changes, and hands it to ``put`` once it is ready to run.

    One that cannot be loaded is logged once, with its code; the old one goes on. Both are in memory
    for the time of loading.
    """

    def __init__(
        self,
        load: Callable[[], Runner],
        mark: Callable[[], object],
        put: Callable[[Runner], None],
        seen: object,
    ) -> None:
        """``seen``: the mark before the Runner was loaded that runs now."""
        self._load, self._mark, self._put, self._seen = load, mark, put, seen

    def start(self) -> None:
        """Look every ``LOOK_S`` for as long as the process lives."""
        threading.Thread(target=self._run, name="renewal", daemon=True).start()

    def look(self) -> None:
        """One look: nothing, where nothing has changed."""
        mark = self._mark()
        if mark == self._seen:
            return
        self._seen = mark
        try:
            runner = self._load()
        except TutorEmotionError as error:
            log.error(  # noqa: TRY400 the code says which
                "what was activated is refused (manage.py models verify), the old stand: %s",
                error.code,
            )
            return
        except Exception as error:  # noqa: BLE001 a full GPU, say, must not end later renewals
            faults.note(log, "what was activated cannot be loaded, the old models stand", error)
            return
        self._put(runner)
        log.info("runner %s in use", runner.version)

    def _run(self) -> None:
        while True:
            time.sleep(LOOK_S)
            self.look()
