"""Reinforcement: what is rewarded becomes likelier, and nothing else moves the model."""

from __future__ import annotations

import copy
import math
from dataclasses import replace

import pytest
import torch

from tests.training.omni_clips import LABELS, SMILE, TEXTS, ShortTokens, fresh, joyful, told
from tutor_emotion.errors import BadInput
from tutor_emotion.training import grpo, omni_run, rollouts, sft
from tutor_emotion.training.examples import Example
from tutor_emotion.training.grpo import GrpoRecipe
from tutor_emotion.training.omni_run import Optimising
from tutor_emotion.training.rewards import Weights
from tutor_emotion.training.sft import SftRecipe
from tutor_emotion.training.tuning import Tuning

RATES = Optimising(rate=4e-3, decay="linear", keep_every=2)
SHORT = GrpoRecipe(
    steps=3, prompts=2, group=6, rows=12, max_tokens=10, optimising=RATES
)  # fmt: skip

pytestmark = pytest.mark.usefixtures("one_thread")


class PowerCutError(Exception):
    """Stops a run in the middle."""


@pytest.fixture(scope="module")
def tokens(tmp_path_factory):
    return ShortTokens(tmp_path_factory.mktemp("tokens"))


@pytest.fixture(scope="module")
def started(tokens, tmp_path_factory):
    """A model that knows the form, and is right about half of the time."""
    recipe = SftRecipe(steps=60, batch=2, rows=2, optimising=Optimising(rate=1e-2, warm=0.1))
    return sft.train(fresh(), tokens, joyful(), recipe, tmp_path_factory.mktemp("cold"))[0]


def _trained(started, tokens, folder, recipe=SHORT, **how):
    return grpo.train(copy.deepcopy(started), tokens, joyful(), LABELS, recipe, folder, **how)


def _same(ours, theirs):
    expected = theirs.state_dict()
    return all(torch.equal(value, expected[name]) for name, value in ours.state_dict().items())


def test_what_is_rewarded_becomes_likelier(started, tokens, tmp_path):
    recipe = replace(SHORT, steps=24, group=8, rows=16)
    _, history = _trained(started, tokens, tmp_path, recipe)
    first, last = history[:4], history[-4:]
    assert _mean(first, "accuracy") < 0.75
    assert _mean(last, "accuracy") > _mean(first, "accuracy") + 0.15
    assert _mean(last, "reward") > _mean(first, "reward") + 0.2
    assert history[0]["kl"] == pytest.approx(0.0, abs=1e-6)  # still at its start
    assert _mean(last, "kl") > 0.005
    assert all(0 <= line["varied"] <= 1 and line["length"] <= 10 for line in history)
    assert (tmp_path / "curves.png").stat().st_size > 5000


def _mean(lines, name):
    return sum(line[name] for line in lines) / len(lines)


def test_groups_that_are_all_as_good_move_nothing(started, tokens, tmp_path):
    indifferent = replace(SHORT, weights=Weights(0.0, 0.0, 0.0, 0.0), redraws=2)
    model, history = _trained(started, tokens, tmp_path, indifferent)
    assert _same(model, started)
    assert {line["varied"] for line in history} == {0.0}
    assert {line["groups"] for line in history} == {6.0}  # two clips, and twice two others


def test_a_run_that_was_stopped_goes_on_as_if_it_had_not(started, tokens, tmp_path, monkeypatch):
    straight, at_once = _trained(started, tokens, tmp_path / "straight")
    end_step = omni_run.Run.end_step

    def end_and_stop(run, figures, last):
        end_step(run, figures, last)
        if run.step == 2:
            raise PowerCutError

    monkeypatch.setattr(omni_run.Run, "end_step", end_and_stop)
    with pytest.raises(PowerCutError):
        _trained(started, tokens, tmp_path / "stopped")
    monkeypatch.setattr(omni_run.Run, "end_step", end_step)
    resumed, again = _trained(started, tokens, tmp_path / "stopped")
    assert _same(resumed, straight)
    assert not _same(resumed, started)
    timeless = [[{k: v for k, v in line.items() if "seconds" not in k} for line in h]
                for h in (again, at_once)]  # fmt: skip
    assert timeless[0] == timeless[1]


def test_a_second_pass_is_off_policy_and_is_held(started, tokens, tmp_path):
    fast = replace(RATES, rate=2e-2)
    recipe = replace(SHORT, steps=2, passes=3, clip=0.1, optimising=fast)
    _, history = _trained(started, tokens, tmp_path / "thrice", recipe)
    assert max(line["clipped"] for line in history) > 0.0
    _, once = _trained(started, tokens, tmp_path / "once", replace(recipe, passes=1))
    assert {line["clipped"] for line in once} == {0.0}


def test_rows_at_once_and_checkpointing_change_memory_and_not_the_result(started, tokens, tmp_path):
    one = replace(SHORT, steps=1)
    whole, figures = _trained(started, tokens, tmp_path / "whole", one)
    spared = replace(one, optimising=replace(RATES, checkpointing=True))
    model, again = _trained(started, tokens, tmp_path / "spared", spared)
    assert again[0]["norm"] == pytest.approx(figures[0]["norm"], rel=1e-3)
    for name, value in model.state_dict().items():
        torch.testing.assert_close(value, whole.state_dict()[name], atol=2e-3, rtol=0)


def test_low_rank_additions_can_be_reinforced_in_half_precision(started, tokens, tmp_path):
    recipe = replace(SHORT, steps=2, optimising=replace(RATES, precision="bf16"))
    model, history = _trained(started, tokens, tmp_path, recipe, tuning=Tuning(lora_rank=4))
    before, after = started.state_dict(), model.state_dict()
    changed = {name for name in before if not torch.equal(before[name], after[name])}
    assert changed
    assert all("_proj." in name for name in changed)
    assert history[0]["kl"] == pytest.approx(0.0, abs=1e-3)


def test_without_a_leash_there_is_no_kl(started, tokens, tmp_path):
    _, history = _trained(started, tokens, tmp_path, replace(SHORT, beta=0.0))
    assert {line["kl"] for line in history} == {0.0}
    assert all(math.isfinite(line["loss"]) for line in history)


def test_answers_are_judged_group_by_group(tokens):
    answers = [[*tokens.encode(text), tokens.eos] for text in (TEXTS["joy"], TEXTS["sad"])]
    answers.append(tokens.encode("<think>Smile.</think> and on and on"))
    group = rollouts.judged(Example(None, None, "joy", SMILE), answers, tokens, LABELS, Weights())
    totals = [each.total(Weights()) for each in group.rewards]
    assert totals == [2.5, 1.0, 0.5]  # right, in form, a smile; wrong, in form; a smile
    assert group.varied
    assert group.whole == 2
    # mean 4/3, standard deviation 1.040833
    assert group.advantages == pytest.approx([1.120788, -0.320225, -0.800563], abs=1e-5)


def test_a_label_outside_the_set_is_refused_before_anything_is_done(started, tokens, tmp_path):
    with pytest.raises(BadInput) as caught:
        grpo.train(started, tokens, told(), ("joy", "anger"), SHORT, tmp_path / "run")
    assert caught.value.code == "label_unknown"
    assert "sad" in caught.value.message
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize(
    "how",
    [
        {"group": 1},
        {"steps": 0},
        {"beta": -1.0},
        {"beta": math.nan},
        {"clip": 1.5},
        {"temperature": 0.0},
        {"passes": 2, "clip": None},
    ],
)
def test_what_cannot_reinforce_is_refused(how):
    with pytest.raises(BadInput) as caught:
        GrpoRecipe(**how)
    assert caught.value.code == "bad_recipe"
