"""A site that a simulated learner can visit: real HTTP, a real websocket, a real aiortc receiver.

It has no Django and no nets; what it answers is a ``Behaviour``, so that what the simulated learner
measures can be compared with what is known to be true.
"""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import parse_qs

import uvicorn
from aiortc import RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from aiortc.mediastreams import MediaStreamError
from pydantic import BaseModel

from tutor_emotion import protocol as p
from tutor_emotion.core.types import MODALITIES, Modality

NAME, PASSWORD, TOKEN = "mia", "right", "lesson-token"
LOGIN = """<form action="/search/"><input name="q"></form>
<form method="post"><input type="hidden" name="csrfmiddlewaretoken" value="form-token">
<input type="hidden" name="next" value="/lesson/"><input name="username">
<input type="password" name="password"></form>"""
LESSON = f'<h1>Halves</h1><tutor-emotion token="{TOKEN}" base="/te/"></tutor-emotion>'


@dataclass
class Behaviour:
    """``clock_ahead_s``: how wrong our clock is; ``thinking_s``: what an estimate takes."""

    clock_ahead_s: float = 0.0
    thinking_s: float = 0.0
    window_every_frames: int = 5
    permitted: frozenset[Modality] = frozenset(MODALITIES)
    refuse_offer: str = ""
    drop_after_s: float | None = None
    adaptation: p.AdaptationMessage | None = None
    say: BaseModel | None = None
    summary: dict[str, Any] = field(default_factory=dict)


@dataclass
class Seen:
    """What the learners did."""

    consents: list[dict[Modality, bool]] = field(default_factory=list)
    events: list[tuple[float, Any]] = field(default_factory=list)
    offers: list[p.RtcOffer] = field(default_factory=list)
    frames: list[tuple[float, float, tuple[int, int]]] = field(default_factory=list)
    sounds: int = 0
    open_sockets: int = 0
    windows: dict[str, int] = field(default_factory=dict)  # by session


