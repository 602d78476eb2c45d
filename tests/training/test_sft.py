"""The cold start: it imitates the answers, and nothing but them."""

from __future__ import annotations

import json
import math
from dataclasses import replace

import pytest
import torch

from tests.training.omni_clips import TEXTS, Clips, ShortTokens, fresh, told
from tutor_emotion.errors import BadInput
from tutor_emotion.nets.r1_omni.model import Media
from tutor_emotion.training import omni_run, sft
from tutor_emotion.training.examples import Example
from tutor_emotion.training.omni_run import Optimising
from tutor_emotion.training.sft import SftRecipe
from tutor_emotion.training.tuning import Tuning

SHORT = SftRecipe(steps=3, batch=2, rows=2, optimising=Optimising(rate=1e-2, keep_every=2))

pytestmark = pytest.mark.usefixtures("one_thread")


class PowerCutError(Exception):
    """Stops a run in the middle."""


@pytest.fixture(scope="module")
def tokens(tmp_path_factory):
    return ShortTokens(tmp_path_factory.mktemp("tokens"))


def _answer(model, tokens, index):
    clip = told().draw(index, torch.Generator().manual_seed(9))
    media = Media(clip.frames[None], clip.mel[None])
    prefix = model.prefix(media, tokens.prompt(True, True))
    return tokens.decode(model.generate(prefix, max_new_tokens=12, eos=tokens.eos)[0])


def test_it_learns_to_answer_as_it_was_told(tokens, tmp_path):
    recipe = replace(SHORT, steps=50, batch=2)
    model, history = sft.train(fresh(), tokens, told(), recipe, tmp_path)
    assert [_answer(model, tokens, index) for index in (0, 1)] == [TEXTS["sad"], TEXTS["joy"]]
    assert history[-1]["loss"] < 0.5 * history[5]["loss"] < history[0]["loss"]
    assert history[-1]["token_accuracy"] > 0.9
    lines = [json.loads(line) for line in (tmp_path / "log.jsonl").read_text().splitlines()]
    assert lines == history
    assert [line["step"] for line in lines] == list(range(1, 51))
    assert (tmp_path / "curves.png").stat().st_size > 5000
    assert not any(p.requires_grad for p in model.parameters())


def test_the_loss_is_of_the_answer_and_its_end_alone_by_hand():
    # Two answers of two and one token over three words, with chances 1/2, 1/4, 1/4 each time.
    chances = torch.tensor([0.5, 0.25, 0.25]).log().expand(2, 2, 3)
    ids, mask = torch.tensor([[0, 1], [2, 0]]), torch.tensor([[1.0, 1.0], [1.0, 0.0]])
    loss = sft.answer_loss(chances, ids, mask)
    assert loss.item() == pytest.approx(math.log(2) + math.log(4) + math.log(4))


def test_what_is_logged_is_the_mean_over_all_tokens_of_the_answers(tokens, tmp_path):
    clips = Clips((TEXTS["sad"], "Joy, I am sure of it."))
    _, history = sft.train(fresh(), tokens, clips, replace(SHORT, steps=1), tmp_path)
    model, total, count = fresh(), 0.0, 0
    for index in (0, 1):
        clip = clips.draw(index, torch.Generator())
        ids = [*tokens.encode(clip.text), tokens.eos]
        seed = _seed_of(index, tmp_path)
        clip = clips.draw(index, seed)
        prefix = model.prefix(Media(clip.frames[None], clip.mel[None]), tokens.prompt(True, True))
        logs = model.logits(prefix, torch.tensor([ids])).log_softmax(-1)[0]
        total -= sum(logs[at, token].item() for at, token in enumerate(ids))
        count += len(ids)
    assert history[0]["tokens"] == count
    assert history[0]["loss"] == pytest.approx(total / count, rel=1e-5)


def _seed_of(index, folder):
    """The random numbers that the first step drew this example with."""
    order = sft.balanced(["sad", "joy"], 2, omni_run.generator(0, -1))
    return omni_run.generator(0, 0, index, order.index(index))


def test_a_run_that_was_stopped_goes_on_as_if_it_had_not(tokens, tmp_path, monkeypatch):
    whole, history = sft.train(fresh(), tokens, told(), SHORT, tmp_path / "whole")
    end_step = omni_run.Run.end_step

    def end_and_stop(run, figures, last):
        end_step(run, figures, last)
        if run.step == 3:
            raise PowerCutError

    monkeypatch.setattr(omni_run.Run, "end_step", end_and_stop)
    longer = replace(SHORT, steps=5)
    with pytest.raises(PowerCutError):
        sft.train(fresh(), tokens, told(), longer, tmp_path / "stopped")
    monkeypatch.setattr(omni_run.Run, "end_step", end_step)
    resumed, told_again = sft.train(fresh(), tokens, told(), longer, tmp_path / "stopped")
    straight, at_once = sft.train(fresh(), tokens, told(), longer, tmp_path / "straight")
    _same(resumed, straight)
    assert _without_time(told_again) == _without_time(at_once)
    assert len((tmp_path / "stopped" / "log.jsonl").read_text().splitlines()) == 5
    again, before = sft.train(fresh(), tokens, told(), SHORT, tmp_path / "whole")
    _same(again, whole)
    assert before == history


