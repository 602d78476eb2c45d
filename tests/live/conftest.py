"""Each test has its own process, as it were: what one left waiting is not the next one's."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from channels.db import database_sync_to_async
from django.contrib.auth.models import User

from tests import people
from tests.live.sockets import LearnerSocket
from tutor_emotion.live import student
from tutor_emotion.live.sessions import Sessions
from tutor_emotion.models import Session


@pytest.fixture(autouse=True)
def no_sessions(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(student, "SESSIONS", Sessions())


@pytest.fixture
async def ada() -> User:
    return await database_sync_to_async(people.person)()


@pytest.fixture
async def socket(session: Session, ada: User) -> AsyncIterator[LearnerSocket]:
    """Ada's, open; ``session`` is the test's own."""
    socket = LearnerSocket(session.pk, ada)
    await socket.open()
    yield socket
    await socket.close()
