"""One learner's live session: sensors and events in, the engine, Adaptations and rows out."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Literal, cast

from channels.db import database_sync_to_async
from pydantic import BaseModel

from tutor_emotion import services
from tutor_emotion.core import engine
from tutor_emotion.core.estimators.text import wants_meaning
from tutor_emotion.core.plans import CALLS
from tutor_emotion.core.states import PRIOR
from tutor_emotion.core.types import (
    BIOMETRIC,
    Activity,
    Adaptation,
    AffectSignal,
    AffectState,
    Answer,
    Input,
    Modality,
    Outcome,
    SelfReport,
    TextMessage,
)
from tutor_emotion.errors import NotAllowed, TutorEmotionError
from tutor_emotion.live import gate, labels, rows, translate
from tutor_emotion.live.aside import Aside, begun, safely
from tutor_emotion.live.belief import Belief
from tutor_emotion.live.board import Board
from tutor_emotion.live.hand import Hand, end_soon
from tutor_emotion.live.sensors import Sensors
from tutor_emotion.live.states import states_in_use
from tutor_emotion.live.typed import Typed
from tutor_emotion.live.writing import Writing
from tutor_emotion.media.status import ENDED, PeerStatus
from tutor_emotion.models import Policy, Session
from tutor_emotion.protocol import (
    Contact,
    Kept,
    LearnerRow,
    Numbered,
    Ping,
    Pong,
    Reasons,
    Status,
)
from tutor_emotion.telemetry import metrics, traces

log = logging.getLogger(__name__)
Send = Callable[[BaseModel], Awaitable[None]]
# What is pushed may be lost; a consent that was taken back must not be: the gate is asked again.
GATE_AGAIN_S = 10.0
WRITE_EVENTS_S = 2.0


class LiveSession:
    """Made by ``Sessions.take``; ``start`` sets its second hand going."""

    def __init__(
        self,
        session: Session,
        channel: str,
        send: Send,
        board: Board,
        belief: Belief | None = None,
    ) -> None:
        self.id = str(session.pk)
        self.course = session.course
        self.course_key = session.course.key
        self.learner_id = session.learner_id
        self.name = session.learner.get_full_name() or session.learner.get_username()
        self.resumed = belief is not None
        self.surrendered = False
        self.socket = 0
        self.allowed: frozenset[Modality] = frozenset()
        self.contact = ""
        self.states = PRIOR
        self.config = translate.engine_config(Policy(course=self.course), self.allowed)
        self.belief = belief or Belief(engine.start(self.config))
        self.sensors = Sensors(channel, self.clock, self._on_status)
        self.typed = Typed(channel, self.clock)
        self._paused = False
        self._send = send
        self._board = board
        self._busy: Literal["typing", "playing", "none"] = "none"
        self._spoke = False
        self._seen: LearnerRow | None = None
        self._media = PeerStatus("closed")
        self.writing = Writing(session, self.belief, tell=self._adapted, kept=self._kept)
        self._hand = Hand(self._second)
        self._tasks: set[asyncio.Task[None]] = set()
        self._aside = Aside()
        self._gate = asyncio.Lock()  # an answer of the gate is acted upon before it is asked again
        self._gate_due_s = 0.0
        self._events_due_s = 0.0
        self._traced = ""  # the newest event of this second, for the Window that shows it

    def clock(self) -> float:
        """Seconds since the session began, or since it was begun anew after ``SESSION_GRACE_S``."""
        return time.monotonic() - self.belief.origin_s

    async def begin(self) -> None:
        """Ask the gate, before anything else happens."""
        self.socket, number = await database_sync_to_async(services.enter_session)(self.id)
        self.states = await asyncio.to_thread(states_in_use)
        if not self.resumed:
            self.belief.state = engine.start(self.config, next_adaptation=number)
        await self._ask_gate()

    def start(self) -> None:
        """Set the second hand going."""
        self._hand.start()

    async def stop(self) -> None:
        """End the second hand and the sensors; what is known stays in ``belief``."""
        await asyncio.gather(
            self.sensors.close(), self._hand.stop(), end_soon(self._tasks, let_s=0)
        )
        await self._aside.end()
        await self.sensors.close()  # a step that ran may have begun anew
        await self.typed.forget()
        self.belief.windows += self.sensors.windows
        self.sensors.windows.clear()

    async def write_counts(self) -> bool:
        """Write down what waits, and what was counted. Whether the session ended with this socket.

        One that never got as far as to be counted does so for the one before it, if that is gone;
        else it ends nothing.
        """
        return await self.writing.counts(self.socket)

    # --- what comes in ----------------------------------------------------------------------------

    async def answer(self, sdp: str, modalities: frozenset[Modality]) -> str:
        """Answer an SDP offer, if the gate lets each of its modalities through."""
        async with self._gate:
            await database_sync_to_async(gate.refuse_forbidden)(
                self.course, self.learner_id, modalities
            )
            self._media = PeerStatus("connecting")  # how the last peer ended is over
            return await self.sensors.answer(sdp, modalities)

    async def pause(self, paused: bool) -> None:
        self._paused = paused
        await self.sensors.pause(paused)
        if paused:
            await self.typed.forget()

    async def stop_media(self) -> None:
        await self.sensors.close()
        self._on_status(PeerStatus("closed", frozenset(), "stopped"))

    async def numbered(self, message: Numbered) -> None:
        """An event under the page's own number: one that was heard already is not heard again."""
        if message.number <= self.belief.heard:
            self.belief.kept = min(self.belief.kept, message.number - 1)  # it was not told, or late
            return
        try:
            await self.report(message.event, message.number)
        except TutorEmotionError:
            self.belief.heard = message.number  # it was heard, and refused for good
            raise
        self.belief.heard = message.number

    async def report(self, message: Any, number: int | None = None) -> None:
        """One event of the lesson (an EventMessage)."""
        self._traced = traces.here()
        event = translate.event(message, self.clock())
        modality = translate.modality_of(message)
        # Words of danger are listened for while the course is paused, too.
        heard = isinstance(event, TextMessage) and "text" in self.config.modalities
        if modality is not None and modality not in self.allowed and not heard:
            metrics.CONSENT_REFUSALS.labels(what="event", reason="not_consented").inc()
            raise NotAllowed("not_consented", f"{modality} is not in use.", hint="Nothing is kept.")
        metrics.EVENTS.labels(kind=type(event).__name__).inc()
        if isinstance(event, Activity):
            self._busy = cast(Any, event.busy)
        if isinstance(event, Outcome):
            await safely(self._outcome(event))
        if isinstance(event, Answer) and self.belief.told.last is not None:
            self.writing.helped(event)
            await self._write_soon()
        if isinstance(event, SelfReport):
            await self._aside.soon(self._label(event))
        if services.is_kept(event):
            self.writing.event(event, number)
        await self._feed([event])
        if isinstance(event, TextMessage) and self._may_ask(event):
            await safely(self.typed.ask(event))

    async def _outcome(self, outcome: Outcome) -> None:
        self.belief.told.answered(outcome)
        metrics.OUTCOMES.labels(outcome=outcome.outcome).inc()
        self.writing.outcome(outcome)
        await self._write_soon()

    def _may_ask(self, message: TextMessage) -> bool:
        """Whether a worker's sentence encoder may see this message, and could add anything."""
        stopped = self.config.paused or self._paused
        return not stopped and wants_meaning(message.text, self.config.lexicon)

    async def _label(self, report: SelfReport) -> None:
        """Keep what was measured just before this tap, where that is wanted and agreed to."""
        config = self.config
        spoke = {m: e for m, e in self.belief.spoke.items() if m in self.allowed}
        await database_sync_to_async(labels.keep)(
            self.id, self.course, self.learner_id, report, spoke, config
        )

    async def read(self, seq: int, items: Iterable[Mapping[str, Any]]) -> None:
        """Readings that a worker sent back."""
        if seq < 0:
            readings, window = self.typed.arrived(items), None
        else:
            readings, window = self.sensors.arrived(seq, items)
        wanted = [r for r in readings if r.modality in self.allowed]
        if wanted:
            await self._feed(wanted)
        if window is not None:
            with traces.span_of("push.window", traces.here()):
                await self._send(window)

    async def reason(self, seq: int, claims: Iterable[str]) -> None:
        """What a worker can say of why, of the Window that the learner asked about."""
        found = self.sensors.asked.answered(seq, claims, self.allowed)
        if found is not None:
            await self._send(Reasons(adaptation=found[0], claims=found[1]))

    def pong(self, ping: Ping) -> Pong:
        return Pong(sent_s=ping.sent_s, server_time_s=self.unix_s())

    @staticmethod
    def unix_s() -> float:
        return time.time()

    def acknowledge(self, by: str) -> None:
        """A teacher is on it; empty takes it back."""
        self.belief.acknowledged_by = by
        self._show_row()

    async def take_back(self, modalities: frozenset[Modality]) -> None:
        """Let go of them at once; the gate, which has to read rows, is asked afterwards."""
        if not modalities & self.allowed:
            return
        self.allowed -= modalities
        self.config = replace(self.config, modalities=self.config.modalities - modalities)
        # The sensors first let go and then tidy up, which may take its time on a busy machine: the
        # browser, whose camera is on, is not kept waiting for that.
        await asyncio.gather(self.sensors.restrict(self.allowed), self._send_status())
        if "text" in modalities:
            await self.typed.forget()

    async def reload_policy(self) -> None:
        """Read policy and consent again, and let go of what is no longer allowed."""
        self._gate_due_s = 0.0  # should it fail here, the second hand asks until there is an answer
        await self._aside.soon(self._reload())

    async def _reload(self) -> None:
        await self._ask_gate()
        await self._send_status()

    async def _ask_gate(self) -> None:
        async with self._gate:
            found = await database_sync_to_async(gate.ask)(
                self.id, self.course, self.learner_id, self.states
            )
            self.allowed, self.config, self.contact = found.allowed, found.config, found.contact
            self._gate_due_s = self.clock() + GATE_AGAIN_S
            self._forget_what_is_over()
            await self.sensors.restrict(self.allowed)
            if "text" not in self.allowed or self.config.paused:
                await self.typed.forget()

    def _forget_what_is_over(self) -> None:
        """A course that is paused will go on; what a learner takes back is as if it never was."""
        if self.config.paused:
            return
        belief = self.belief
        for modality in belief.learned_from - self.allowed:
            belief.state = engine.forget(belief.state, modality, self.config)
            belief.spoke.pop(modality, None)
        belief.learned_from = self.allowed

    # --- the second hand ----------------------------------------------------------------------

    async def _second(self) -> None:
        await self._aside.soon(self._look_again())
        await safely(self._tick())
        await self._write_soon()
        if self.clock() >= self._events_due_s and not self.belief.writing.locked():
            self._events_due_s = self.clock() + WRITE_EVENTS_S
            await self._aside.soon(self.writing.events())

    async def _write_soon(self) -> None:
        if not self.writing.busy:
            await self._aside.soon(self.writing.out())

    async def _look_again(self) -> None:
        if self.clock() < self._gate_due_s or self._gate.locked():
            return
        before = self.allowed
        await self._ask_gate()
        if self.allowed != before:
            await self._send_status()

    async def _tick(self) -> None:
        parent, self._traced = self._traced, ""
        with traces.span("session.window", parent):
            report = await self.sensors.tick()
        if report is not None:
            await self._send(report)
        affect = await self._feed(self._activity())
        here = self.allowed and not self.belief.state.hidden
        if here and not (self._paused or self.config.paused):
            self.belief.windows["belief:unknown" if affect.abstain else "belief:known"] += 1
        for outcome in self.belief.told.expired(self.clock()):
            await safely(self._outcome(outcome))
        self._show_row()

    def _show_row(self) -> None:
        """To the classrooms, where it says something new."""
        row = self.row()
        if self._seen is not None and self._seen.need != "fine" and row.need == "fine":
            self.belief.acknowledged_by = ""  # it was about what is over now
            row = row.model_copy(update={"acknowledged_by": ""})
        # The page counts ``since_s`` on by itself.
        seen = row.model_copy(update={"since_s": 0.0})
        if seen != self._seen:
            self._seen = seen
            self._board.changed(self.course_key, self.learner_id, row)
        self._board.beat(self.course_key)

    def _activity(self) -> list[Input]:
        speaks = self.sensors.speaking and "voice" in self.allowed
        if speaks == self._spoke:
            return []
        self._spoke = speaks
        return [Activity(self.clock(), "speaking" if speaks else self._busy)]

    async def _feed(self, inputs: Sequence[Input]) -> AffectState:
        with metrics.ENGINE_SECONDS.time():
            step = engine.step(self.belief.state, inputs, self.clock(), self.config)
        self.belief.state = step.state
        self.belief.estimates += len(step.estimates)
        self.belief.spoke.update({e.modality: e for e in step.estimates})
        for estimate in step.estimates:
            metrics.ESTIMATES.labels(modality=estimate.modality).inc()
        if any(signal.edge == "raised" for signal in step.signals):
            self.sensors.asked.raised()
        for signal in step.signals:
            await safely(self._signal(signal))
        for adaptation in step.adaptations:
            await safely(self._adapt(adaptation))
        return step.affect

    async def _signal(self, signal: AffectSignal) -> None:
        metrics.SIGNALS.labels(kind=signal.kind, edge=signal.edge).inc()
        self.writing.signal(signal)
        await self._write_soon()

    async def _adapt(self, adaptation: Adaptation) -> None:
        self.belief.told.made(adaptation)
        metrics.ADAPTATIONS.labels(kind=adaptation.kind, mode=adaptation.mode).inc()
        if adaptation.message in CALLS:
            # Before the database: it may be away, and a person may not be.
            self.belief.acknowledged_by = ""
            self._show_row()
            await safely(self.show_contact())
        self.writing.adaptation(adaptation)
        await self._write_soon()

    async def _adapted(self, adaptation: Adaptation) -> None:
        """It is written; now its learner may hear of it."""
        if adaptation.mode == "offer" and self.clock() >= adaptation.expires_s:
            return  # the database was away for longer than it lives
        work = self.belief.state.work
        said = translate.adaptation(adaptation, self.clock(), work, self.config)
        with traces.span_of("push.adaptation", traces.here(), kind=adaptation.kind):
            await self._send(said)

    async def _kept(self, number: int) -> None:
        if not self.surrendered:  # whoever has the belief now tells it
            self.belief.kept = number
            await self._send(Kept(number=number))

    async def show_contact(self) -> None:
        """While a person is being called: whom the learner may talk to, if the school said so."""
        call = self.belief.told.call
        held = self.clock() < self.belief.state.pacing.past.hold_until_s
        if call is not None and held and self.contact:
            await self._send(Contact(id=call.id, text=self.contact))

    # --- what goes out ----------------------------------------------------------------------

    def row(self, *, connected: bool = True) -> LearnerRow:
        """This learner as the teacher sees them."""
        belief, told = self.belief, self.belief.told
        standing = engine.summary(belief.state, self.config)
        if told.call is not None and belief.acknowledged_by and not standing.called:
            told.call = None  # a teacher has seen to it, and the time for it is over
        story = rows.Story(
            self.id,
            self.name,
            told.last.kind if told.last else None,
            told.outcome,
            belief.acknowledged_by,
            connected,
            told.call,
        )
        return rows.row(standing, story)

    def _on_status(self, status: PeerStatus) -> None:
        self._media = status
        begun(self._send_status(), self._tasks)

    async def _send_status(self) -> None:
        media = self._media
        if not self.sensors.active and media.media not in ENDED:
            media = PeerStatus("closed")
        in_use = (self.allowed - BIOMETRIC) | (media.in_use & self.allowed)
        word = "off" if media.media == "closed" else media.media
        allowed = sorted(self.allowed)
        await self._send(
            Status(media=word, in_use=sorted(in_use), allowed=allowed, reason=media.reason)
        )
