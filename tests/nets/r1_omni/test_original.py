"""The published code, run on the same random weights, comes to the same numbers.

``original.json`` holds what it gave: HumanMLLM/R1-Omni at the commit named there, in single
precision on a CPU, with the published widths and 2 layers of the language model, 2 of Whisper, 3 of
SigLIP (the last is never read), 2 of BERT, and a vocabulary of bytes. Weights, pictures and sound
follow ``recipe``. The clips are its first 8 or 4 pictures and 2 s of sound; the instruction is
the one of the published README. Of each tensor it keeps sums, and 16 numbers spread evenly (at
(2n + 1) · size // 32); of the last logits every fourth, and where it went on, greedily and with
its cache, those of its last step.

For sound alone the published code crashes: its stand-in clip does not fit its tower. The numbers
come from a stand-in of the tower's size, which the rest of that code then leaves unread.
"""

from __future__ import annotations

import json
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from tests.nets.r1_omni import recipe
from tests.nets.r1_omni.tiny import bytes_tokenizer
from tutor_emotion.nets.r1_omni import gate
from tutor_emotion.nets.r1_omni.checkpoint import built, expected, fill
from tutor_emotion.nets.r1_omni.config import (
    FULL,
    AudioConfig,
    BertConfig,
    GateConfig,
    LanguageConfig,
    OmniConfig,
    VisionConfig,
)
from tutor_emotion.nets.r1_omni.keys import Shape, compare, to_ours
from tutor_emotion.nets.r1_omni.model import Media, Omni
from tutor_emotion.nets.r1_omni.prepare import frame_numbers, frames, mel
from tutor_emotion.nets.r1_omni.tokens import Prompt, Tokens

ORIGINAL: dict[str, Any] = json.loads(
    (Path(__file__).parent / "original.json").read_text(encoding="utf-8")
)
SMALL = OmniConfig(
    vision=VisionConfig(layers=2),
    audio=AudioConfig(layers=2),
    language=LanguageConfig(layers=2, vocabulary=272),
    gate=GateConfig(bert=BertConfig(layers=2)),
)
SENTINELS = {"video": -201, "audio": -202}  # what the published code puts into the row of numbers
SOUND = recipe.sound(32_000)
AT = 1e-4


class Remembering(nn.Module):
    """The sound tower is most of the work, and five of six clips have the same sound."""

    def __init__(self, tower: nn.Module) -> None:
        super().__init__()
        self.tower = tower
        self.known: tuple[Tensor, Tensor] | None = None

    def forward(self, mels: Tensor) -> Tensor:
        if self.known is None or not torch.equal(self.known[0], mels):
            self.known = mels, self.tower(mels)
        return self.known[1]


@pytest.fixture(scope="module")
def model() -> Omni:
    made = built(SMALL)
    weights = {key: recipe.weight(key, shape) for key, shape in expected(made).items()}
    fill(made, {str(to_ours(key)): torch.from_numpy(values) for key, values in weights.items()})
    made.audio = Remembering(made.audio)  # type: ignore[assignment]
    return made.eval()


@pytest.fixture(scope="module")
def tokens(tmp_path_factory: pytest.TempPathFactory) -> Tokens:
    return Tokens(bytes_tokenizer(tmp_path_factory.mktemp("bytes")))


def shapes(vision: int, audio: int, language: int, bert: int, vocabulary: int) -> dict[str, Shape]:
    """The original's tensors at a depth; the stars of the file stand for numbers of layers."""
    depth = {"vision_tower": vision, "audio_tower": audio, "bert_model": bert}
    found = {}
    for pattern, sides in ORIGINAL["tensors"].items():
        if pattern in ("lm_head.weight", "model.embed_tokens.weight"):
            sides = [vocabulary, *sides[1:]]
        count = next((n for part, n in depth.items() if part in pattern), language)
        for number in range(count if "*" in pattern else 1):
            found[pattern.replace("*", str(number))] = tuple(sides)
    return found


@pytest.mark.parametrize(
    ("config", "found", "tensors"),
    [
        (SMALL, shapes(3, 2, 2, 2, 272), 305),
        (FULL, shapes(12, 32, 24, 12, 151_936), 1_323),
    ],
    ids=["small", "full"],
)
def test_the_published_tensors_are_ours_by_name_and_shape(
    config: OmniConfig, found: dict[str, Shape], tensors: int
) -> None:
    assert len(found) == tensors
    report = compare(expected(built(config)), found, config)
    assert report.fits, report.lines()
    assert len(report.ignored) == 34
    assert {name.split(".")[-2] for name in report.ignored if "audio" in name} == {
        "projector",
        "classifier",
    }


def levels(pixels: Tensor) -> Any:
    """Back to bytes; what is no whole step of 1/255 would be off."""
    steps = (pixels.double() + 1) * 127.5
    torch.testing.assert_close(steps, steps.round(), atol=1e-4, rtol=0)
    return steps.round().to(torch.uint8).numpy()


@pytest.mark.parametrize("aspect", ["pad", "squash"])
@pytest.mark.parametrize("size", ["96x128", "40x24", "288x512"])
def test_pictures_are_prepared_to_the_same_bytes(size: str, aspect: Any) -> None:
    pictures = [recipe.picture(number) for number in range(8 if size == "96x128" else 2)]
    if size == "40x24":
        pictures = [picture[:40, :24] for picture in pictures]
    elif size == "288x512":
        pictures = [picture.repeat(3, axis=0).repeat(4, axis=1) for picture in pictures]
    made = frames(pictures, SMALL.model_copy(update={"num_frames": len(pictures)}), aspect)
    theirs = ORIGINAL["pixels"][f"{size} {aspect}"]
    assert list(made.shape) == theirs["shape"]
    assert sha256(levels(made).tobytes()).hexdigest() == theirs["sha256"]


