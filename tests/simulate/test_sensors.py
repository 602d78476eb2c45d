"""Camera and microphone of the school are as good as the literature's, and their errors linger."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from tests.simulate.making import school
from tutor_emotion.core.types import STATES, Estimate
from tutor_emotion.simulate.school.figures import SHIPPED
from tutor_emotion.simulate.school.judging import BINS
from tutor_emotion.simulate.school.results import auc
from tutor_emotion.simulate.school.sensors import FaceSensor, VoiceSensor

SENSING = SHIPPED.sensing
LEARNERS, TAKES = 120, 2
BOSCH_2015 = (0.679, 0.649, 0.631, 0.610)
VOICE = (0.65, 0.70, 0.70, 0.60)


def watched(make: Callable[[np.random.Generator, int], Any]) -> tuple[np.ndarray, np.ndarray]:
    """Probabilities (n, 5) and true states (n,) over the hidden states of a whole school."""
    p, truth = [], []
    for n, lived in enumerate(school("none", LEARNERS) * TAKES):
        sensor = make(np.random.default_rng([1, n]), len(lived.states))
        for second, state in enumerate(lived.states, 1):
            given: Estimate | None = sensor.second(second, state)
            if given is not None and (given.modality == "voice" or second % 10 == 0):
                p.append(given.probabilities)
                truth.append(state)
    return np.array(p), np.array(truth)


def auc_of(p: np.ndarray, truth: np.ndarray) -> float:
    bins = np.minimum((p * BINS).astype(int), BINS - 1)
    counts = np.array([np.bincount(bins[truth == yes], minlength=BINS) for yes in (False, True)])
    found = auc(counts)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("name", "make", "aucs", "within"),
    [
        ("face", lambda rng, s: FaceSensor(rng, s, SENSING), BOSCH_2015, 0.04),
        ("better", lambda rng, s: FaceSensor(rng, s, SENSING, better=True), (0.75,) * 4, 0.04),
        ("voice", lambda rng, s: VoiceSensor(rng, s, SENSING), VOICE, 0.05),
    ],
)
def test_a_sensor_tells_states_apart_as_well_as_the_literature_and_no_better(
    name: str, make: Any, aucs: tuple[float, ...], within: float
) -> None:
    p, truth = watched(make)
    for state, expected in enumerate(aucs):
        found = auc_of(p[:, state], truth == state)
        assert found == pytest.approx(expected, abs=within), f"{name} {STATES[state]}"
    struggle, struggles = p[:, 1] + p[:, 2], np.isin(truth, (1, 2))
    edges = np.digitize(struggle, np.quantile(struggle, (0.25, 0.5, 0.75)))
    for part in range(4):  # and means what it says
        said, so = struggle[edges == part].mean(), struggles[edges == part].mean()
        assert said == pytest.approx(so, abs=0.06)


def test_a_face_is_in_sight_for_as_much_of_the_time_as_bosch_found() -> None:
    looked = []
    for n in range(150):
        sensor = FaceSensor(np.random.default_rng(n), 3600, SENSING)
        looked += [sensor.second(second, 0) is not None for second in range(2, 3601, 2)]
    assert np.mean(looked) == pytest.approx(0.65, abs=0.04)


def test_the_error_of_a_face_stays_for_a_minute_and_longer() -> None:
    """A minute of face is not sixty witnesses: neighbours agree far beyond chance."""
    series = []
    for n in range(120):
        sensor = FaceSensor(np.random.default_rng(n), 1800, SENSING)
        row = [sensor.second(second, 4) for second in range(1, 1801)]
        series.append([g.probabilities[1] if g and g.probabilities else np.nan for g in row[1::2]])
    values = np.array(series)
    for lag_s, least in ((20, 0.5), (60, 0.35)):
        a, b = values[:, : -lag_s // 2].ravel(), values[:, lag_s // 2 :].ravel()
        both = ~(np.isnan(a) | np.isnan(b))
        assert np.corrcoef(a[both], b[both])[0, 1] > least


def test_a_voice_speaks_only_now_and_then() -> None:
    said = [
        sum(sensor.second(second, 0) is not None for second in range(1, 3601))
        for sensor in (VoiceSensor(np.random.default_rng(n), 3600, SENSING) for n in range(200))
    ]
    assert np.mean(said) == pytest.approx(SENSING.utterances_h, rel=0.2)
    assert min(said) < 5
