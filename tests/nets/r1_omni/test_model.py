"""The whole model at a tiny size: prefix, logits, generation; one learner or many."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from tests.nets.r1_omni.tiny import TINY, TINY_BERT, media, prompt, tiny
from tutor_emotion.errors import BadInput
from tutor_emotion.nets.r1_omni import prepare
from tutor_emotion.nets.r1_omni.generate import Sampling, choose
from tutor_emotion.nets.r1_omni.model import Media, Omni
from tutor_emotion.nets.r1_omni.tokens import INSTRUCTION_PIECES, Tokens

IDS = torch.tensor([[5, 6, 7, 8], [9, 10, 0, 0]])


@pytest.mark.parametrize(("video", "audio"), [(True, True), (True, False), (False, True)])
@torch.no_grad()
def test_a_prefix_is_text_and_media_in_the_order_of_the_prompt(
    omni: Omni, tokens: Tokens, video: bool, audio: bool
) -> None:
    asked = prompt(tokens, video, audio)
    clips = media(video=video, audio=audio)
    prefix = omni.prefix(clips, asked)
    counts = {"video": TINY.video_tokens * video, "audio": TINY.audio_tokens * audio}
    assert counts["video"] in (0, 4 * 2 * 2)
    assert counts["audio"] in (0, 10)
    assert prefix.shape == (2, asked.text_tokens + sum(counts.values()), 32)
    start = 0
    for part in asked.parts:
        length = counts[part] if isinstance(part, str) else len(part)
        here = prefix[:, start : start + length]
        if part == "video" and clips.frames is not None:
            assert torch.equal(here, omni.see(clips.frames, asked))
        elif part == "audio" and clips.mel is not None:
            assert torch.equal(here, omni.hear(clips.mel))
        else:
            assert torch.equal(here[0], omni.language.model.embed_tokens(torch.tensor(part)))
        start += length
    assert start == prefix.shape[1]


@torch.no_grad()
def test_a_clip_among_others_is_seen_and_heard_as_alone(omni: Omni, tokens: Tokens) -> None:
    clips, asked = media(3), prompt(tokens)
    together = omni.prefix(clips, asked)
    assert clips.frames is not None
    assert clips.mel is not None
    for row in range(3):
        alone = omni.prefix(Media(clips.frames[row, None], clips.mel[row, None]), asked)
        torch.testing.assert_close(together[row, None], alone, atol=1e-5, rtol=1e-5)


BLACK = [np.zeros((48, 40, 3), np.uint8)] * 30
CLICK, LONG = np.full(16, 9000, np.int16), np.full(600 * 16_000, 9000, np.int16)


@pytest.mark.parametrize(
    ("pictures", "sound"),
    [
        (BLACK, CLICK),
        (BLACK[:1], LONG),
        (BLACK * 600, None),
        (None, np.zeros(1, np.int16)),
    ],
)
@torch.no_grad()
def test_an_odd_clip_has_a_defined_result(
    omni: Omni,
    tokens: Tokens,
    pictures: list[NDArray[np.uint8]] | None,
    sound: NDArray[np.int16] | None,
) -> None:
    clip = Media(
        None if pictures is None else prepare.frames(pictures, TINY)[None],
        None if sound is None else prepare.mel(sound, TINY)[None],
    )
    prefix = omni.prefix(clip, prompt(tokens, pictures is not None, sound is not None))
    assert bool(omni.logits(prefix, IDS[:1]).isfinite().all())
    assert len(omni.generate(prefix, max_new_tokens=3, eos=-1)[0]) == 3


@torch.no_grad()
def test_logits_are_those_of_one_token_after_another(omni: Omni, tokens: Tokens) -> None:
    prefix = omni.prefix(media(), prompt(tokens))
    logits = omni.logits(prefix, IDS)
    assert logits.shape == (2, 4, TINY.language.vocabulary)
    for length in range(4):
        said = omni.language.model.embed_tokens(IDS[:1, :length])
        whole = omni.language(inputs_embeds=torch.cat([prefix[:1], said], 1)).logits
        torch.testing.assert_close(logits[:1, length], whole[:, -1], atol=1e-5, rtol=1e-5)


@torch.no_grad()
def test_padding_on_the_right_changes_nothing_before_it(omni: Omni, tokens: Tokens) -> None:
    prefix = omni.prefix(media(), prompt(tokens))
    short = omni.logits(prefix[1:], IDS[1:, :2])
    torch.testing.assert_close(omni.logits(prefix, IDS)[1:, :2], short, atol=1e-5, rtol=1e-5)


def test_every_number_of_the_model_can_learn(tokens: Tokens) -> None:
    model = tiny().train()
    logits = model.logits(model.prefix(media(), prompt(tokens)), IDS)
    torch.nn.functional.cross_entropy(logits.flatten(0, 1), IDS.flatten()).backward()
    still = {name for name, values in model.named_parameters() if values.grad is None}
    assert still == {"audio.whisper.embed_positions.weight"}  # sinusoids, as Whisper keeps them


@torch.no_grad()
def test_greedy_generation_is_the_likeliest_token_each_time(omni: Omni, tokens: Tokens) -> None:
    prefix = omni.prefix(media(), prompt(tokens))
    answers = omni.generate(prefix, max_new_tokens=6, eos=tokens.eos)
    for row, answer in enumerate(answers):
        logits = omni.logits(prefix[row : row + 1], torch.tensor([answer]))
        assert logits[0].argmax(-1).tolist() == answer


@pytest.mark.parametrize("seed", range(4))
@torch.no_grad()
def test_a_batch_says_what_each_would_say_alone(omni: Omni, tokens: Tokens, seed: int) -> None:
    prefix = omni.prefix(media(5, seed=seed), prompt(tokens))
    # An end that comes at another step in each row, so that rows leave the batch one by one.
    free = omni.generate(prefix, max_new_tokens=12, eos=-1)
    end = free[0][3]
    together = omni.generate(prefix, max_new_tokens=12, eos=end)
    alone = [omni.generate(row[None], max_new_tokens=12, eos=end)[0] for row in prefix]
    assert together == alone
    for answer, unending in zip(together, free, strict=True):
        cut = unending.index(end) + 1 if end in unending else 12
        assert answer == unending[:cut]


@torch.no_grad()
def test_sampling_is_repeatable_by_its_generator(omni: Omni, tokens: Tokens) -> None:
    prefix = omni.prefix(media(), prompt(tokens))

    def draw(seed: int) -> list[list[int]]:
        sampling = Sampling(1.5, 1.0, torch.Generator().manual_seed(seed))
        return omni.generate(prefix, max_new_tokens=8, eos=-1, sampling=sampling)

    assert draw(1) == draw(1)
    assert draw(1) != draw(2)


@torch.no_grad()
def test_several_answers_to_a_clip_are_what_the_repeated_clip_would_get(
    omni: Omni, tokens: Tokens
) -> None:
    prefix = omni.prefix(media(), prompt(tokens))

    def drawn(rows: torch.Tensor, copies: int) -> list[list[int]]:
        sampling = Sampling(1.5, 1.0, torch.Generator().manual_seed(3))
        return omni.generate(rows, max_new_tokens=6, eos=-1, sampling=sampling, copies=copies)

    together = drawn(prefix, 3)
    assert together == drawn(prefix.repeat_interleave(3, 0), 1)
    assert len({tuple(answer) for answer in together}) > 3


def test_sampling_draws_by_temperature_and_from_the_nucleus_only() -> None:
    logits = torch.tensor([[0.5, 0.3, 0.15, 0.05]]).log().expand(20_000, -1)

    def shares(temperature: float, top_p: float) -> list[float]:
        sampling = Sampling(temperature, top_p, torch.Generator().manual_seed(0))
        counts = Counter(choose(logits, sampling).tolist())
        return [counts[token] / len(logits) for token in range(4)]

    assert shares(1.0, 1.0) == pytest.approx([0.5, 0.3, 0.15, 0.05], abs=0.015)
    assert shares(1.0, 0.7) == pytest.approx([0.625, 0.375, 0, 0], abs=0.015)
    assert shares(1.0, 0.0001) == [1, 0, 0, 0]
    squared = torch.tensor([0.25, 0.09, 0.0225, 0.0025]) / 0.365
    assert shares(0.5, 1.0) == pytest.approx(squared.tolist(), abs=0.015)


@pytest.mark.parametrize(("temperature", "top_p"), [(0, 1), (float("nan"), 1), (1, 0), (1, 1.1)])
def test_a_sampling_that_cannot_be_is_refused(temperature: float, top_p: float) -> None:
    with pytest.raises(BadInput, match="bad_sampling"):
        Sampling(temperature, top_p)


def test_media_that_the_prompt_does_not_name_are_refused(omni: Omni, tokens: Tokens) -> None:
    both, clips = prompt(tokens), media()
    wrong = [
        (Media(clips.frames, None), both),
        (clips, prompt(tokens, audio=False)),
        (Media(), both),
        (replace(clips, mel=clips.mel[:1] if clips.mel is not None else None), both),
        (replace(clips, frames=torch.zeros(2, 4, 3, 16, 16)), both),
        (replace(clips, mel=torch.zeros(2, 80, 60)), both),
    ]
    for given, asked in wrong:
        with pytest.raises(BadInput, match="bad_media"):
            omni.prefix(given, asked)


@pytest.mark.parametrize("frames", [4, 2, 1])
@torch.no_grad()
def test_fewer_mel_frames_are_an_approximation_with_fewer_tokens(omni: Omni, frames: int) -> None:
    sound = torch.zeros(1, 16, 6 * frames)
    assert omni.hear(sound).shape == (1, frames, 32)
    with pytest.raises(BadInput, match="bad_sound"):
        omni.hear(torch.zeros(1, 16, 62))
    with pytest.raises(BadInput, match="bad_sound"):
        omni.hear(torch.zeros(1, 16, 4))


@torch.no_grad()
def test_without_bert_the_published_instruction_gives_the_same(tokens: Tokens) -> None:
    model = tiny(TINY_BERT)
    asked = prompt(tokens)
    assert asked.gate == INSTRUCTION_PIECES
    before = model.prefix(media(), asked)
    model.fix_instruction(asked.gate)
    torch.testing.assert_close(model.prefix(media(), asked), before, atol=1e-6, rtol=1e-5)
    assert not any("bert" in name for name, _ in model.named_parameters())
    assert model.config.gate.bert is None
    with pytest.raises(BadInput, match="fixed_instruction"):
        model.prefix(media(), tokens.prompt(True, True, "What does this learner feel?"))


@torch.no_grad()
def test_bert_reads_an_instruction_once_until_it_is_trained() -> None:
    gate = tiny(TINY_BERT).gate
    reads: list[int] = []
    gate.bert.register_forward_hook(lambda *_: reads.append(1))
    first = gate((101, 2054, 102))
    assert gate((101, 2054, 102)) is first
    assert len(reads) == 1
    gate.train()
    gate.head[0].weight.add_(0.5)
    gate.eval()
    assert not torch.allclose(gate((101, 2054, 102)), first)
    for number in range(200):
        gate((101, number, 102))
    assert len(gate._known) <= gate.KNOWN_INSTRUCTIONS


@torch.no_grad()
def test_bert_weighs_the_branches_by_the_instruction(tokens: Tokens) -> None:
    model = tiny(TINY_BERT)
    weights = [model.gate((101, number, 102)) for number in (2054, 3125)]
    for three in weights:
        assert three.shape == (3,)
        assert float(three.sum()) == pytest.approx(1, abs=1e-6)
    assert not torch.allclose(*weights)
    with pytest.raises(BadInput, match="bad_instruction"):
        model.prefix(media(), tokens.prompt(True, True, "What does this learner feel?"))