def test_the_same_pictures_of_a_clip_are_taken() -> None:
    for have, theirs in ORIGINAL["frame_numbers"].items():
        for want, numbers in theirs.items():
            assert frame_numbers(int(have), int(want)) == numbers, (have, want)


@pytest.mark.parametrize("heard", ["32000", "16", "496000", "silence"])
def test_sound_is_prepared_to_the_same_mel(heard: str) -> None:
    silent = np.zeros(32_000, dtype=np.int16)
    samples = silent if heard == "silence" else recipe.sound(int(heard))
    same(mel(samples, SMALL), ORIGINAL["mel"][heard], at=1e-5)


@pytest.mark.parametrize(
    ("modal", "video", "audio"),
    [("video_audio", True, True), ("video", True, False), ("audio", False, True)],
)
def test_the_prompt_is_the_same_row_of_numbers(
    tokens: Tokens, modal: str, video: bool, audio: bool
) -> None:
    row = [
        number
        for part in tokens.prompt(video, audio).parts
        for number in ([SENTINELS[part]] if isinstance(part, str) else part)
    ]
    assert len(row) == ORIGINAL["prompts"][modal]["tokens"]
    digest = sha256(np.array(row, dtype="<i4").tobytes()).hexdigest()
    assert digest == ORIGINAL["prompts"][modal]["sha256"]


@pytest.mark.parametrize("case", ["8 pad", "8 squash", "4 pad", "4 squash", "video", "audio"])
@torch.no_grad()
def test_the_same_clip_gives_the_same_logits(model: Omni, tokens: Tokens, case: str) -> None:
    theirs = ORIGINAL["cases"][case]
    media, prompt = clip(case, tokens)
    seen, hooks = overheard(model)
    prefix = model.prefix(media, prompt)
    for hook in hooks:
        hook.remove()
    for name in seen:
        same(seen[name], theirs[name])
    same(prefix, theirs["prefix"])
    said = theirs.get("greedy", {"ids": [0], "last_logits": theirs["few_logits"]})
    logits = model.logits(prefix, torch.tensor([said["ids"]]))[0]
    same(logits[0], theirs["logits"])
    near(logits[0, ::4], theirs["few_logits"])
    near(logits[-1, ::4], said["last_logits"])
    if "greedy" in theirs:
        length = len(said["ids"])
        assert model.generate(prefix, max_new_tokens=length, eos=tokens.eos) == [said["ids"]]


@torch.no_grad()
def test_three_numbers_stand_for_bert(model: Omni, tokens: Tokens) -> None:
    assert isinstance(model.gate, gate.BertGate)
    asked = tokens.prompt(True, True).gate
    same(gate.fixed(model.gate, asked)(asked), ORIGINAL["cases"]["8 pad"]["weights"])


def test_the_clips_are_told_apart_by_far_more_than_what_is_allowed() -> None:
    rows = [np.array(case["few_logits"]) for case in ORIGINAL["cases"].values()]
    apart = [np.abs(a - b).max() for n, a in enumerate(rows) for b in rows[:n]]
    assert len(apart) == 15
    assert min(apart) > 100 * AT


def clip(case: str, tokens: Tokens) -> tuple[Media, Prompt]:
    video, audio = case != "audio", case != "video"
    count, aspect = {"video": ("4", "pad"), "audio": ("4", "pad")}.get(case) or case.split()
    pictures = [recipe.picture(number) for number in range(int(count))]
    config = SMALL.model_copy(update={"num_frames": int(count), "aspect": aspect})
    media = Media(
        frames(pictures, config)[None] if video else None,
        mel(SOUND, config)[None] if audio else None,
    )
    return media, tokens.prompt(video, audio)


def overheard(model: Omni) -> tuple[dict[str, Tensor], list[Any]]:
    """What the parts say while the whole is computed, and the hooks to remove after."""
    seen: dict[str, Tensor] = {}
    parts = {
        "patches": model.vision,
        "weights": model.gate,
        "video": model.connector.video,
        "body": model.connector.body,
        "face": model.connector.face,
        "heard": model.projector,
    }

    def hook(name: str) -> Any:
        return lambda _module, _given, said: seen.__setitem__(name, said)

    return seen, [part.register_forward_hook(hook(name)) for name, part in parts.items()]


def same(ours: Tensor, theirs: dict[str, Any], at: float = AT) -> None:
    """Shape, sums, and the numbers that were kept."""
    assert list(ours.shape) == theirs["shape"]
    flat = ours.double().flatten()
    assert float(flat.mean()) == pytest.approx(theirs["mean"], abs=at / 10)
    assert float(flat.abs().mean()) == pytest.approx(theirs["magnitude"], abs=at / 10)
    assert float(flat.norm()) == pytest.approx(theirs["norm"], rel=at / 10)
    if "points" in theirs:
        near(flat[[(2 * n + 1) * len(flat) // 32 for n in range(16)]], theirs["points"], at)


def near(ours: Tensor, theirs: list[float], at: float = AT) -> None:
    wanted = torch.tensor(theirs, dtype=torch.float64)
    torch.testing.assert_close(ours.double(), wanted, atol=at, rtol=0)
