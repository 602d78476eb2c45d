"""The mapping from measures to states: it is read, written, and refused where it cannot be."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tutor_emotion.core.config import EngineConfig
from tutor_emotion.core.measures import FACE_CUES, FACTS, POPULATION, VOICE_UNITS
from tutor_emotion.core.states import (
    PRIOR,
    Rule,
    StatesModel,
    Weight,
    read_states,
    states_from_config,
    states_to_config,
    write_states,
)
from tutor_emotion.core.types import MODALITIES
from tutor_emotion.errors import BadInput
from tutor_emotion.nets.face.expression import EXPRESSIONS


def nats(modality: str, state: str, measure: str) -> float:
    found = [
        w for w in PRIOR.weights if (w.modality, w.state, w.measure) == (modality, state, measure)
    ]
    return found[0].nats if found else 0.0


def test_the_prior_is_that_of_the_specification() -> None:
    assert nats("face", "confused", "brow_lowered") == 0.30
    assert nats("voice", "bored", "rate_hz") == -0.15
    assert nats("interaction", "confused", "third_miss") == pytest.approx(0.55 + 0.45 + 0.45)
    assert nats("text", "frustrated", "says_annoyed") == 1.2
    assert nats("self_report", "bored", "said_bored") == 2.5
    assert {w.modality for w in PRIOR.weights} == set(MODALITIES)


def test_the_nets_words_for_faces_and_voices_weigh_little_and_neutral_nothing() -> None:
    netted = [w for w in PRIOR.weights if w.measure.startswith(("expression_", "voice_"))]
    assert len(netted) == 8
    assert all(0 < abs(w.nats) <= 0.15 for w in netted)
    assert not any("neutral" in w.measure for w in netted)


def test_each_label_of_the_expression_net_is_a_cue_with_a_usual() -> None:
    labels = (*EXPRESSIONS, "anxiety", "helplessness", "disappointment")  # the last three: MAFW's
    names = [f"expression_{label}" for label in labels]
    assert [name for name in FACE_CUES if name.startswith("expression_")] == names
    assert all(POPULATION[name] for name in (*FACE_CUES, *VOICE_UNITS))


# --- there and back ------------------------------------------------------------------------------

_SENSED = st.sampled_from([("face", m) for m in FACE_CUES] + [("voice", m) for m in VOICE_UNITS])
_FACTS = st.sampled_from([(m, f) for m, names in FACTS.items() for f in names])
_states = st.sampled_from(["engaged", "confused", "frustrated", "bored", "neutral"])
_nats = st.floats(-0.5, 0.5)
_weights = st.lists(
    st.builds(
        lambda of, state, form, n: Weight(of[0], state, of[1], form, n),
        _SENSED, _states, st.sampled_from(["z", "above", "beyond"]), _nats,
    )
    | st.builds(lambda of, s, n: Weight(of[0], s, of[1], "present", n), _FACTS, _states, _nats),
    max_size=20,
    unique_by=lambda w: (w.modality, w.state, w.measure, w.form),
)  # fmt: skip
_rules = st.builds(Rule, st.booleans(), st.floats(0.1, 10), st.none() | st.floats(0.55, 1))


@given(_weights, st.fixed_dictionaries(dict.fromkeys(MODALITIES, _rules)))
def test_what_is_written_is_read_as_the_same(weights: list[Weight], rules: Any) -> None:
    ordered = sorted(weights, key=lambda w: MODALITIES.index(w.modality))
    model = StatesModel("site-7", tuple(ordered), rules)
    assert read_states(write_states(model)) == model
    config = json.loads(json.dumps(states_to_config(model)))
    assert states_from_config({"kind": "states", **config}) == model


def test_a_modality_that_is_not_written_has_no_weights_and_is_on() -> None:
    model = read_states('version = "few"\n[voice]\non = false\n')
    assert model.of("face") == ()
    assert model.rule("face") == Rule()
    assert not model.rule("voice").on
    assert model.name == "states/few"


# --- what it refuses -----------------------------------------------------------------------------

_ROW = '{ state = "confused", measure = "smile", form = "z", nats = 0.1 }'


def file(*rows: str, version: str = "x", of: str = "face", more: str = "") -> str:
    return f'version = "{version}"\n[{of}]\n{more}\nweights = [{", ".join(rows)}]\n'


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("version =", "TOML"),
        ("[face]\nweights = []", "version"),
        (file(version="Not this one"), "version"),
        (file(of="smell"), "'smell'"),
        (file(_ROW, _ROW.replace("confused", "puzzled")), "face weight 2 (smile)"),
        (file(_ROW.replace("smile", "smlie")), "face weight 1 (smlie)"),
        (file(_ROW.replace('"smile"', "[1]")), "face weight 1"),
        (file(_ROW.replace('"z"', '"w"')), "form"),
        (file(_ROW.replace('"z"', '"present"')), "form"),
        (file(_ROW.replace("smile", "f0_iqr_st").replace('"z"', '"after_correct"'), of="voice"),
         "face only"),
        (file(_ROW.replace("0.1", "nan")), "nats"),
        (file(_ROW.replace("0.1", "true")), "nats"),
        (file(_ROW.replace("0.1", '"1"')), "nats"),
        (file(_ROW.replace(", nats = 0.1", "")), "face weight 1"),
        (file(_ROW, _ROW), "repeats"),
        (file(_ROW.replace("0.1", "51")), "50 nats"),
        (file(more="temperature = 0"), "temperature"),
        (file(more="temperature = inf"), "temperature"),
        (file(more='on = "yes"'), "face.on"),
        (file(more="auc_low = 1.5"), "auc_low"),
        (file(more="auc_low = 0.54"), "under 0.55"),
        (file(more="colour = 1"), "colour"),
        ('version = "x"\nface = 3', "face"),
        ('version = "x"\n[face]\nweights = 3', "face.weights"),
    ],
)  # fmt: skip
def test_a_model_that_cannot_be_is_refused_by_name_and_row(text: str, names: str) -> None:
    with pytest.raises(BadInput) as caught:
        read_states(text)
    assert caught.value.code == "bad_states_model"
    assert names in caught.value.message


def test_a_registry_model_without_states_is_refused() -> None:
    with pytest.raises(BadInput, match="bad_states_model"):
        states_from_config({"kind": "states", "version": "1"})


def test_one_made_in_code_is_checked_like_one_from_a_file() -> None:
    wrong = replace(PRIOR.weights[0], nats=math.nan)
    with pytest.raises(BadInput, match=r"weight 2 \(face, brow_lowered\)"):
        StatesModel("x", (PRIOR.weights[1], wrong))
    with pytest.raises(BadInput, match="bad_policy"):
        EngineConfig(states={"face": 1})  # type: ignore[arg-type]