class FakeSite:
    def __init__(self, behaviour: Behaviour) -> None:
        self.behaviour = behaviour
        self.seen = Seen()

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        if scope["type"] == "http":
            await self._http(scope, receive, send)
        elif scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.accept"})
            self.seen.open_sockets += 1
            try:
                await _Learner(self, scope["path"].split("/")[2], receive, send).serve()
            finally:
                self.seen.open_sockets -= 1

    # --- HTTP -------------------------------------------------------------------------------------

    async def _http(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        headers = {k.decode(): v.decode() for k, v in scope["headers"]}
        body = b""
        while True:
            message = await receive()
            body += message.get("body", b"")
            if not message.get("more_body"):
                break
        cookies = SimpleCookie(headers.get("cookie", ""))
        status, extra, text = self._answer(scope["method"], scope["path"], headers, cookies, body)
        await send(
            {
                "type": "http.response.start",
                "status": status,
                "headers": [(k.encode(), v.encode()) for k, v in extra],
            }
        )
        await send({"type": "http.response.body", "body": text.encode()})

    def _answer(
        self, method: str, path: str, headers: dict[str, str], cookies: SimpleCookie, body: bytes
    ) -> tuple[int, list[tuple[str, str]], str]:
        signed_in = "sessionid" in cookies and cookies["sessionid"].value == NAME
        if path == "/login/" and method == "GET":
            return 200, [("set-cookie", "csrftoken=before; Path=/")], LOGIN
        if path == "/login/":
            form = {k: v[0] for k, v in parse_qs(body.decode()).items()}
            if form["csrfmiddlewaretoken"] != "form-token" or form["password"] != PASSWORD:
                return 200, [], LOGIN
            cookies_set = [("set-cookie", f"{c}; Path=/") for c in ("sessionid=mia", "csrftoken=t")]
            return 302, [*cookies_set, ("location", "/lesson/")], ""
        if not signed_in:
            return 302, [("location", "/login/?next=/lesson/")], ""
        if path in ("/lesson/", "/plain/"):
            return 200, [], LESSON if path == "/lesson/" else "<h1>Nothing here</h1>"
        if method == "POST" and headers.get("x-csrftoken") != "t":
            return 403, [], "CSRF"
        return self._plugin(path, body)

    def _plugin(self, path: str, body: bytes) -> tuple[int, list[tuple[str, str]], str]:
        behaviour = self.behaviour
        if path == "/te/setup/":
            rules = [
                p.ModalityRule(
                    modality=m,
                    permitted=m in behaviour.permitted,
                    reason="" if m in behaviour.permitted else "forbidden_by_law",
                    consented=False,
                )
                for m in MODALITIES
            ]
            setup = p.Setup(
                course="c",
                title="C",
                lesson="l",
                text_version="7",
                words="adult",
                rules=rules,
                calibration=p.CalibrationRule(offered=False, consented=False),
            )
            return 200, [], setup.model_dump_json()
        if path == "/te/consents/":
            choices = p.ConsentBody.model_validate_json(body)
            assert choices.text_version == "7"
            self.seen.consents.append(choices.modalities)
            return 200, [], "{}"
        if path == "/te/sessions/":
            session = str(uuid.UUID(int=len(self.seen.windows)))
            self.seen.windows[session] = 0
            assert p.SessionBody.model_validate_json(body).token == TOKEN
            opened = p.SessionOpened(session=session, socket_path=f"/ws/{session}/", ticket="t")
            return 201, [], opened.model_dump_json()
        session = path.split("/")[3]
        count = self.seen.windows[session]
        data = {
            "session": session,
            "course": "c",
            "lesson": "l",
            "estimates": count,
            "windows": {"face:ok": count, "voice:silent": count},
            "signals": [],
            "adaptations": [],
        }
        data |= {"moments": [], "events": [], "looks": [], **behaviour.summary}
        return 200, [], p.SessionSummary(**data).model_dump_json()


class _Learner:
    """One socket."""

    def __init__(self, site: FakeSite, session: str, receive: Any, send: Any) -> None:
        self._site, self._session, self._receive, self._send = site, session, receive, send
        self._begun = time.monotonic()
        self._pc: RTCPeerConnection | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    def _now_s(self) -> float:
        return time.time() + self._site.behaviour.clock_ahead_s

    async def _say(self, message: BaseModel) -> None:
        with suppress(RuntimeError):
            await self._send({"type": "websocket.send", "text": message.model_dump_json()})

    async def serve(self) -> None:
        behaviour = self._site.behaviour
        consents = self._site.seen.consents[-1]
        await self._say(
            p.Welcome(
                session=self._session,
                allowed=[m for m, yes in consents.items() if yes],
                ice_servers=[],
                ice_for_s=600.0,
                resumed=False,
                server_time_s=self._now_s(),
            )
        )
        for message in (behaviour.adaptation, behaviour.say):
            if message is not None:
                self._spawn(self._later(0.3, message))
        if behaviour.drop_after_s is not None:
            self._spawn(self._drop(behaviour.drop_after_s))
        try:
            while (message := await self._receive())["type"] == "websocket.receive":
                await self._hear(p.parse_from_learner(message["text"]))
        finally:
            for task in self._tasks:
                task.cancel()
            if self._pc is not None:
                await self._pc.close()

    def _spawn(self, work: Any) -> None:
        self._tasks.add(asyncio.create_task(work))

    async def _later(self, seconds: float, message: BaseModel) -> None:
        await asyncio.sleep(seconds)
        await self._say(message)

    async def _drop(self, seconds: float) -> None:
        await asyncio.sleep(seconds)
        await self._send({"type": "websocket.close", "code": 1011})

    async def _hear(self, message: Any) -> None:
        match message:
            case p.Ping():
                await self._say(p.Pong(sent_s=message.sent_s, server_time_s=self._now_s()))
            case p.RtcOffer():
                await self._offered(message)
            case _:
                self._site.seen.events.append((time.monotonic() - self._begun, message))

    async def _offered(self, offer: p.RtcOffer) -> None:
        self._site.seen.offers.append(offer)
        if code := self._site.behaviour.refuse_offer:
            await self._say(p.ErrorMessage(code=code, message="No.", hint="Ask."))
            return
        pc = self._pc = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        pc.on("track", lambda track: self._spawn(self._watch(track)))
        await pc.setRemoteDescription(RTCSessionDescription(sdp=offer.sdp, type="offer"))
        await pc.setLocalDescription(await pc.createAnswer())
        await self._say(p.RtcAnswer(sdp=pc.localDescription.sdp))

    async def _watch(self, track: Any) -> None:
        count = 0
        with suppress(MediaStreamError):
            while True:
                frame = await track.recv()
                if track.kind == "audio":
                    self._site.seen.sounds += 1
                    continue
                count += 1
                if count == 1:
                    await self._say(p.Status(media="live", in_use=["face"], allowed=["face"]))
                await self._watched(frame, count)

    async def _watched(self, frame: Any, count: int) -> None:
        media_s = float(frame.time)
        luma = float(frame.to_ndarray(format="gray").mean())
        self._site.seen.frames.append((media_s, luma, (frame.width, frame.height)))
        if count % self._site.behaviour.window_every_frames:
            return
        seq = self._site.seen.windows[self._session]
        self._site.seen.windows[self._session] += 1
        await self._say(
            p.WindowReport(
                seq=seq,
                face="ok",
                voice="silent",
                newest_media_s=media_s,
                estimated_at_s=self._now_s() + self._site.behaviour.thinking_s,
            )
        )


@asynccontextmanager
async def serving(behaviour: Behaviour) -> AsyncIterator[tuple[FakeSite, str]]:
    """The site on a free port of this machine, and its address."""
    site = FakeSite(behaviour)
    config = uvicorn.Config(site, port=0, log_level="error", lifespan="off", ws_ping_interval=None)
    server = uvicorn.Server(config)
    server.install_signal_handlers = lambda: None  # type: ignore[attr-defined]
    running = asyncio.create_task(server._serve())
    while not server.started:
        await asyncio.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield site, f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        server.force_exit = True
        await running
