"""What a session has told its learner: which offers are open, and what came of them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from channels.db import database_sync_to_async as db
from pydantic import BaseModel

from tests import people
from tutor_emotion import services
from tutor_emotion.core.types import Adaptation, Outcome
from tutor_emotion.live.board import Board
from tutor_emotion.live.session import LiveSession
from tutor_emotion.live.told import LATE_S, Told
from tutor_emotion.models import AdaptationRecord, Policy, Session
from tutor_emotion.protocol import AnswerMessage, OutcomeMessage, StepShownMessage

HINT = Adaptation(1, "hint", "offer", 100.0, 160.0, None, "offer.hint")
SLOWER = Adaptation(2, "slow_down", "quiet", 110.0, 170.0, None, "quiet.slower")
FLAG = Adaptation(3, "teacher_flag", "teacher", 120.0, 180.0, None, "flag.unresolved")


def test_an_offer_is_open_until_it_is_answered_or_nobody_will() -> None:
    told = Told()
    told.made(HINT)
    assert told.expired(160.0 + LATE_S) == []
    assert [o.outcome for o in told.expired(161.0 + LATE_S)] == ["ignored"]
    assert told.outcome == "ignored"
    assert told.expired(999.0) == []
    told.answered(Outcome(200.0, 1, "taken", "hint"))  # the card was being looked at
    assert told.outcome == "taken"


def test_the_newest_is_what_a_teacher_reads_of() -> None:
    told = Told()
    told.made(HINT)
    told.made(SLOWER)
    told.made(FLAG)
    assert (told.last, told.outcome, told.call) == (HINT, None, None)  # it waits for its answer
    told.answered(Outcome(130.0, 1, "dismissed"))
    assert (told.last, told.outcome) == (HINT, "dismissed")
    told.made(replace(SLOWER, id=4))
    assert told.last is not None
    assert (told.last.id, told.outcome) == (4, None)
    assert told.expired(999.0) == []


def test_what_is_written_under_another_number_is_known_by_it() -> None:
    told = Told()
    told.made(replace(FLAG, message="flag.safety"))
    told.made(HINT)
    told.renumbered(1, 8)
    told.renumbered(3, 9)
    assert told.last is not None
    assert told.call is not None
    assert (told.last.id, told.call.id, told.open) == (8, 9, {8: 160.0})
    told.answered(Outcome(130.0, 1, "dismissed"))  # another's
    assert told.outcome is None
    told.answered(Outcome(130.0, 8, "dismissed"))
    assert told.outcome == "dismissed"


@pytest.mark.parametrize(
    ("message", "why"), [("flag.safety", "safety"), ("flag.distress", "distress")]
)
def test_a_call_is_remembered(message: str, why: str) -> None:
    told = Told()
    told.made(replace(FLAG, message=message))
    assert told.call is not None
    assert (told.call.why, told.call.id, told.call.at_s) == (why, 3, 120.0)
    assert told.last is None


# --- in a live session --------------------------------------------------------------------------


async def begun() -> tuple[Session, LiveSession, list[Any]]:
    """Ada's session in a course that offers by performance alone, and what she is sent."""
    ada, course = await db(people.person)(), await db(people.course)()
    await db(people.consent)(course, ada)
    await db(Policy.objects.filter(course=course).update)(pacing="performance")
    made = await db(people.session)(course, ada)
    row = await db(Session.objects.select_related("course", "learner").get)(pk=made.pk)
    sent: list[Any] = []

    async def send(message: BaseModel) -> None:
        sent.append(message)

    live = LiveSession(row, "specific.nobody", send, Board())
    await live.begin()
    return row, live, sent


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("valkey")
async def test_from_the_offer_to_the_answer_that_it_helped_with() -> None:
    row, live, sent = await begun()
    live.belief.origin_s -= 130  # past the quiet start
    await live.report(StepShownMessage(step="s1", skill="adding", title="Half plus a quarter"))
    for _ in range(3):
        await live.report(AnswerMessage(step="s1", skill="adding", correct=False, took_s=20))
    (offer,) = [m for m in sent if m.type == "adaptation" and m.mode == "offer"]
    assert (offer.step_title, offer.effects.examples) == ("Half plus a quarter", 1)
    assert (live.row().last_adaptation, live.row().last_outcome) == (offer.kind, None)

    async def kept() -> tuple[str, bool | None, str]:
        record = await db(AdaptationRecord.objects.get)(session=row, number=offer.id)
        return record.outcome, record.helped, record.step

    assert await kept() == ("", None, "s1")
    live.belief.origin_s -= 60 + LATE_S + 1
    await live._tick()
    assert await kept() == ("ignored", None, "s1")
    assert live.row().last_outcome == "ignored"
    await live.report(OutcomeMessage(adaptation=offer.id, outcome="taken", choice=offer.choices[0]))
    assert live.row().last_outcome == "taken"
    await live.report(AnswerMessage(step="s1", skill="adding", correct=True, took_s=9))
    assert await kept() == ("taken", True, "s1")
    await live.stop()


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("valkey")
async def test_a_number_that_another_process_gave_meanwhile_is_not_told_twice() -> None:
    row, live, sent = await begun()  # counts on from the rows, in which these do not stand yet
    for theirs in (HINT, SLOWER):
        await db(services.record_adaptation)(str(row.pk), theirs)
    live.belief.origin_s -= 130
    await live.report(StepShownMessage(step="s1", skill="adding"))
    for _ in range(3):
        await live.report(AnswerMessage(step="s1", skill="adding", correct=False, took_s=20))
    (offer,) = [m for m in sent if m.type == "adaptation" and m.mode == "offer"]
    assert offer.id > SLOWER.id
    answer = OutcomeMessage(adaptation=offer.id, outcome="taken", choice=offer.choices[0])
    await live.report(answer)
    outcomes = await db(lambda: dict(AdaptationRecord.objects.values_list("number", "outcome")))()
    assert (outcomes[1], outcomes[offer.id]) == ("", "taken")
    assert len(outcomes) == 2 + len([m for m in sent if m.type == "adaptation"])
    assert live.belief.state.pacing.open == {}
    assert live.belief.state.pacing.next_id > max(outcomes)
    await live.stop()
