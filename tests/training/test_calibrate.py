"""The states model is refitted on labels: synthetic learners know the truth that it must find."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tutor_emotion.core import engine
from tutor_emotion.core.config import EngineConfig, FusionConfig
from tutor_emotion.core.regressors import regressors
from tutor_emotion.core.states import PRIOR, StatesModel, states_from_config, write_states
from tutor_emotion.core.types import STATES, Answer, Reading, TextMessage
from tutor_emotion.errors import BadInput
from tutor_emotion.evaluation.metrics import binary_auc
from tutor_emotion.nets import registry
from tutor_emotion.training import (
    calibrate,
    calibration_report,
    held_out,
    labelled,
    recovery,
    refit,
    synthetic,
)
from tutor_emotion.training.synthetic import World

PI = np.array(FusionConfig().prior)
LINE: dict[str, Any] = {
    "learner": "a1",
    "session": "s1",
    "at_s": 812.0,
    "source": "self_report",
    "label": "confused",
    "model": {"face": "compact/1"},
    "features": {"face": {"brow_lowered:z": 1.4}, "interaction": {}},
    "quality": {"face": 0.8},
}


@pytest.fixture(scope="module")
def school() -> tuple[list[labelled.Moment], StatesModel]:
    """60 learners; the face is worth AUC .65, the voice nothing."""
    true = recovery.worth_that_much(0.65, 1000, useless=("voice",))
    return synthetic.learners(60, true, World(), 0), true


@pytest.fixture(scope="module")
def small_class() -> list[labelled.Moment]:
    """20 learners whose face says a lot, and whose voice nothing."""
    strength: dict[Any, float] = {"face": 4.0, "voice": 1.0}
    return recovery.learners(20, 1, World(), strength, ("voice",))[0]


# --- a refit finds the truth ----------------------------------------------------------------------


def test_synthetic_learners_have_the_log_ratios_that_the_truth_says() -> None:
    """Nothing but the true weights tells the states apart: a free fit of many finds them."""
    true = synthetic.truth(np.random.default_rng(3), strength={"face": 1.6})
    world = World(stays=0.0, lingers_s=1.0, present={"face": 1.0})
    found = recovery.recovered(synthetic.learners(100, true, world, 4), true, "face")
    assert found.correlation > 0.97
    assert found.slope == pytest.approx(1.0, abs=0.12)


def test_the_error_shrinks_with_the_number_of_learners() -> None:
    everyone, true = recovery.learners(120, 5, World(), {"face": 1.6}, ())
    few = [m for m in everyone if m.learner < "learner-0015"]
    small, large = (recovery.recovered(some, true, "face") for some in (few, everyone))
    assert large.error < small.error < large.prior_error
    assert large.correlation > 0.9


def test_what_is_useful_stays_on_and_what_is_noise_goes_off(
    school: tuple[list[labelled.Moment], StatesModel],
) -> None:
    found = calibrate.calibrate(school[0], "7", folds=3, weight_draws=5)
    face, voice = found.model.rule("face"), found.model.rule("voice")
    assert face.on
    assert face.auc_low is not None
    assert face.auc_low >= 0.55
    assert not voice.on
    assert voice.auc_low is not None
    assert voice.auc_low < 0.55
    for untouched in ("self_report", "text", "interaction"):
        assert found.model.of(untouched) == PRIOR.of(untouched)  # type: ignore[arg-type]
    assert set(found.unjudged) == {"text", "interaction"}


def test_a_refit_is_nearer_to_the_truth_than_the_prior(
    school: tuple[list[labelled.Moment], StatesModel],
) -> None:
    found = recovery.recovered(school[0], school[1], "face")
    assert found.error < found.prior_error


def test_a_random_split_would_have_flattered() -> None:
    """Noise, but learners differ, and keep what their faces are like: that is no knowledge."""
    gaps = []
    for seed in range(2):
        world = World(stays=0.7, temper=1.5)
        moments, true = recovery.learners(12, seed + 500, world, {"voice": 1.0}, ("voice",))
        found = recovery.worth(moments, true, "voice", seed=seed, random_split=True)
        assert found.true == 0.5
        assert found.random_split is not None
        gaps.append(found.random_split - found.auc)
    assert np.mean(gaps) > 0.05


def test_taps_that_leave_two_states_open_are_enough() -> None:
    """*Fine* tells engaged from neutral as little as nothing, and need not."""
    true = synthetic.truth(np.random.default_rng(3), strength={"face": 1.6})
    moments = synthetic.learners(100, true, World(taps=True), 4)
    assert {"|".join(sorted(m.label)) for m in moments} == {
        "engaged|neutral", "confused", "confused|frustrated", "bored",
    }  # fmt: skip
    found = recovery.recovered(moments, true, "face")
    assert found.error < found.prior_error
    assert found.correlation > 0.7


def test_labels_more_frequent_than_the_state_do_not_shift_the_weights() -> None:
    """Twice as many reports when confused: the intercept has it, the weights stay."""
    true = synthetic.truth(np.random.default_rng(3), strength={"face": 1.6})
    eager = World(eager={"confused": 6.0})
    found = recovery.recovered(synthetic.learners(80, true, eager, 4), true, "face")
    assert found.slope == pytest.approx(1.0, abs=0.2)
    assert found.correlation > 0.9


# --- the parts ------------------------------------------------------------------------------------


def toy(n: int = 400, seed: int = 0) -> refit.Design:
    """Two measures, five states, learners of ten moments."""
    draw = np.random.default_rng(seed)
    kind = draw.choice(5, n, p=PI).astype(np.intp)
    return refit.Design(
        draw.standard_normal((n, 2)), np.eye(5)[kind], (np.arange(n) // 10).astype(np.intp), kind
    )


def toy_support() -> refit.Support:
    weights = PRIOR.of("face")[:2]
    columns = tuple(refit.feature(w) for w in weights)
    return refit.Support(weights, columns, np.array([1, 2]), np.array([0, 1]))


def test_a_strong_prior_stands_and_a_weak_one_yields() -> None:
    data, on = toy(), toy_support()
    stands = refit.fit(data, on, PI, refit.STRENGTHS[-1]).nats
    assert stands == pytest.approx(on.nats, abs=1e-3)
    yields = refit.fit(toy(20_000), on, PI, 1e-6).nats
    assert yields == pytest.approx([0.0, 0.0], abs=0.1)  # there is nothing in noise


def test_a_refit_is_where_the_likelihood_is_flat() -> None:
    data, on = toy(), toy_support()
    best = refit.fit(data, on, PI, 1e-6)
    top = refit.log_likelihood(data, on, best)
    for i in range(2):
        for step in (-0.05, 0.05):
            off = best.nats.copy()
            off[i] += step
            assert refit.log_likelihood(data, on, refit.Fit(off, best.intercept)) < top


def test_folds_share_no_learner_and_leave_nobody_out() -> None:
    group = np.repeat(np.arange(23), 7).astype(np.intp)
    masks = held_out.folds(group, 5, np.random.default_rng(0))
    assert np.sum(masks, axis=0).tolist() == [1] * len(group)
    for mask in masks:
        assert not set(group[mask]) & set(group[~mask])


def test_the_auc_is_that_of_evaluation_and_its_interval_is_of_learners() -> None:
    draw = np.random.default_rng(0)
    positive = draw.random(300) < 0.3
    score = np.round(draw.standard_normal(300) + positive, 1)  # with ties
    each, pairs = np.arange(300), (np.arange(300) // 30).astype(np.intp)
    found = held_out.auc(score, positive, each.astype(np.intp), draw)
    assert found is not None
    assert found.value == pytest.approx(binary_auc(score, positive))
    assert found.low < found.value < found.high
    shared = held_out.auc(np.repeat(score[:10], 30), np.repeat(positive[:10], 30), pairs, draw)
    assert shared is not None
    assert shared.high - shared.low > found.high - found.low  # ten learners, not 300 moments
    assert held_out.auc(score, np.ones(300, bool), pairs, draw) is None


def test_a_temperature_takes_back_overconfidence() -> None:
    draw = np.random.default_rng(0)
    nats = draw.standard_normal((4000, 5))
    p = refit.served(nats, PI)
    kind = np.array([draw.choice(5, p=row) for row in p], dtype=np.intp)
    data = refit.Design(np.zeros((4000, 0)), np.eye(5)[kind], np.arange(4000), kind)
    assert held_out.temperature(data, nats, PI) == pytest.approx(1.0, abs=0.1)
    assert held_out.temperature(data, 3 * nats, PI) == pytest.approx(3.0, abs=0.3)
    said, struggled = p[:, 1] + p[:, 2], data.struggles
    sharp = refit.served(3 * nats, PI)
    weight = np.ones(4000)
    good = held_out.reliability(said, struggled, weight)
    bad = held_out.reliability(sharp[:, 1] + sharp[:, 2], struggled, weight)
    assert good.ece < 0.03 < bad.ece


def test_moments_are_weighed_to_the_prior() -> None:
    kind = np.array([0] * 10 + [1] * 80 + [4] * 10, dtype=np.intp)
    data = refit.Design(np.zeros((100, 0)), np.eye(5)[kind], np.arange(100), kind)
    weight = held_out.to_prior(data, PI)
    shares = [weight[kind == s].sum() / weight.sum() for s in (0, 1, 4)]
    assert shares == pytest.approx(PI[[0, 1, 4]] / PI[[0, 1, 4]].sum())


def test_regressors_are_what_the_weights_multiplied() -> None:
    """The real engine: face, voice, work and words; times the weights they are the evidence."""
    face = {"browDownLeft": 0.7, "browDownRight": 0.7, "mouthPressLeft": 0.4, "gaze_away": 0.5}
    voice = {"pause_ratio": 0.6, "rate_hz": 1.5, "f0_iqr_st": 9.0, "duration_s": 4.0,
             "voiced_s": 2.0}  # fmt: skip
    config = EngineConfig()
    state, seen = engine.start(config), []
    for s in range(1, 40):
        inputs: list[Any] = [Reading("face", s - 1, s, face, 0.9, 5, "compact/1")]
        if s % 10 == 0:
            inputs += [
                Reading("voice", s - 4.0, float(s), voice, 0.9, 1, "compact/1"),
                Answer(float(s), "s1", "halves", False, 20.0, str(s)),
                TextMessage(float(s), "I don't get it"),
            ]
        step = engine.step(state, inputs, float(s), config)
        state = step.state
        seen += step.estimates
    assert {e.modality for e in seen if e.evidence} == {"face", "voice", "interaction", "text"}
    for given in seen:
        x = regressors(given, PRIOR)
        for name in STATES:
            nats = sum(
                w.nats * x.get(refit.feature(w), 0.0)
                for w in PRIOR.of(given.modality)
                if w.state == name
            )
            spoken = sum(e.nats for e in given.evidence if e.state == name)
            assert nats == pytest.approx(spoken, abs=1e-9)
    misses = [regressors(e, PRIOR) for e in seen if e.modality == "interaction"]
    assert [next(k for k in x if "miss" in k) for x in misses] == [
        "first_miss:present", "second_miss:present", "third_miss:present",
    ]  # fmt: skip


# --- the command ----------------------------------------------------------------------------------


def test_the_command_makes_a_model_that_the_registry_takes(
    tmp_path: Path,
    small_class: list[labelled.Moment],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(calibrate, "WEIGHT_DRAWS", 3)  # the interval is not what this is about
    labels = tmp_path / "labelled.jsonl"
    labelled.write(small_class, labels)
    own = tmp_path / "weights" / "own"
    folder = calibrate.run(labels, own, folds=2)
    assert folder.name == "states-1"
    model = registry.activate(tmp_path / "weights", "states/1")
    states = states_from_config(model.config.model_dump())
    assert states.rule("face").on
    assert not states.rule("voice").on
    assert states.of("face") != PRIOR.of("face")
    card = (folder / "CARD.md").read_text(encoding="utf-8")
    assert "**voice** is switched off" in card
    assert "stays as the prior has it" in card
    for picture in ("reliability.png", "weights.png"):
        assert (folder / picture).read_bytes().startswith(b"\x89PNG")
    assert set(model.config.metrics) == {"face", "voice"}
    assert list(model.config.trained.data) == ["labelled.jsonl"]
    assert calibration_report.next_version(own) == "2"


def test_another_prior_says_which_weights_there_are(
    tmp_path: Path, small_class: list[labelled.Moment]
) -> None:
    few = StatesModel("few", PRIOR.of("face")[:4])
    path = tmp_path / "few.toml"
    path.write_text(write_states(few))
    labels = tmp_path / "labelled.jsonl"
    labelled.write(small_class, labels)
    folder = calibrate.run(labels, tmp_path, prior=path, folds=2)
    found = states_from_config(json.loads((folder / "config.json").read_text()))
    assert [(w.state, w.measure) for w in found.weights] == [
        (w.state, w.measure) for w in few.weights
    ]


def test_the_order_of_the_lines_does_not_matter(small_class: list[labelled.Moment]) -> None:
    only_face = StatesModel("face", PRIOR.of("face")[:4])
    one, other = (
        calibrate.calibrate(rows, "1", prior=only_face, folds=2, weight_draws=2)
        for rows in (small_class, small_class[::-1])
    )
    assert one.model == other.model


# --- what it refuses ------------------------------------------------------------------------------


def test_too_few_labels_say_how_many_are_needed() -> None:
    true = synthetic.truth(np.random.default_rng(3), strength={"face": 1.6})
    with pytest.raises(BadInput, match="3 of 12 learners") as refused:
        calibrate.calibrate(synthetic.learners(3, true, World(), 0), "1")
    assert refused.value.code == "too_few_labels"


def test_labels_of_one_side_only_are_too_few(
    school: tuple[list[labelled.Moment], StatesModel],
) -> None:
    fine = [m for m in school[0] if not m.struggles]
    with pytest.raises(BadInput, match="0 of 20 moments of struggle"):
        calibrate.calibrate(fine, "1")


def lines(tmp_path: Path, *rows: Any) -> Path:
    path = tmp_path / "labelled.jsonl"
    path.write_text("".join((r if isinstance(r, str) else json.dumps(r)) + "\n" for r in rows))
    return path


def test_a_file_comes_back_as_it_was_written(tmp_path: Path) -> None:
    (moment,) = labelled.read(lines(tmp_path, LINE))
    assert moment.label == {"confused"}
    assert moment.features["face"] == {"brow_lowered:z": 1.4}
    assert moment.features["interaction"] == {}  # there, with nothing to say
    labelled.write([moment], tmp_path / "again.jsonl")
    assert labelled.read(tmp_path / "again.jsonl") == (moment,)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"learner": "ada@example.org"}, "no pseudonym as learner"),
        ({"learner": None}, "no pseudonym as learner"),
        ({"session": ""}, "no pseudonym as session"),
        ({"at_s": -1}, "no at_s"),
        ({"at_s": True}, "no at_s"),
        ({"source": "parent"}, "no source"),
        ({"label": "angry"}, "a bad label"),
        ({"label": "confused|bored"}, "does not join struggle"),
        ({"features": {"smell": {}}}, "no modality"),
        ({"features": {"face": [1.0]}}, "no mapping of features for face"),
        ({"features": {"face": {"brow_lowered": 1.0}}}, "names no measure:form"),
        ({"features": {"face": {"brow_lowered:z": "high"}}}, "no sane number"),
        ({"features": {"face": {"brow_lowered:z": 1e9}}}, "no sane number"),
        ({"quality": {"face": 1.5}}, "no quality of 0 to 1"),
        ({"model": {"face": 1}}, "no mapping of versions"),
        ({"name": "Ada"}, "a field that is not known"),
    ],
)
def test_a_bad_line_is_named(tmp_path: Path, change: dict[str, Any], says: str) -> None:
    path = lines(tmp_path, LINE, {**LINE, "at_s": 9.0, **change})
    with pytest.raises(BadInput, match=says) as refused:
        labelled.read(path)
    assert refused.value.code == "bad_labels"
    assert "labelled.jsonl, line 2" in refused.value.message


@pytest.mark.parametrize("line", ["{", "[]", "nonsense", '{"at_s": ' + "[" * 3000])
def test_what_is_no_json_object_is_named(tmp_path: Path, line: str) -> None:
    with pytest.raises(BadInput, match="line 2 is no JSON object"):
        labelled.read(lines(tmp_path, LINE, line))


def test_nan_is_no_number(tmp_path: Path) -> None:
    line = json.dumps(LINE).replace("1.4", "NaN")
    with pytest.raises(BadInput, match="line 1 has no sane number"):
        labelled.read(lines(tmp_path, line))


def test_a_moment_that_is_there_twice_is_an_error(tmp_path: Path) -> None:
    other = {**LINE, "at_s": 13.0}
    with pytest.raises(BadInput, match="line 3 repeats line 1"):
        labelled.read(lines(tmp_path, LINE, other, {**LINE, "label": "bored"}))


def test_a_session_has_one_learner(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="line 2 gives a session to a second learner"):
        labelled.read(lines(tmp_path, LINE, {**LINE, "learner": "a2"}))


def test_a_line_has_a_limit_and_a_file_a_line(tmp_path: Path) -> None:
    long = {**LINE, "model": {"face": "x" * 40_000}}
    with pytest.raises(BadInput, match="line 1 is longer than"):
        labelled.read(lines(tmp_path, long))
    with pytest.raises(BadInput, match="holds no labelled moment"):
        labelled.read(lines(tmp_path))
    with pytest.raises(BadInput, match="cannot be read"):
        labelled.read(tmp_path / "nowhere.jsonl")
