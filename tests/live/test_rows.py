"""A teacher's row: the work's facts, and not who allowed a camera."""

from __future__ import annotations

from dataclasses import replace

from tutor_emotion.core import engine
from tutor_emotion.core.config import EngineConfig
from tutor_emotion.core.types import AffectSignal, Evidence
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
