"""The mapping from measures to states that new sessions take: read again when it changes."""

from __future__ import annotations

import logging
import threading
from pathlib import Path

from tutor_emotion.conf import get_settings
from tutor_emotion.core.states import PRIOR, StatesModel
from tutor_emotion.errors import TutorEmotionError
from tutor_emotion.nets.registry import activation_mark
from tutor_emotion.nets.states import active_states

log = logging.getLogger(__name__)


class StatesInUse:
    """The active mapping of one folder. One that is refused changes nothing, and is logged once."""

    def __init__(self, weights_dir: Path) -> None:
        self._weights_dir = weights_dir
        self._states = PRIOR
        self._mark: object = self  # no mark: the first call reads
        self._lock = threading.Lock()

    def get(self) -> StatesModel:
        """What is active now; one ``stat`` where nothing has changed."""
        with self._lock:
            mark = activation_mark(self._weights_dir)
            if mark != self._mark:
                self._mark = mark
                self._read()
            return self._states

    def _read(self) -> None:
        try:
            self._states = active_states(self._weights_dir)
        except TutorEmotionError as error:
            log.error(  # noqa: TRY400 the code says which
                "the active states are refused (manage.py models verify), the old stand: %s",
                error.code,
            )


_in_use: dict[Path, StatesInUse] = {}


def states_in_use() -> StatesModel:
    """Of the folder that the settings name."""
    folder = get_settings().WEIGHTS_DIR
    return _in_use.setdefault(folder, StatesInUse(folder)).get()
