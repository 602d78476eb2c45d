"""A real model of random numbers, asked about real clips: nothing that it says makes sense."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.evaluation.clips_made import write_clip
from tests.evaluation.making import drawn_face, voiced
from tests.nets.r1_omni.tiny import TINY, bytes_tokenizer, tiny
from tutor_emotion.evaluation.clip_set import Senses
from tutor_emotion.evaluation.clips import Decoded, decode
from tutor_emotion.evaluation.omni_asking import OmniAsked
from tutor_emotion.nets.r1_omni.tokens import Tokens

LABELS = ("happy", "sad", "neutral")


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> OmniAsked:
    return OmniAsked(
        tiny(),
        Tokens(bytes_tokenizer(tmp_path_factory.mktemp("tokenizer"))),
        {"name": "tiny", "version": "0", "sha256": "0" * 64},
        LABELS,
        max_new_tokens=12,
    )


def clip(tmp_path: Path, seed: int, senses: Senses) -> Decoded:
    faces = [drawn_face(seed % 3 - 1, 50 * seed + at) for at in range(12)]
    path = write_clip(tmp_path / f"{seed}.mp4", faces, voiced(seed, 100 + 30 * seed))
    return decode(path, senses, count=TINY.num_frames)


@pytest.mark.parametrize("senses", ["video_audio", "video", "audio"])
def test_a_batch_says_what_each_clip_says_alone(
    asked: OmniAsked, tmp_path: Path, senses: Senses
) -> None:
    clips = [clip(tmp_path, seed, senses) for seed in range(3)]
    together = asked.ask(clips)
    alone = [asked.ask([one])[0] for one in clips]
    assert [said.text for said in together] == [said.text for said in alone]
    assert all(said.text for said in together)
    for said, one in zip(together, alone, strict=True):
        assert said.scores == pytest.approx(one.scores, abs=1e-4)
    assert len({said.scores for said in together}) == 3, "it looked at the clips"
