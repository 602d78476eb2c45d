"""The site as a simulated learner's browser sees it: HTTP with cookies, then one websocket."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from types import TracebackType
from typing import Any, TypeVar
from urllib.parse import urljoin, urlsplit

import httpx
from pydantic import BaseModel, TypeAdapter, ValidationError
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake
from websockets.typing import Subprotocol

from tutor_emotion.core.types import Modality
from tutor_emotion.errors import BadInput, NotAllowed, TutorEmotionError, Unavailable
from tutor_emotion.protocol import (
    MAX_MESSAGE_BYTES,
    SUBPROTOCOL,
    ConsentBody,
    SessionBody,
    SessionOpened,
    SessionSummary,
    Setup,
    ToLearner,
    describe,
)
from tutor_emotion.simulate.page import Element, find_element, find_login_form

_TO_LEARNER: TypeAdapter[Any] = TypeAdapter(ToLearner)
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
Body = TypeVar("Body", bound=BaseModel)


def is_loopback(url: str) -> bool:
    """Whether an address is this machine's own."""
    return urlsplit(url).hostname in LOOPBACK


class Site:
    """One learner's HTTP side. Every method raises ``Unavailable`` when the server is away."""

    def __init__(self, url: str, *, timeout_s: float = 30.0) -> None:
        self.url = url.rstrip("/")
        # A proxy of the environment is for the world outside, not for this machine.
        self._http = httpx.AsyncClient(
            base_url=self.url,
            timeout=timeout_s,
            follow_redirects=True,
            # A server closes what was idle for five seconds; who asks just then hears nothing.
            limits=httpx.Limits(keepalive_expiry=2.0),
            trust_env=not is_loopback(url),
        )

    async def close(self) -> None:
        await self._http.aclose()

    async def open_lesson(self, page: str, name: str, password: str) -> Element:
        """Open a lesson's page, sign in where it asks, and find the plugin's element.

        Raises:
            NotAllowed: ``sign_in_failed``.
            BadInput: ``no_lesson``, a page without the element.
        """
        response = await self._request("GET", page)
        form = find_login_form(response.text)
        if form is not None and find_element(response.text) is None:
            where = urljoin(str(response.url), form.action or str(response.url))
            fields = {**form.hidden, "username": name, "password": password}
            headers = {"Referer": str(response.url)}
            response = await self._request("POST", where, data=fields, headers=headers)
            if find_login_form(response.text) is not None:
                raise NotAllowed(
                    "sign_in_failed",
                    "The site did not accept this name and password.",
                    hint="Give --user and --password of an account of this site.",
                )
            response = await self._request("GET", page)
        element = find_element(response.text)
        if element is None:
            raise BadInput(
                "no_lesson",
                f"{page} carries no <tutor-emotion> element (HTTP {response.status_code}).",
                hint="Give the path of a lesson with --page.",
            )
        return element

    async def setup(self, element: Element) -> Setup:
        """What the plugin would ask this learner."""
        response = await self._request(
            "GET", f"{element.base}setup/", params={"token": element.token}
        )
        return _body(response, Setup)

    async def consent(
        self, element: Element, text_version: str, choices: Mapping[Modality, bool]
    ) -> None:
        """Answer the consent form, modality by modality."""
        body = ConsentBody(token=element.token, text_version=text_version, modalities=dict(choices))
        _check(await self._post(element, "consents/", body))

    async def begin(self, element: Element) -> SessionOpened:
        """Begin a session."""
        body = SessionBody(token=element.token)
        return _body(await self._post(element, "sessions/", body), SessionOpened)

    async def summary(self, element: Element, session: str) -> SessionSummary:
        """What was recorded of a session."""
        return _body(
            await self._request("GET", f"{element.base}sessions/{session}/"), SessionSummary
        )

    def socket(self, opened: SessionOpened) -> Socket:
        """The learner's websocket, with this browser's cookies."""
        cookies = "; ".join(f"{c.name}={c.value}" for c in self._http.cookies.jar)
        url = f"ws{self.url.removeprefix('http')}{opened.socket_path}"
        return Socket(url, self.url, cookies, opened.ticket)

    async def _post(self, element: Element, path: str, body: BaseModel) -> httpx.Response:
        headers = {
            "Content-Type": "application/json",
            "X-CSRFToken": element.csrf or self._http.cookies.get("csrftoken", ""),
            "Referer": f"{self.url}/",
        }
        content = body.model_dump_json()
        return await self._request("POST", element.base + path, content=content, headers=headers)

    async def _request(self, method: str, path: str, **rest: Any) -> httpx.Response:
        try:
            return await self._http.request(method, path, **rest)
        except httpx.TransportError as error:
            raise Unavailable(
                "no_server",
                f"{self.url} does not answer ({type(error).__name__}).",
                hint="Start the site with `make run`, or give its address with --url.",
            ) from None


