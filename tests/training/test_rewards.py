"""What a completion is worth."""

from __future__ import annotations

import pytest

from tutor_emotion.errors import BadInput
from tutor_emotion.nets.r1_omni.answers import write
from tutor_emotion.training import rewards
from tutor_emotion.training.rewards import Rewards, Weights

SET = ("happy", "sad", "angry", "neutral")
SMILES = {
    "mouthSmileLeft": 0.8,
    "mouthSmileRight": 0.6,
    "browDownLeft": 0.0,
    "browDownRight": 0.0,
    "jawOpen": 0.3,
}


def _about(thinking: str) -> float:
    return rewards.grounding(write(thinking, "happy"), SMILES)


@pytest.mark.parametrize("word", ["happy", "Joy", "happiness", " joyful "])
def test_any_word_for_the_label_is_right(word):
    assert rewards.accuracy(write("I see.", word), "happy", SET) == 1.0


@pytest.mark.parametrize(
    "text",
    [
        write("I see.", "sad"),
        write("I see.", "surprise"),  # not in the set
        write("I see.", "happy sad"),  # hedging
        write("I see.", ""),
        "happy",
        "<think>happy</think>",
        "<answer>happy",  # never closed
        "",
    ],
)
def test_another_label_one_outside_the_set_and_none_at_all_are_wrong(text):
    assert rewards.accuracy(text, "happy", SET) == 0.0


def test_a_word_that_is_right_by_itself_is_wrong_where_the_set_lacks_it():
    assert rewards.accuracy(write("I see.", "surprise"), "surprise", SET) == 0.0


def test_form_wants_both_blocks_and_nothing_else():
    assert rewards.form("<think>I see.</think>\n<answer>sad</answer>") == 1.0
    for text in (
        "<answer>sad</answer><think>I see.</think>",
        "<think>I see.</think><answer>sad</answer> Thanks!",
        "<think>I see.</think><answer>sad",
        "<think>a</think><think>b</think><answer>sad</answer>",
        "",
    ):
        assert rewards.form(text) == 0.0


def test_claims_that_the_measures_bear_out_earn_and_others_cost():
    assert _about("There is a smile and the brow is smooth.") == 1.0
    assert _about("There is a smile.") == 0.5
    assert _about("There is a smile, but the brow is lowered.") == 0.0
    assert _about("There is a smile, the mouth is open, and the brow is lowered.") == pytest.approx(
        1 / 3
    )
    assert _about("The brow is lowered and the mouth is closed.") == -1.0


def test_saying_nothing_earns_less_than_one_true_claim():
    assert _about("It is what it is.") == 0.0
    assert rewards.grounding("happy", SMILES) == 0.0
    assert _about("It is what it is.") < _about("There is a smile.")


def test_the_same_claim_again_earns_nothing_more():
    assert _about("A smile. A smile. The person is smiling.") == 0.5


def test_what_was_not_measured_is_made_up():
    assert _about("The voice is raised.") == -0.5  # nobody heard anything
    assert _about("The jaw is clenched.") == -0.5  # nothing measures it


def test_a_true_denial_is_worth_nothing_and_a_false_one_costs():
    assert _about("The brow is not lowered, the voice is not raised.") == 0.0
    assert _about("There is no smile.") == -0.5
    assert _about("A smile; the brow is not lowered.") == 0.5


def test_a_reason_for_another_label_is_a_contradiction():
    assert rewards.consistency(write("She looks furious.", "happy"), SET) == -1.0
    assert rewards.consistency(write("She is not happy.", "happy"), SET) == -1.0
    assert rewards.consistency(write("She looks joyful.", "happy"), SET) == 0.0
    assert rewards.consistency(write("Not angry but joyful.", "happy"), SET) == 0.0
    assert rewards.consistency(write("Sad at first, then happy.", "happy"), SET) == 0.0
    assert rewards.consistency(write("There is a smile.", "happy"), SET) == 0.0
    assert rewards.consistency(write("Not angry.", "happy"), SET) == 0.0
    assert rewards.consistency("<answer>happy</answer>", SET) == 0.0
    assert rewards.consistency(write("She looks furious.", "puzzled"), SET) == 0.0


def test_they_add_up_by_their_weights():
    text = write("There is a smile, she looks furious.", "joy")
    worth = rewards.reward(text, "happy", SET, SMILES)
    assert worth == Rewards(1.0, 1.0, 0.5, -1.0)
    assert worth.total(Weights()) == 2.5
    assert worth.total(Weights(1.0, 0.5, 2.0, 1.0)) == pytest.approx(1.5)


@pytest.mark.parametrize("weight", [-0.1, 11.0, float("nan")])
def test_a_weight_that_would_turn_a_reward_round_is_refused(weight):
    with pytest.raises(BadInput) as caught:
        Weights(grounding=weight)
    assert caught.value.code == "bad_weights"
