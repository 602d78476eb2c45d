"""Recorded sessions with labelled moments: beliefs, alarms, delays; and bad recordings."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.core.management import CommandError

from tests.evaluation.making import evaluated, write_lines
from tutor_emotion.core import replay
from tutor_emotion.core.config import EngineConfig
from tutor_emotion.evaluation.engine import _episodes

REPLAYS = Path(__file__).parents[1] / "core" / "replays"


def labelled(root: Path, name: str, *moments: str) -> Path:
    lines = (REPLAYS / f"{name}.jsonl").read_text().splitlines()
    return write_lines(root / f"{name}.jsonl", [*moments, *lines])


def moment(at_s: float, label: str) -> str:
    return f'{{"at_s": {at_s}, "label": "{label}"}}'


@pytest.fixture
def lessons(tmp_path: Path) -> Path:
    """Stuck from 60 s on and alarmed at 85; and a lesson that goes well."""
    labelled(
        tmp_path,
        "three_misses",
        '{"subject": "s1", "group": "a"}',
        moment(10, "engaged"),
        moment(60, "confused"),
        moment(100, "Frustration"),
    )
    labelled(tmp_path, "good_lesson", '{"subject": "s2", "group": "b"}', moment(30.5, "engaged"))
    return tmp_path


def test_beliefs_alarms_and_delays(lessons: Path) -> None:
    found = evaluated("engine", str(lessons))
    assert found["n"] == 4
    assert found["recordings"] == 2
    assert found["classes"] == ["engaged", "confused", "frustrated"]
    assert found["struggle_auc"] == 1.0
    assert set(found["by_subject"]) == {"s1", "s2"}
    assert set(found["by_group"]) == {"a", "b"}
    assert found["model"]["name"].startswith("states/")
    alarms = found["alarms"]
    assert alarms["struggle_episodes"] == alarms["struggle_episodes_alarmed"] == 1
    assert alarms["delay_s_median"] == 25.0  # the replay's own test has the alarm at 85 s
    assert alarms["alarms_outside_struggle"] == 0
    assert alarms["alarms_per_hour"] == pytest.approx(alarms["alarms"] / alarms["hours"])


def test_the_belief_is_the_one_of_that_time(tmp_path: Path) -> None:
    """The engine's belief at 100.4 s is what it said at 100 s."""
    path = labelled(tmp_path, "three_misses", moment(100.4, "confused"), moment(10, "engaged"))
    steps = list(replay.run((REPLAYS / "three_misses.jsonl").open(), EngineConfig()))
    at_100 = next(s.affect for s in steps if s.affect.at_s == 100.0)
    at_10 = next(s.affect for s in steps if s.affect.at_s == 10.0)
    found = evaluated("engine", str(path))
    right = [at_10.p("engaged") > at_10.p("confused"), at_100.p("confused") > at_100.p("engaged")]
    assert found["per_class"]["engaged"]["recall"] == float(right[0])
    assert found["per_class"]["confused"]["recall"] == float(right[1])


def test_a_label_after_the_end_is_asked_of_the_engine_too(tmp_path: Path) -> None:
    path = labelled(tmp_path, "three_misses", moment(2000, "engaged"))
    found = evaluated("engine", str(path))
    assert found["n"] == 1
    assert found["alarms"]["hours"] >= 2000 / 3600


def test_episodes_reach_to_the_next_other_label() -> None:
    at = [(1.0, "engaged"), (5.0, "confused"), (9.0, "frustrated"), (20.0, "bored")]
    assert _episodes(at, 60.0) == [(5.0, 20.0)]
    assert _episodes([*at, (30.0, "confused")], 60.0) == [(5.0, 20.0), (30.0, 60.0)]
    assert _episodes([], 60.0) == []


# --- what it refuses -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lines", "named"),
    [
        (["{}"], "bad_replay: bad.jsonl: Line 1 has no known type"),
        (['{"at_s": 3}'], "Line 1 has no known type"),
        ([moment(3, "confused"), "{"], "Line 2 is not JSON"),
        (['{"at_s": "3", "label": "confused"}'], "Line 1 is no labelled moment"),
        (['{"at_s": NaN, "label": "confused"}'], "Line 1 is not within a day"),
        (['{"at_s": 3, "label": 4}'], "Line 1 is no labelled moment"),
        (['{"at_s": -3, "label": "confused"}'], "Line 1 is not within a day"),
        (['{"type": "idle", "at_s": 1, "idle_s": 1}'], "no_labels: bad.jsonl"),
        (
            ['{"type": "idle", "at_s": 1, "idle_s": 1}', moment(3, "bored"), moment(3, "bored")],
            "data_repeats: bad.jsonl, rows 2 and 3",
        ),
        (
            ['{"type": "idle", "at_s": 1, "idle_s": 1}', moment(3, "sleepy")],
            "label_unmapped: .*'sleepy' of bad.jsonl, row 2",
        ),
    ],
)
def test_a_bad_recording(lines: list[str], named: str, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=named):
        evaluated("engine", str(write_lines(tmp_path / "bad.jsonl", lines)))


def test_a_bad_recording_among_others_is_left_out(lessons: Path) -> None:
    write_lines(lessons / "bad.jsonl", ["{"])
    found = evaluated("engine", str(lessons))
    assert found["n"] == 4
    assert [(one["file"], one["code"]) for one in found["skipped"]] == [("bad.jsonl", "bad_replay")]


def test_a_folder_without_recordings(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="data_empty"):
        evaluated("engine", str(tmp_path))
    with pytest.raises(CommandError, match="data_missing"):
        evaluated("engine", str(tmp_path / "none"))
