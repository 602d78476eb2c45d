"""What a session writes down: each thing once, in its order, also when the database was away.

What its learner did waits in ``Belief.events``, what was noticed and decided in ``Belief.outbox``;
both outlive the socket.
"""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Awaitable, Callable
from dataclasses import replace
from functools import partial
from typing import Any

from channels.db import database_sync_to_async

from tutor_emotion import services
from tutor_emotion.core.types import Adaptation, AffectSignal, Answer, Event, Outcome
from tutor_emotion.live.belief import Belief
from tutor_emotion.live.door import AWAY
from tutor_emotion.live.outbox import Entry
from tutor_emotion.models import AdaptationRecord, Session


class Writing:
    """Of one socket of a session. ``tell`` is called with each Adaptation that its learner may hear
    of, once it is written; ``kept`` with the last number of an event up to which all are."""

    def __init__(
        self,
        session: Session,
        belief: Belief,
        *,
        tell: Callable[[Adaptation], Awaitable[None]],
        kept: Callable[[int], Awaitable[None]],
    ) -> None:
        self._id = str(session.pk)
        self._course_id = session.course_id
        self._belief = belief
        self._tell = tell
        self._kept = kept

    @property
    def busy(self) -> bool:
        """Whether what was noticed is just being written, with whatever is added now."""
        return self._belief.outbox.busy

    # --- what is to be written: it waits for ``out`` ----------------------------------------------

    def event(self, event: Event, number: int | None) -> None:
        """``number``: the page's own, where it has one."""
        self._belief.events.append((event, number))

    def outcome(self, outcome: Outcome) -> None:
        self._add(partial(services.record_outcome, self._id, outcome))

    def helped(self, answer: Answer) -> None:
        """An answer settles whether what was offered before it has helped."""
        self._add(partial(services.settle_helped, self._id, answer))

    def signal(self, signal: AffectSignal) -> None:
        self._add(partial(services.record_signal, self._id, signal, uuid.uuid4()))

    def adaptation(self, adaptation: Adaptation) -> None:
        self._add(partial(self._record, adaptation), adaptation)

    def _add(self, write: Callable[[], Any], adaptation: Adaptation | None = None) -> None:
        self._belief.outbox.add(write, adaptation)

    def _record(self, adaptation: Adaptation) -> AdaptationRecord:
        free_from = self._belief.state.pacing.next_id
        return services.record_adaptation(self._id, adaptation, free_from=free_from)

    # --- writing it -------------------------------------------------------------------------------

    async def out(self) -> bool:
        """What was noticed and decided. False: some of it still waits."""
        return await self._belief.outbox.flush(self._written)

    async def _written(self, entry: Entry, made: Any) -> None:
        adaptation = entry.adaptation
        if adaptation is None:
            return
        if made.number != adaptation.id:
            self._belief.renumber(adaptation.id, made.number)
            adaptation = replace(adaptation, id=made.number)
        if adaptation.mode != "teacher":
            await self._tell(adaptation)

    async def events(self) -> None:
        """What was done since the last time, and the rest; what cannot be written now waits.

        In turn with another socket of this belief: what that one just writes is not kept yet.
        """
        async with self._belief.writing:
            await self._events_in_turn()

    async def _events_in_turn(self) -> None:
        belief = self._belief
        events, belief.events = belief.events, []
        heard = belief.heard
        if events:
            done, numbers = zip(*events, strict=True)
            try:
                await database_sync_to_async(services.record_events)(
                    self._id, done, numbers, unsure=belief.unsure
                )
            except (*AWAY, asyncio.CancelledError):
                belief.unsure = True
                belief.events = [*events, *belief.events][-services.EVENTS_A_SESSION :]
                raise
            belief.unsure = False
        if await self.out() and heard > belief.kept:
            await self._kept(heard)

    async def counts(self, socket: int) -> bool:
        """All of it, and what was counted into the session's row, of this socket or, where it never
        got so far as to have a number, of the one before it. Whether the session ended with it.
        """
        await self.events()
        belief = self._belief
        socket = socket or belief.left
        if not socket:
            return True
        async with belief.writing:  # or another socket of it counts the same a second time
            estimates, windows = belief.estimates, belief.windows.copy()
            ended = await database_sync_to_async(services.leave_session)(
                self._id, socket, estimates, windows
            )
            # Whoever came back meanwhile counts on in the same belief.
            belief.estimates -= estimates
            belief.windows -= windows
        if ended:
            await self._prune()
        return bool(ended)

    async def _prune(self) -> None:
        """What the course keeps no longer: of this session, and of all of them once an hour."""
        await database_sync_to_async(services.prune_ended)(self._id, self._course_id)
        if await asyncio.to_thread(services.prune_is_due, self._course_id):
            await database_sync_to_async(services.prune_events)(self._course_id)
