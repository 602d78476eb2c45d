"""The learner's socket: who are you, may we, and then only translation."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from channels.db import database_sync_to_async
from django.core.exceptions import ValidationError

from tutor_emotion.conf import get_settings
from tutor_emotion.errors import BadInput, NotAllowed, TutorEmotionError, Unavailable
from tutor_emotion.inference import schema
from tutor_emotion.inference.schema import SchemaMismatch, schema_of
from tutor_emotion.live import push
from tutor_emotion.live.door import AWAY, Door, as_message
from tutor_emotion.live.session import LiveSession
from tutor_emotion.live.sessions import Sessions
from tutor_emotion.media.turn import browser_ice_servers
from tutor_emotion.models import LearnerId, Session
from tutor_emotion.protocol import (
    AskWhy,
    IceServer,
    MediaPause,
    MediaSending,
    MediaStop,
    Numbered,
    Ping,
    RtcAnswer,
    RtcCandidate,
    RtcOffer,
    Welcome,
    parse_from_learner,
)
from tutor_emotion.telemetry import traces

SESSIONS = Sessions()


class StudentConsumer(Door):
    """Message types of the channel layer are method names: ``session.row`` → ``session_row``."""

    whose = "learner"
    live: LiveSession | None = None
    groups_joined: tuple[str, ...] = ()

    async def connect(self) -> None:
        await self.accept()
        try:
            await self._open()
        except TutorEmotionError as error:
            await self.refuse(error)

    async def _open(self) -> None:
        session = await self._session()
        live = SESSIONS.take(session, self.channel_name, self.send_message)
        self.live = live
        self.groups_joined = (
            push.session_group(live.id),
            push.course_group(live.course_key),
        )
        for group in self.groups_joined:
            await self.channel_layer.group_add(group, self.channel_name)
        await live.begin()
        await push.take_over(live.id, live.socket)
        await self.send_message(
            Welcome(
                session=live.id,
                allowed=sorted(live.allowed),
                ice_servers=[
                    IceServer(**server)
                    for server in browser_ice_servers(get_settings(), live.unix_s())
                ],
                ice_for_s=get_settings().TURN_LIFETIME_S,
                resumed=live.resumed,
                server_time_s=live.unix_s(),
                traced=traces.chosen(),
            )
        )
        await live.show_contact()  # it may have been on its way when the connection was lost
        live.start()

    async def _session(self) -> Session:
        asked = self.scope["url_route"]["kwargs"]["session"]
        user = await self.admit(f"session/{asked}")
        session: Session | None = await _own_session(asked, user.pk)
        if session is None:
            raise NotAllowed("unknown_session", "There is no such session of yours.")
        if SESSIONS.crowded(user.pk, besides=str(session.pk)):
            raise NotAllowed(
                "too_many_sessions", "You have too many lessons open.", hint="Close another tab."
            )
        if SESSIONS.full(get_settings().MAX_SESSIONS, besides=str(session.pk)):
            raise Unavailable("server_full", "Too many learners are here.", hint="It comes back.")
        return session

    async def leave(self) -> None:
        live, self.live = self.live, None
        joined, self.groups_joined = self.groups_joined, ()
        try:
            if live is not None:
                await SESSIONS.leave(live)
        finally:  # it may wait for a broker that is away, and a camera must not
            for group in joined:
                with suppress(*AWAY):
                    await self.channel_layer.group_discard(group, self.channel_name)

    # --- from the browser -----------------------------------------------------------------------

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        live = self.live
        if live is None:
            return
        try:
            if not self.limit.allows(live.clock()):
                raise BadInput(
                    "too_many_messages", "More than 50 messages in a second.", hint="Send fewer."
                )
            if text_data is None:
                raise BadInput("bad_message", "Messages are JSON text.")
            message = parse_from_learner(text_data)
            event = getattr(message, "event", message)
            parent = getattr(event, "traceparent", None) or ""
            with traces.span("socket.message", parent, type=event.type):
                await self._handle(live, message)
        except TutorEmotionError as error:
            if self.limit.exhausted:
                await self.refuse(error)
            elif self.limit.may_complain():
                await self.send_message(as_message(error))

    async def _handle(self, live: LiveSession, message: Any) -> None:
        match message:
            case Ping():
                await self.send_message(live.pong(message))
            case RtcOffer():
                await self.not_too_fast("offers")
                answer = await live.answer(message.sdp, frozenset(message.modalities))
                await self.send_message(RtcAnswer(sdp=answer))
            case RtcCandidate():
                await live.sensors.add_candidate(
                    message.candidate, message.sdp_mid, message.sdp_mline_index
                )
            case MediaPause():
                await live.pause(message.paused)
            case MediaSending():
                live.sensors.sends(frozenset(message.sensors))
            case MediaStop():
                await live.stop_media()
            case Numbered():
                await live.numbered(message)
            case AskWhy():
                await live.sensors.asked.ask(message.adaptation)
            case _:
                await live.report(message)

    # --- from the channel layer ------------------------------------------------------------------

    async def session_readings(self, message: dict[str, Any]) -> None:
        if self.live is None:
            return
        items, theirs = message["readings"], schema_of(message.get("schema"))
        if theirs != schema.SCHEMA:
            schema.tell(SchemaMismatch("Readings", theirs))
            items = []  # the Window counts as seen, and the lesson goes on
        with traces.span_of("session.estimate", message.get("trace", "")):
            await self.live.read(message["seq"], items)

    async def session_reason(self, message: dict[str, Any]) -> None:
        if self.live is not None:
            await self.live.reason(message["seq"], message["claims"])

    async def session_row(self, message: dict[str, Any]) -> None:
        if self.live is not None:
            SESSIONS.asked_for_rows(self.live.course_key, message["reply"])

    async def session_acknowledge(self, message: dict[str, Any]) -> None:
        if self.live is not None:
            self.live.acknowledge(message["by"])

    async def session_policy(self, _: dict[str, Any]) -> None:
        if self.live is not None:
            await self.live.reload_policy()

    async def session_consent(self, message: dict[str, Any]) -> None:
        if self.live is not None:
            await self.live.take_back(frozenset(message["taken_back"]))
        if self.live is not None:
            await self.live.reload_policy()

    async def session_event(self, message: dict[str, Any]) -> None:
        if self.live is not None:
            with suppress(TutorEmotionError):
                await self.live.report(parse_from_learner(message["text"]))

    async def session_erased(self, message: dict[str, Any]) -> None:
        await self.leave()
        await self.refuse(NotAllowed("unknown_session", "There is no such session any more."))

    async def session_replaced(self, message: dict[str, Any]) -> None:
        if self.live is not None and message["by"] > self.live.socket:
            await self.leave()  # before anything that can wait: two hands must not step one belief
            await self.refuse(
                NotAllowed(
                    "session_replaced",
                    "This lesson was opened in another tab.",
                    hint="Go on there, or use it here again.",
                )
            )


@database_sync_to_async  # type: ignore[untyped-decorator]
def _own_session(session_id: str, learner_id: LearnerId) -> Session | None:
    try:
        return (
            Session.objects.select_related("course", "learner")
            .filter(pk=session_id, learner_id=learner_id)
            .first()
        )
    except ValidationError:
        return None
