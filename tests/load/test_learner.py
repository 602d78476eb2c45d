"""A simulated learner against a site whose truth is known: it measures it, and says what failed."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from tests import media_files
from tests.load.fake_site import NAME, PASSWORD, Behaviour, FakeSite, serving
from tutor_emotion import protocol as p
from tutor_emotion.simulate.clips import Clip, sound_clip, video_clip
from tutor_emotion.simulate.crowd import run_crowd, run_steps
from tutor_emotion.simulate.learner import Person, Plan
from tutor_emotion.simulate.measure import Measure, result
from tutor_emotion.simulate.script import parse_script

MIA = Person(NAME, PASSWORD)
NOTHING = Plan(url="", page="/lesson/", seconds=0.5)


@pytest.fixture(scope="module")
def face() -> Clip:
    return video_clip(media_files.video("face", seconds=4))


@pytest.fixture(scope="module")
def voice() -> Clip:
    return sound_clip(media_files.speech_wav(4.0))


async def visit(
    plan: Plan, behaviour: Behaviour, *, people: int = 1, person: Person = MIA
) -> tuple[dict[str, Any], FakeSite, list[Measure]]:
    async with serving(behaviour) as (site, url):
        measures = [Measure(f"{person.name}-{n}") for n in range(people)]
        await run_crowd(replace(plan, url=url), [person] * people, measures, asyncio.Event())
    return result(measures), site, measures


# --- it works -------------------------------------------------------------------------------------


async def test_a_learner_connects_sends_both_and_counts_what_became_of_it(
    face: Clip, voice: Clip
) -> None:
    summary = {"signals": [{"kind": "bored", "edge": "raised", "at_s": 2.0}]}
    plan = replace(NOTHING, seconds=3.0, video=face, sound=voice)
    whole, site, _ = await visit(plan, Behaviour(summary=summary))
    assert (whole["connected"], whole["lost"], whole["errors"]) == (1, 0, [])
    assert 0.2 < whole["connect_seconds"] < 5
    assert site.seen.offers[0].modalities == ["face", "voice"]
    assert 4 <= whole["estimates"] <= 7  # every fifth frame of ten a second
    assert whole["windows"] == {
        "face": {"ok": whole["estimates"]},
        "voice": {"silent": whole["estimates"]},
    }
    assert whole["signals"] == summary["signals"]
    assert 100 < site.seen.sounds < 200  # fifty packets a second
    assert {size for _, _, size in site.seen.frames} == {(320, 240)}
    assert site.seen.open_sockets == 0


async def test_the_delay_is_right_though_the_servers_clock_is_wrong(face: Clip) -> None:
    plan = replace(NOTHING, seconds=3.0, video=face)
    quick, _, _ = await visit(plan, Behaviour(clock_ahead_s=1000.0))
    slow, _, _ = await visit(plan, Behaviour(clock_ahead_s=-1000.0, thinking_s=2.0))
    # aiortc gives a frame when the next one's first packet comes: a tenth of a second later.
    assert 90 < quick["latency_ms"]["p50"] < 900
    assert 2090 < slow["latency_ms"]["p50"] < 2900


async def test_the_receivers_first_frame_is_our_first_frame(tmp_path: Path) -> None:
    """Each frame is as bright as its number: what arrives at media time t is frame 10 t."""
    plan = replace(NOTHING, seconds=3.0, video=video_clip(_staircase(tmp_path / "steps.mkv", 60)))
    _, site, _ = await visit(plan, Behaviour())
    seen = [(round(media_s * 10), luma) for media_s, luma, _ in site.seen.frames]
    assert len(seen) > 20
    assert [number for number, _ in seen] == list(range(len(seen)))
    bottom = seen[0][1]
    assert all(abs(luma - bottom - 3 * number) < 3 for number, luma in seen)


async def test_without_media_there_is_no_offer_and_the_script_is_played() -> None:
    script = parse_script(
        '{"after_s": 0.1, "type": "step_shown", "step": "s1", "skill": "halves"}\n'
        '{"after_s": 0.3, "type": "answer", "step": "s1", "skill": "halves", '
        '"correct": false, "took_s": 4}\n'
        '{"after_s": 60, "type": "idle", "idle_s": 30}\n',
        "script",
    )
    whole, site, _ = await visit(replace(NOTHING, seconds=0.8, script=script), Behaviour())
    assert whole["connected"] == 1
    assert whole["latency_ms"] == {"p50": None, "p95": None}
    assert not site.seen.offers
    assert [type(m) for _, m in site.seen.events] == [p.StepShownMessage, p.AnswerMessage]
    assert site.seen.events[1][0] - site.seen.events[0][0] == pytest.approx(0.2, abs=0.15)
    assert site.seen.consents == [
        {"face": False, "voice": False, "text": True, "interaction": True, "self_report": True}
    ]


@pytest.mark.parametrize(("reply", "choice"), [("taken", "hint"), ("dismissed", None)])
async def test_an_offer_is_answered_as_asked(reply: Any, choice: str | None) -> None:
    offer = p.AdaptationMessage(
        id=3, kind="hint", mode="offer", message="offer.hint", choices=["hint", "worked_step"],
        pace=0, expires_in_s=60, evidence=[],
        effects=p.PaceEffects(segment=1.0, wait=1.0, examples=1, review=4),
    )  # fmt: skip
    plan = replace(NOTHING, seconds=3.0, offers=reply)
    whole, site, _ = await visit(plan, Behaviour(adaptation=offer))
    assert [m for _, m in site.seen.events] == [
        p.OutcomeMessage(adaptation=3, outcome=reply, choice=choice)
    ]
    assert whole["adaptations"] == []  # the session's own record stands, and it has none


async def test_several_share_one_encoded_file_and_are_told_apart(face: Clip) -> None:
    plan = replace(NOTHING, seconds=2.0, video=face)
    whole, _, measures = await visit(plan, Behaviour(), people=3)
    assert (whole["connected"], whole["lost"]) == (3, 0)
    assert [row["learner"] for row in whole["learners"]] == ["mia-0", "mia-1", "mia-2"]
    assert whole["estimates"] == sum(m.estimates for m in measures)
    assert all(m.estimates >= 3 for m in measures)
    assert whole["connect_seconds"] == max(r["connect_seconds"] for r in whole["learners"])


async def test_a_climb_ends_at_the_step_that_is_too_slow(face: Clip) -> None:
    async with serving(Behaviour()) as (site, url):
        plan = replace(NOTHING, url=url, seconds=1.5, video=face)
        rows = await run_steps(plan, [MIA] * 3, [1, 2, 3], 1500, asyncio.Event())
        assert [(row["count"], row["passed"]) for row in rows] == [(1, True), (2, True), (3, True)]
        assert all(0 < row["sender_cpu"] < 2 for row in rows)
        site.behaviour.thinking_s = 5.0
        rows = await run_steps(plan, [MIA] * 3, [1, 2, 3], 1500, asyncio.Event())
        assert [(row["count"], row["passed"]) for row in rows] == [(1, False)]


# --- its edges ------------------------------------------------------------------------------------


async def test_stop_ends_all_early_and_keeps_what_was_measured(face: Clip) -> None:
    async with serving(Behaviour()) as (site, url):
        stop = asyncio.Event()
        plan = replace(NOTHING, url=url, seconds=600.0, video=face)
        measures = [Measure("a"), Measure("b")]
        running = asyncio.create_task(run_crowd(plan, [MIA, MIA], measures, stop))
        while sum(m.estimates for m in measures) < 4:
            await asyncio.sleep(0.05)
        asked = time.monotonic()
        stop.set()
        await running
        assert time.monotonic() - asked < 6
        assert all(m.connect_s is not None and not m.lost and m.error is None for m in measures)
        assert site.seen.open_sockets == 0


async def test_a_complaint_of_the_server_is_counted_and_the_lesson_goes_on() -> None:
    say = p.ErrorMessage(code="not_consented", message="text is not in use.")
    whole, _, _ = await visit(replace(NOTHING, seconds=1.0), Behaviour(say=say))
    assert whole["complaints"] == {"not_consented": 1}
    assert (whole["lost"], whole["errors"]) == (0, [])


async def test_a_socket_that_goes_is_a_lost_connection(face: Clip) -> None:
    plan = replace(NOTHING, seconds=30.0, video=face)
    whole, _, measures = await visit(plan, Behaviour(drop_after_s=2.0))
    assert (whole["connected"], whole["lost"], whole["errors"]) == (1, 1, ["connection_lost"])
    assert measures[0].estimates > 0


async def test_only_what_is_permitted_is_consented_to_and_sent(face: Clip, voice: Clip) -> None:
    behaviour = Behaviour(permitted=frozenset({"voice", "interaction"}))
    plan = replace(NOTHING, seconds=1.0, video=face, sound=voice)
    async with serving(behaviour) as (site, url):
        measure = Measure("a")
        # This site says that media is live at the first picture, so sound alone never is.
        stop = asyncio.Event()
        asyncio.get_running_loop().call_later(2.0, stop.set)
        await run_crowd(replace(plan, url=url), [MIA], [measure], stop)
    assert site.seen.consents == [{"voice": True, "interaction": True}]
    assert site.seen.offers[0].modalities == ["voice"]
    assert "m=video" not in site.seen.offers[0].sdp


# --- what it refuses, and what it says ------------------------------------------------------------


async def test_a_wrong_password_is_said_plainly() -> None:
    person = Person(NAME, "wrong")
    whole, site, measures = await visit(NOTHING, Behaviour(), person=person)
    assert (whole["connected"], whole["lost"]) == (0, 0)
    assert whole["errors"] == ["sign_in_failed"]
    assert "wrong" not in str(measures[0].error)
    assert not site.seen.consents


async def test_a_page_without_a_lesson_is_said_plainly() -> None:
    whole, _, _ = await visit(replace(NOTHING, page="/plain/"), Behaviour())
    assert whole["errors"] == ["no_lesson"]


async def test_a_modality_that_is_forbidden_and_asked_for_is_an_error(face: Clip) -> None:
    plan = replace(NOTHING, video=face, modalities=frozenset({"face"}))
    whole, site, _ = await visit(plan, Behaviour(permitted=frozenset({"interaction"})))
    assert whole["errors"] == ["not_permitted"]
    assert not site.seen.consents


async def test_a_refused_offer_carries_the_servers_own_code(face: Clip) -> None:
    plan = replace(NOTHING, video=face)
    whole, _, measures = await visit(plan, Behaviour(refuse_offer="forbidden_by_law"))
    assert (whole["connected"], whole["lost"]) == (0, 0)
    assert whole["errors"] == ["forbidden_by_law"]
    assert measures[0].error is not None
    assert measures[0].error.hint == "Ask."


async def test_a_server_that_is_away_is_said_with_a_hint() -> None:
    measure = Measure("a")
    plan = replace(NOTHING, url="http://127.0.0.1:9")
    await run_crowd(plan, [MIA], [measure], asyncio.Event())
    assert measure.error is not None
    assert (measure.error.code, measure.error.retry) == ("no_server", True)
    assert "make run" in measure.error.hint


def _staircase(path: Path, count: int) -> Path:
    """A grey video that gets three levels brighter with each frame."""

    def pictures() -> Iterator[av.VideoFrame]:
        for index in range(count):
            grey = np.full((240, 320, 3), 30 + 3 * index, dtype=np.uint8)
            frame = av.VideoFrame.from_ndarray(grey, format="rgb24")
            frame.pts, frame.time_base = index, Fraction(1, 10)
            yield frame

    with av.open(str(path), "w") as container:
        stream = container.add_stream("ffv1", rate=10)
        stream.width, stream.height, stream.pix_fmt = 320, 240, "yuv420p"
        for frame in pictures():
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path
