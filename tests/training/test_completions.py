"""Batches of one layout, padding, and how likely a model finds a text."""

from __future__ import annotations

import pytest
import torch

from tests.nets.r1_omni.tiny import TINY, tiny
from tests.training.omni_clips import Clips, ShortTokens, told
from tutor_emotion.errors import BadInput
from tutor_emotion.training import completions
from tutor_emotion.training.completions import asked, padded
from tutor_emotion.training.examples import Example

CPU = torch.device("cpu")

pytestmark = pytest.mark.usefixtures("one_thread")


@pytest.fixture(scope="module")
def tokens(tmp_path_factory):
    return ShortTokens(tmp_path_factory.mktemp("tokens"))


def _drawn(count, **media):
    clips = Clips(told(count).texts, **media)
    return [clips.draw(i, torch.Generator()) for i in range(count)]


def test_clips_are_asked_by_what_they_have_and_not_too_many_at_once(tokens):
    examples = [*_drawn(3), *_drawn(2, video=False), *_drawn(1)]
    parts = asked(examples, tokens, CPU, at_once=2)
    assert [part.places for part in parts] == [(0, 1), (2, 5), (3, 4)]
    assert parts[1].media.frames is not None
    assert torch.equal(parts[1].media.frames[1], examples[5].frames)
    assert parts[2].media.frames is None
    assert parts[2].media.mel is not None
    assert parts[2].media.mel.shape == (2, 16, 60)
    assert "video" in parts[0].prompt.parts
    assert "video" not in parts[2].prompt.parts


def test_a_clip_of_nothing_is_refused(tokens):
    with pytest.raises(BadInput) as caught:
        asked([Example(None, None, "sad", {})], tokens, CPU, 1)
    assert caught.value.code == "no_media"


def test_answers_are_padded_on_the_right():
    ids, mask = padded([[5, 6, 7], [8]], CPU)
    assert ids.tolist() == [[5, 6, 7], [8, 0, 0]]
    assert mask.tolist() == [[1.0, 1.0, 1.0], [1.0, 0.0, 0.0]]


@pytest.mark.parametrize("length", [1, 2, 5])
def test_the_prefix_gone_through_once_gives_what_it_gives_repeated(tokens, length):
    model = tiny().double().train()
    part = asked(_drawn(2), tokens, CPU, 2)[0]
    ids = torch.randint(0, TINY.language.vocabulary, (6, length), generator=torch.Generator())

    def learned(shared):
        model.zero_grad()
        prefix = model.prefix(part.media, part.prompt)
        found = (
            completions.logits(model, prefix, ids)
            if shared
            else model.logits(prefix.repeat_interleave(3, 0), ids)
        )
        found.logsumexp(-1).square().sum().backward()
        return found.detach(), {
            n: p.grad.clone() for n, p in model.named_parameters() if p.grad is not None
        }

    ours, gradients = learned(True)
    theirs, expected = learned(False)
    torch.testing.assert_close(ours, theirs, atol=1e-8, rtol=1e-8)
    # Not closer than this: the norms of Qwen2 compute in single precision whatever the model does.
    largest = max(float(gradient.abs().max()) for gradient in expected.values())
    for name, gradient in expected.items():
        torch.testing.assert_close(gradients[name], gradient, atol=1e-6 * largest, rtol=1e-3)