def _same(ours, theirs):
    expected = theirs.state_dict()
    assert all(torch.equal(value, expected[name]) for name, value in ours.state_dict().items())


def _without_time(history):
    return [{k: v for k, v in line.items() if k != "seconds"} for line in history]


def test_another_run_in_the_folder_is_refused(tokens, tmp_path):
    sft.train(fresh(), tokens, told(), SHORT, tmp_path)
    for change in ({"seed": 1}, {"recipe": replace(SHORT, steps=4)}, {"model": fresh(3)}):
        given = {"model": fresh(), "recipe": SHORT, "seed": 0} | change
        with pytest.raises(BadInput) as caught:
            sft.train(given["model"], tokens, told(), given["recipe"], tmp_path, seed=given["seed"])
        assert caught.value.code == "other_run"


@pytest.mark.parametrize("content", [b"", b"half a checkpoint", b"PK\x03\x04 and no more"])
def test_a_checkpoint_that_is_none_is_refused(tokens, tmp_path, content):
    (tmp_path / "last.pt").write_bytes(content)
    with pytest.raises(BadInput) as caught:
        sft.train(fresh(), tokens, told(), SHORT, tmp_path)
    assert caught.value.code == "run_unreadable"


def test_the_parts_that_do_not_learn_stay_as_they_are(tokens, tmp_path):
    model, _ = sft.train(
        fresh(), tokens, told(), SHORT, tmp_path, tuning=Tuning(parts=("connector",))
    )
    before = fresh().state_dict()
    changed = {
        n.split(".")[0] for n, v in model.state_dict().items() if not torch.equal(v, before[n])
    }
    assert changed == {"connector"}


def test_half_precision_and_checkpointing_learn_nearly_the_same(tokens, tmp_path):
    _, plain = sft.train(fresh(), tokens, told(), SHORT, tmp_path / "plain")
    spared = replace(SHORT, optimising=replace(SHORT.optimising, checkpointing=True))
    _, saved = sft.train(fresh(), tokens, told(), spared, tmp_path / "spared")
    assert saved[-1]["loss"] == pytest.approx(plain[-1]["loss"], rel=1e-4)
    half = replace(SHORT, optimising=replace(SHORT.optimising, precision="bf16"))
    model, rough = sft.train(fresh(), tokens, told(), half, tmp_path / "half")
    assert rough[-1]["loss"] == pytest.approx(plain[-1]["loss"], rel=0.02)
    assert rough[-1]["loss"] != plain[-1]["loss"]
    assert {p.dtype for p in model.parameters()} == {torch.float32}


def test_a_text_is_needed_and_may_not_be_endless(tokens):
    for text, code in (("  ", "text_missing"), ("a" * 20, "text_too_long")):
        with pytest.raises(BadInput) as caught:
            sft.answer_ids(Example(None, None, "sad", {}, text), tokens, 20)
        assert caught.value.code == code
    assert sft.answer_ids(Example(None, None, "sad", {}, "a" * 19), tokens, 20)[-1] == tokens.eos


def test_numbers_that_ran_away_stop_the_run_and_are_not_kept(tokens, tmp_path):
    model = fresh()
    with torch.no_grad():
        model.language.model.norm.weight[0] = math.inf
    with pytest.raises(BadInput) as caught:
        sft.train(model, tokens, told(), SHORT, tmp_path)
    assert caught.value.code == "loss_not_finite"
    assert not (tmp_path / "last.pt").exists()


@pytest.mark.parametrize(
    "how",
    [
        {"rate": 0.0},
        {"rate": math.nan},
        {"warm": 1.0},
        {"max_norm": 0.0},
        {"precision": "fp8"},
        {"keep_every": 0},
    ],
)
def test_what_cannot_train_is_refused(how):
    with pytest.raises(BadInput) as caught:
        Optimising(**how)
    assert caught.value.code == "bad_recipe"
    with pytest.raises(BadInput):
        SftRecipe(batch=0)


def test_the_rate_rises_then_falls_to_nothing():
    cosine, linear = Optimising(warm=0.2), Optimising(warm=0.0, decay="linear")
    assert [round(cosine.at(u, 10), 3) for u in (0, 1, 2, 6)] == [0.333, 0.667, 1.0, 0.5]
    assert [linear.at(u, 4) for u in range(5)] == [1.0, 0.75, 0.5, 0.25, 0.0]
