"""What of a model learns, and the start that it is held to."""

from __future__ import annotations

import pytest
import torch

from tests.training.omni_clips import ShortTokens, fresh, told
from tutor_emotion.errors import BadInput
from tutor_emotion.nets.r1_omni.model import Media
from tutor_emotion.training.tuning import Student, Tuning

pytestmark = pytest.mark.usefixtures("one_thread")


@pytest.fixture(scope="module")
def tokens(tmp_path_factory):
    return ShortTokens(tmp_path_factory.mktemp("tokens"))


def _said(model, tokens):
    clip = told().draw(0, torch.Generator().manual_seed(1))
    with torch.no_grad():
        prefix = model.prefix(Media(clip.frames[None], clip.mel[None]), tokens.prompt(True, True))
        return model.logits(prefix, torch.tensor([[65, 66]]))


def _disturb(student):
    with torch.no_grad():
        for parameter in student.learns.values():
            parameter.add_(0.05)


@pytest.mark.parametrize("rank", [0, 4])
def test_the_start_is_remembered_while_the_student_goes_on(tokens, rank):
    student = Student(fresh(), Tuning(lora_rank=rank), keep_start=True)
    at_first = _said(fresh(), tokens)
    torch.testing.assert_close(_said(student.model, tokens), at_first)
    _disturb(student)
    now = _said(student.model, tokens)
    assert not torch.allclose(now, at_first, atol=1e-3)
    with student.start() as start:
        torch.testing.assert_close(_said(start, tokens), at_first)
    torch.testing.assert_close(_said(student.model, tokens), now)
    assert all(parameter.requires_grad for parameter in student.learns.values())


def test_additions_of_low_rank_alone_learn_and_end_up_in_the_weights(tokens):
    student = Student(fresh(), Tuning(lora_rank=4))
    names = set(fresh().state_dict())
    assert all("lora_" in name for name in student.learns)
    assert sum(p.numel() for p in student.learns.values()) < 15_000
    _disturb(student)
    now = _said(student.model, tokens)
    model = student.finished()
    assert set(model.state_dict()) == names
    torch.testing.assert_close(_said(model, tokens), now, atol=1e-4, rtol=1e-4)


def test_a_seed_makes_the_same_additions_whatever_was_drawn_before():
    first = Student(fresh(), Tuning(lora_rank=2), seed=5).learns
    torch.rand(7)
    second = Student(fresh(), Tuning(lora_rank=2), seed=5).learns
    assert all(torch.equal(first[name], second[name]) for name in first)


def test_what_learns_can_be_put_back():
    student = Student(fresh(), Tuning(parts=("projector",)))
    kept = {name: p.detach().clone() for name, p in student.learns.items()}
    assert {name.split(".")[0] for name in kept} == {"projector"}
    _disturb(student)
    student.load(kept)
    assert all(torch.equal(p, kept[name]) for name, p in student.learns.items())


def test_a_start_that_was_not_kept_cannot_be_asked():
    student = Student(fresh(), Tuning())
    with pytest.raises(ValueError, match="not kept"), student.start():
        pass


@pytest.mark.parametrize(
    "how", [{"lora_rank": -1}, {"lora_rank": 4, "lora_alpha": 0.0}, {"parts": ()}]
)
def test_what_cannot_learn_is_refused(how):
    with pytest.raises(BadInput) as caught:
        Tuning(**how)
    assert caught.value.code == "bad_recipe"