class Socket:
    """The learner's websocket: typed messages in and out."""

    def __init__(self, url: str, origin: str, cookies: str, ticket: str) -> None:
        self._opening = connect(
            url,
            origin=origin,  # type: ignore[arg-type]
            additional_headers={"Cookie": cookies},
            subprotocols=[Subprotocol(SUBPROTOCOL), Subprotocol(ticket)],
            max_size=4 * MAX_MESSAGE_BYTES,
            proxy=None if is_loopback(origin) else True,
        )
        self._socket: ClientConnection
        self.sent_bytes = 0
        self.heard_bytes = 0

    async def __aenter__(self) -> Socket:
        try:
            self._socket = await self._opening
        except (OSError, TimeoutError, InvalidHandshake, ConnectionClosed) as error:
            raise Unavailable(
                "socket_refused",
                f"The server did not open the websocket ({error}).",
                hint="Is the site's ASGI server up, and its Valkey?",
            ) from None
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._socket.close()

    async def send(self, message: BaseModel) -> None:
        """Raises ``Unavailable`` (``connection_lost``) when the socket is gone."""
        text = message.model_dump_json()
        try:
            await self._socket.send(text)
        except ConnectionClosed as closed:
            raise _lost(closed) from None
        self.sent_bytes += len(text.encode())

    async def messages(self) -> AsyncIterator[Any]:
        """What the server says, until the socket is gone: then ``connection_lost``.

        Raises:
            Unavailable: ``connection_lost``.
            BadInput: ``bad_server_message``, which is not of the protocol that we know.
        """
        while True:
            try:
                text = await self._socket.recv()
            except ConnectionClosed as closed:
                raise _lost(closed) from None
            self.heard_bytes += len(text.encode() if isinstance(text, str) else text)
            try:
                yield _TO_LEARNER.validate_json(text)
            except ValidationError as error:
                (what,) = describe(error)
                raise BadInput(
                    "bad_server_message",
                    f"The server said something that is not in the protocol ({what}).",
                    hint="Use the same version of tutor_emotion on both sides.",
                ) from None


def _lost(closed: ConnectionClosed) -> Unavailable:
    code = closed.rcvd.code if closed.rcvd else "no close frame"
    return Unavailable("connection_lost", f"The websocket closed ({code}).")


def _body(response: httpx.Response, shape: type[Body]) -> Body:
    _check(response)
    try:
        return shape.model_validate_json(response.content)
    except ValidationError:
        raise BadInput(
            "bad_server_message", f"{response.url.path} did not answer as it should."
        ) from None


def _check(response: httpx.Response) -> None:
    """An error of the server, with its own code and words where it gave them."""
    if response.is_success:
        return
    try:
        said = response.json()
    except ValueError:
        said = {}
    said = said if isinstance(said, dict) else {}
    kind: type[TutorEmotionError] = NotAllowed if response.status_code in (401, 403) else BadInput
    if response.status_code >= 500:
        kind = Unavailable
    raise kind(
        str(said.get("code", "http_error")),
        str(said.get("message", f"{response.url.path} answered HTTP {response.status_code}.")),
        hint=str(said.get("hint", "")),
    )
