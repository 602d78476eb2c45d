"""The forward filter: its drift is exact, evidence is bounded, what is missing says nothing."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tutor_emotion.core import fusion
from tutor_emotion.core.config import EngineConfig, FusionConfig
from tutor_emotion.core.types import MODALITIES, STATES, Estimate, Modality

CONFIG = EngineConfig()
PRIOR = np.array(CONFIG.fusion.prior)
Five = tuple[float, float, float, float, float]


def estimate(
    modality: Modality, at_s: float, p: Five | None, quality: float = 1.0, hop_s: float = 1.0
) -> Estimate:
    window_s = 20.0 if modality == "face" else None
    return Estimate(modality, at_s, p, quality, window_s, hop_s, 5, "test/1")


# --- it works ------------------------------------------------------------------------------------


def test_the_prior_is_stationary() -> None:
    assert np.abs(PRIOR @ fusion.transition(CONFIG.fusion, 1.0) - PRIOR).max() < 1e-14


def test_twenty_seconds_are_twenty_times_one() -> None:
    once = fusion.transition(CONFIG.fusion, 1.0)
    assert (
        np.abs(np.linalg.matrix_power(once, 20) - fusion.transition(CONFIG.fusion, 20.0)).max()
        < 1e-13
    )


@given(st.floats(0, 300), st.floats(0, 300))
def test_rows_are_distributions_and_times_add_up(a: float, b: float) -> None:
    p, q = fusion.transition(CONFIG.fusion, a), fusion.transition(CONFIG.fusion, b)
    assert (p >= 0).all()
    assert np.allclose(p.sum(axis=1), 1, atol=1e-12)
    if a + b <= 300:
        assert np.allclose(p @ q, fusion.transition(CONFIG.fusion, a + b), atol=1e-12)


def test_the_generator_has_the_dwell_times_and_rates_of_the_specification() -> None:
    rates = fusion.generator(CONFIG.fusion)
    assert np.allclose(-1 / rates.diagonal(), CONFIG.fusion.dwell_s, rtol=1e-9)
    off = ~np.eye(5, dtype=bool)
    # The specification prints six digits; balancing changes the last of them.
    assert np.abs(rates - np.array(CONFIG.fusion.jumps))[off].max() < 1.5e-6
    diagonal = fusion.transition(CONFIG.fusion, 20.0).diagonal()
    assert np.allclose(diagonal, [0.865, 0.724, 0.646, 0.876, 0.657], atol=5e-4)


def test_a_site_with_other_base_rates_has_them_stationary_too() -> None:
    site = FusionConfig(prior=(0.45, 0.2, 0.1, 0.1, 0.15))
    prior = np.array(site.prior)
    assert np.abs(prior @ fusion.transition(site, 7.0) - prior).max() < 1e-12


# Results of the specification's own reference program (numpy, an independent implementation), run
# on the same Estimates; its generator is printed to six digits, so it agrees to about 1e-4.
STEADY: Five = (0.30, 0.40, 0.12, 0.05, 0.13)
STRONG: Five = (0.08, 0.60, 0.22, 0.02, 0.08)
MISSES: dict[int, Five] = {
    40: (0.44, 0.23, 0.09, 0.06, 0.18),
    75: (0.32, 0.32, 0.16, 0.06, 0.14),
    110: (0.22, 0.38, 0.24, 0.06, 0.10),
}
REFERENCE = {
    "both": {
        20: (0.434604, 0.237306, 0.093521, 0.063633, 0.170936, 0.871328, 0.284241),
        50: (0.257030, 0.372801, 0.157348, 0.062889, 0.149932, 0.911189, 0.665332),
        85: (0.148305, 0.460504, 0.258253, 0.041883, 0.091055, 0.833109, 0.990198),
        128: (0.149973, 0.479889, 0.256624, 0.029735, 0.083780, 0.806613, 1.198422),
        299: (0.346611, 0.287861, 0.135623, 0.071027, 0.158879, 0.917586, 0.535876),
    },
    "misses": {
        20: (0.580004, 0.129999, 0.050003, 0.059997, 0.179997, 0.750834, 0.0),
        50: (0.462144, 0.213110, 0.084661, 0.060383, 0.179702, 0.853192, 0.215616),
        85: (0.289434, 0.343336, 0.178815, 0.054044, 0.134372, 0.907835, 0.504349),
        128: (0.220396, 0.418446, 0.209583, 0.044381, 0.107194, 0.871725, 0.707789),
        299: (0.560270, 0.143187, 0.058338, 0.058713, 0.179491, 0.772573, 0.040942),
    },
    "face": {
        20: (0.349085, 0.256299, 0.101854, 0.064984, 0.227777, 0.909379, 0.492094),
        50: (0.349104, 0.245136, 0.102437, 0.061623, 0.241699, 0.907395, 0.525984),
        85: (0.351595, 0.236406, 0.102039, 0.059031, 0.250928, 0.904244, 0.549073),
        128: (0.354753, 0.230006, 0.101149, 0.057107, 0.256985, 0.900987, 0.563987),
        299: (0.360938, 0.228821, 0.101864, 0.055977, 0.252400, 0.898955, 0.565536),
    },
}


@pytest.mark.parametrize("case", ["both", "misses", "face"])
def test_it_agrees_with_the_independent_reference(case: str) -> None:
    state = fusion.start(CONFIG)
    seen = {"both": STEADY, "face": STRONG}.get(case)
    for second in range(300):
        state = fusion.predict(state, float(second), CONFIG)
        if seen is not None:
            state = fusion.update(state, estimate("face", second, seen, 0.8), CONFIG)
        if case != "face" and second in MISSES:
            state = fusion.update(state, estimate("interaction", second, MISSES[second]), CONFIG)
        if second in REFERENCE[case]:
            belief = fusion.belief(state, CONFIG)
            found = (*belief.probabilities, belief.entropy, belief.evidence_nats)
            assert np.allclose(found, REFERENCE[case][second], atol=1e-4), second


# --- its edges -----------------------------------------------------------------------------------

numbers = st.floats(0, 1)
estimates = st.builds(
    estimate,
    st.sampled_from(MODALITIES),
    st.floats(0, 600),
    st.none() | st.tuples(*[st.floats(1e-9, 1)] * 5),
    numbers,
    st.floats(0, 30),
)


@given(st.lists(st.tuples(st.floats(0, 60), estimates), max_size=40))
@settings(deadline=None)
def test_what_a_modality_holds_never_passes_its_budget(
    story: list[tuple[float, Estimate]],
) -> None:
    state, now_s = fusion.start(CONFIG), 0.0
    for wait_s, item in story:
        now_s += wait_s
        state = fusion.update(fusion.predict(state, now_s, CONFIG), item, CONFIG)
        assert abs(sum(state.p) - 1) < 1e-9
        assert min(state.p) >= 0
        for modality, held in state.held.items():
            assert max(map(abs, held)) <= CONFIG.fusion.budget_nats.of(modality) + 1e-12


@given(st.sampled_from(MODALITIES), st.tuples(*[st.floats(1e-9, 1)] * 5))
def test_one_vote_never_passes_its_cap(modality: Modality, p: Five) -> None:
    state = fusion.update(fusion.start(CONFIG), estimate(modality, 1, p, hop_s=99), CONFIG)
    cap = CONFIG.fusion.cap_nats.of(modality)
    assert max(map(abs, state.held.get(modality, (0.0,)))) <= cap + 1e-12


def test_overlapping_windows_vote_once_however_often_they_come() -> None:
    slow = fast = fusion.start(CONFIG)
    for second in range(1, 21):
        slow = fusion.update(slow, estimate("face", second, STRONG), CONFIG)
        for part in range(10):
            fast = fusion.update(
                fast, estimate("face", second - 1 + (part + 1) / 10, STRONG), CONFIG
            )
    assert np.allclose(slow.held["face"], fast.held["face"], atol=0.05)
    again = fusion.update(slow, estimate("face", 20, STRONG), CONFIG)
    assert again is slow


@given(st.sampled_from(MODALITIES), st.floats(1, 250))
def test_a_missing_modality_moves_nothing_but_the_drift(modality: Modality, wait_s: float) -> None:
    before = fusion.update(fusion.start(CONFIG), estimate("text", 0, STRONG), CONFIG)
    drifted = fusion.predict(before, wait_s, CONFIG)
    nothing = fusion.update(drifted, estimate(modality, wait_s, None), CONFIG)
    poor = fusion.update(drifted, estimate(modality, wait_s, STRONG, quality=0.0), CONFIG)
    assert nothing == poor == drifted


def test_after_five_silent_minutes_the_belief_is_the_prior_again() -> None:
    state = fusion.update(fusion.start(CONFIG), estimate("self_report", 0, STRONG), CONFIG)
    assert fusion.belief(state, CONFIG).struggle > 0.5
    state = fusion.predict(state, 301.0, CONFIG)
    assert state.p == CONFIG.fusion.prior
    assert not state.held
    assert fusion.belief(state, CONFIG).abstain


def test_coverage_is_the_share_of_the_last_minute_that_anything_spoke_for() -> None:
    state = fusion.start(CONFIG)
    for second in range(1, 31):
        state = fusion.predict(state, float(second), CONFIG)
        state = fusion.update(state, estimate("face", second, STEADY), CONFIG)
    assert fusion.belief(state, CONFIG).coverage == 1.0
    state = fusion.predict(state, 60.0, CONFIG)
    assert fusion.belief(state, CONFIG).coverage == pytest.approx(0.5, abs=0.02)
    assert fusion.belief(fusion.predict(state, 200.0, CONFIG), CONFIG).coverage == 0


def test_given_says_which_modality_speaks_for_struggle() -> None:
    state = fusion.update(fusion.start(CONFIG), estimate("voice", 0, STRONG), CONFIG)
    belief = fusion.belief(state, CONFIG)
    assert set(belief.given) == {"voice"}
    assert belief.given["voice"] > 0.5
    assert belief.p("confused") == state.p[STATES.index("confused")]


def test_time_never_runs_backwards() -> None:
    state = fusion.predict(fusion.start(CONFIG), 50.0, CONFIG)
    assert fusion.predict(state, 20.0, CONFIG) is state
    assert fusion.predict(state, float("nan"), CONFIG) is state


def test_a_longer_dwell_keeps_a_belief_longer() -> None:
    long = EngineConfig(fusion=replace(FusionConfig(), dwell_s=(240.0, 120.0, 90.0, 300.0, 90.0)))
    left = []
    for config in (CONFIG, long):
        state = fusion.update(fusion.start(config), estimate("text", 0, STRONG), config)
        left.append(fusion.belief(fusion.predict(state, 60.0, config), config).struggle)
    assert left[0] < left[1]
