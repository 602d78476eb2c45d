"""A teacher's row: the work's facts, and not who allowed a camera."""

from __future__ import annotations

from dataclasses import replace

from tutor_emotion.core import engine
from tutor_emotion.core.config import EngineConfig
from tutor_emotion.core.types import AffectSignal, Answer, Evidence, StepShown
from tutor_emotion.live import rows

STORY = rows.Story("00000000-0000-0000-0000-000000000000", "Ada")
FACE = Evidence("face", "brow_lowered", 0.6, "share", "confused", 0.5, 60.0)
TAP = Evidence("self_report", "said_stuck", 1.0, "taps", "confused", 2.5, 60.0)


def reasons(*evidence: Evidence, misses: int = 0) -> list[str]:
    config = EngineConfig()
    standing = engine.summary(engine.start(config), config)
    signal = AffectSignal("struggle.suspect", "raised", 60.0, 50.0, 0.6, 1.0, evidence)
    row = rows.row(replace(standing, signals=(signal,), misses_on_step=misses), STORY)
    return [reason.measure for reason in row.reasons]


def test_a_teacher_reads_titles_and_keys_where_there_are_none() -> None:
    config = EngineConfig()
    standing = replace(
        engine.summary(engine.start(config), config),
        step="s1",
        skill="halves",
        misses_on_step=2,
        signals=(
            AffectSignal("wheelspin", "raised", 60.0, 50.0, 1.0, 1.0, (TAP,), skill="halves"),
        ),
    )
    keyed = rows.row(standing, STORY)
    assert (keyed.step, {r.skill for r in keyed.reasons[:2]}) == ("s1", {"halves"})
    titled = rows.row(replace(standing, title="Share a cake", skill_title="Half of it"), STORY)
    assert (titled.step, titled.reasons[0].measure) == ("Share a cake", "without_mastery")
    assert {r.skill for r in titled.reasons[:2]} == {"Half of it"}


def test_facts_come_first_then_what_was_said() -> None:
    assert reasons(TAP, misses=2) == ["misses_on_step", "said_so"]


def test_a_face_does_not_change_what_a_teacher_reads() -> None:
    for others in ((), (TAP,)):
        for misses in (0, 2):
            assert reasons(FACE, *others, misses=misses) == reasons(*others, misses=misses)


def standing(**changes: object) -> engine.Standing:
    config = EngineConfig()
    return replace(engine.summary(engine.start(config), config), **changes)  # type: ignore[arg-type]


def test_the_set_of_lumilo_beside_those_who_struggle() -> None:
    quick = rows.row(standing(at_s=200.0, hurried_s=(80.0, 150.0, 190.0)), STORY)
    assert (quick.need, quick.since_s) == ("rushing", 120.0)
    assert [(r.measure, r.value) for r in quick.reasons] == [("hurried", 3)]
    assert rows.row(standing(hurried_s=(1.0, 2.0)), STORY).need == "fine"
    idle = rows.row(standing(idle_s=150.0, hurried_s=(1.0, 2.0, 3.0), run=6), STORY)
    assert (idle.need, idle.since_s, idle.reasons[0].measure) == ("idle", 150.0, "idle")
    well = rows.row(standing(run=5), STORY)
    assert (well.need, well.reasons[0].value) == ("on_a_roll", 5)
    assert rows.row(standing(run=4), STORY).need == "fine"


def test_misses_without_a_single_hint_are_told() -> None:
    signal = AffectSignal("unresolved", "raised", 60.0, 50.0, 0.6, 1.0, ())
    alone = rows.row(standing(signals=(signal,), misses_on_step=3), STORY)
    assert [r.measure for r in alone.reasons] == ["misses_on_step", "without_help"]
    helped = rows.row(standing(signals=(signal,), misses_on_step=3, hints_on_step=1), STORY)
    assert [r.measure for r in helped.reasons] == ["misses_on_step", "hints_on_step"]


def test_hurried_answers_are_counted_from_the_work_itself() -> None:
    config = EngineConfig()
    state = engine.start(config)
    for number in range(4):
        at_s = 10.0 + number
        shown = StepShown(at_s, f"s{number}", "halves", expected_s=60.0)
        wrong = Answer(at_s + 0.5, f"s{number}", "halves", correct=False, took_s=0.5)
        state = engine.step(state, [shown, wrong], at_s + 0.6, config).state
    summary = engine.summary(state, config)
    assert len(summary.hurried_s) == 3
    later = engine.step(state, [], 400.0, config).state
    assert engine.summary(later, config).hurried_s == ()
