"""Words of a label set, scored behind a prompt: against the slow way, alone and in a batch."""

from __future__ import annotations

import pytest
import torch

from tests.nets.r1_omni.tiny import media, prompt
from tutor_emotion.errors import BadInput
from tutor_emotion.evaluation.metrics import fit_temperature
from tutor_emotion.nets.r1_omni import labels
from tutor_emotion.nets.r1_omni.model import Media, Omni
from tutor_emotion.nets.r1_omni.scoring import (
    Scorer,
    Way,
    continuations,
    probabilities,
)
from tutor_emotion.nets.r1_omni.tokens import Tokens

DFEW = labels.label_set("dfew").words


@torch.no_grad()
def slow(omni: Omni, prefix: torch.Tensor, scorer: Scorer) -> torch.Tensor:
    """Each word by itself, through the model's own ``logits``."""
    columns = []
    for word in scorer.tokens.words:
        ids = torch.tensor([*scorer.tokens.opening, *word]).expand(len(prefix), -1)
        likely = omni.logits(prefix, ids).float().log_softmax(-1)
        each = likely.gather(-1, ids[..., None])[..., 0]
        columns.append(each[:, len(scorer.tokens.opening) :].mean(1))
    return torch.stack(columns, dim=1)


# --- it works ------------------------------------------------------------------------------------


@pytest.mark.parametrize("way", ["packed", "expanded"])
@pytest.mark.parametrize(("video", "audio"), [(True, True), (True, False), (False, True)])
def test_one_forward_says_what_a_forward_for_each_word_says(
    omni: Omni, tokens: Tokens, way: Way, video: bool, audio: bool
) -> None:
    prefix = omni.prefix(media(3, video=video, audio=audio), prompt(tokens, video, audio)).detach()
    scorer = Scorer(omni, tokens, DFEW, way)
    scores = scorer(prefix)
    assert scores.shape == (3, 7)
    torch.testing.assert_close(scores, slow(omni, prefix, scorer), atol=1e-4, rtol=1e-4)


def test_a_word_does_not_see_the_others(omni: Omni, tokens: Tokens) -> None:
    prefix = omni.prefix(media(2), prompt(tokens)).detach()
    some = Scorer(omni, tokens, ["sad", "happy"])(prefix)
    more = Scorer(omni, tokens, ["disappointed", "sad", "neutral", "happy"])(prefix)
    torch.testing.assert_close(some, more[:, [1, 3]], atol=1e-4, rtol=1e-4)


def test_a_clip_is_scored_alike_alone_and_among_others(omni: Omni, tokens: Tokens) -> None:
    clips = media(4)
    assert clips.frames is not None
    assert clips.mel is not None
    scorer = Scorer(omni, tokens, DFEW)
    together = scorer(omni.prefix(clips, prompt(tokens)))
    for row in range(4):
        one = Media(clips.frames[row : row + 1], clips.mel[row : row + 1])
        alone = scorer(omni.prefix(one, prompt(tokens)))
        torch.testing.assert_close(alone[0], together[row], atol=1e-4, rtol=1e-4)


# --- tokens --------------------------------------------------------------------------------------


def test_the_tag_is_shared_and_its_end_tells_a_word_from_a_longer_one(tokens: Tokens) -> None:
    cut = continuations(tokens, ["sad", "sadness"])
    # A byte is a token here: what both begin with belongs to the opening, "sad" too.
    assert tokens.decode(cut.opening) == "<answer>sad"
    assert [tokens.decode(word) for word in cut.words] == ["</", "ness</"]
    several = continuations(tokens, DFEW)
    assert tokens.decode(several.opening) == "<answer>"
    assert [tokens.decode(word) for word in several.words] == [f"{word}<" for word in DFEW]


def test_two_words_that_are_the_same_tokens_are_refused(tokens: Tokens) -> None:
    with pytest.raises(BadInput) as refused:
        continuations(tokens, ["sad", "sad"])
    assert refused.value.code == "bad_label_set"


# --- temperature ---------------------------------------------------------------------------------


def test_a_high_temperature_levels_and_a_low_one_decides() -> None:
    scores = torch.tensor([[-1.0, -2.0, -3.0]])
    hot, cold = probabilities(scores, 50.0)[0], probabilities(scores, 0.02)[0]
    assert hot.max() - hot.min() < 0.02
    assert cold[0] > 0.999
    assert probabilities(scores, 1.0).sum() == pytest.approx(1.0)


def test_a_temperature_is_fitted_by_what_evaluates_all_our_nets() -> None:
    scores = torch.randn(4_000, 5, generator=torch.Generator().manual_seed(0)) * 2
    drawn = torch.distributions.Categorical(probs=probabilities(scores, 2.5))
    torch.manual_seed(0)
    assert fit_temperature(scores.numpy(), drawn.sample().numpy()) == pytest.approx(2.5, rel=0.1)
