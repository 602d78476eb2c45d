"""Who attacks: learners, a teacher and somebody who is not signed in, as their browsers."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from pydantic import BaseModel
from websockets.asyncio.client import ClientConnection

from tutor_emotion.core.types import Modality
from tutor_emotion.protocol import SessionOpened, Setup
from tutor_emotion.simulate.client import Site, Socket
from tutor_emotion.simulate.page import Element

PAGE = "/lessons/fractions-1/"
COURSE = "fractions"
NO_SESSION = "0" * 36
SIGN_INS_AT_ONCE = 2


class _Nothing(BaseModel):
    """The body of a request that needs none."""


@dataclass
class Person:
    """Somebody with a browser: ``site`` has their cookies."""

    name: str
    site: Site
    element: Element
    text_version: str

    async def session(self) -> ClientConnection:
        """The socket of a new session of theirs."""
        opened = await self.site.begin(self.element)
        return await _open(self.site.socket(opened))

    async def classroom(self) -> ClientConnection:
        door = f"classroom/{COURSE}/ticket/"
        answer = await self.site._post(self.element, door, _Nothing())
        path = f"/ws/tutor-emotion/classroom/{COURSE}/"
        opened = SessionOpened(session=NO_SESSION, socket_path=path, ticket=answer.json()["ticket"])
        return await _open(self.site.socket(opened))

    def csrf(self) -> str:
        """The host's CSRF token, from the page where its cookie cannot be read."""
        return self.element.csrf or self.cookies().get("csrftoken", "")

    def cookies(self) -> dict[str, str]:
        return {c.name: str(c.value) for c in self.site._http.cookies.jar}


async def _open(socket: Socket) -> ClientConnection:
    entered = await socket.__aenter__()
    await entered._socket.recv()  # the welcome, or the whole class
    return entered._socket


async def sign_in(url: str, names: Sequence[str], password: str) -> list[Person]:
    """All of them, who agree to everything that they are asked."""

    turn = asyncio.Semaphore(SIGN_INS_AT_ONCE)

    async def one(name: str) -> Person:
        async with turn:
            site = Site(url)
            element = await site.open_lesson(PAGE, name, password)
            setup = await site.setup(element)
            await site.consent(element, setup.text_version, _all(setup))
            return Person(name, site, element, setup.text_version)

    return list(await asyncio.gather(*map(one, names)))


def _all(setup: Setup) -> dict[Modality, bool]:
    return {rule.modality: True for rule in setup.rules if rule.permitted}
