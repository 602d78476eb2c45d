"""Each test has its own process, as it were: what one left waiting is not the next one's."""

from __future__ import annotations

import pytest

from tutor_emotion.live import student
from tutor_emotion.live.sessions import Sessions


@pytest.fixture(autouse=True)
def no_sessions(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(student, "SESSIONS", Sessions())
