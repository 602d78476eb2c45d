"""The omni-mini that the package ships: it loads, answers in form, and its card says how well."""

from __future__ import annotations

import json
import shutil

import numpy as np
import pytest
import torch

from tests.inference.windows import window
from tutor_emotion.errors import TutorEmotionError
from tutor_emotion.nets.r1_omni import labels, prepare
from tutor_emotion.nets.r1_omni.answers import parse
from tutor_emotion.nets.r1_omni.checkpoint import load
from tutor_emotion.nets.r1_omni.model import Media
from tutor_emotion.nets.r1_omni.runner import MINI, OmniRunner

MOST_BYTES = 10 << 20


@pytest.fixture(scope="module")
def loaded():
    return load(MINI)


def made_up_clip(config):
    rng = np.random.default_rng(0)
    picture = rng.integers(60, 200, (96, 96, 3), dtype=np.uint8)
    t = np.arange(2 * prepare.RATE_HZ) / prepare.RATE_HZ
    sound = (8000 * np.sin(2 * np.pi * 180 * t) * np.abs(np.sin(3 * t))).astype(np.int16)
    return Media(prepare.frames([picture], config)[None], prepare.mel(sound, config)[None])


@pytest.mark.parametrize(("video", "audio"), [(True, True), (True, False), (False, True)])
def test_it_answers_a_made_up_clip_in_form(loaded, video, audio):
    clip = made_up_clip(loaded.config)
    media = Media(clip.frames if video else None, clip.mel if audio else None)
    with torch.no_grad():
        prefix = loaded.model.prefix(media, loaded.tokens.prompt(video, audio))
        (ids,) = loaded.model.generate(prefix, max_new_tokens=64, eos=loaded.tokens.eos)
    answer = parse(loaded.tokens.decode(ids))
    assert answer.well_formed
    assert answer.label in labels.label_set("mini").words


def test_as_a_runner_it_reads_a_window_and_gives_a_reason():
    runner = OmniRunner(MINI, "cpu", name="omni-mini")
    one = window(crops=1, utterances=1)
    ((reading,),) = runner.run([one])
    said = [p for name, p in reading.measures.items() if name.startswith("expression_")]
    assert len(said) == 6
    assert sum(said) == pytest.approx(1, abs=1e-6)
    answer = runner.reason(one)
    assert answer is not None
    assert answer.well_formed


def test_its_recorded_figures_stand_in_its_card():
    figures = json.loads((MINI / "figures.json").read_text(encoding="utf-8"))
    card = (MINI / "CARD.md").read_text(encoding="utf-8")
    assert "$" not in card
    assert f"{figures['parameters']:,} parameters" in card
    for name, one in figures["shipped"].items():
        cells = [f"{100 * one[key]:.1f}" for key in ("war", "uar", "form")]
        assert f"| {name} | {' | '.join(cells)} |" in card
    for word in ("no subject ids", "acted", "nothing may be decided by it"):
        assert word in card


def test_it_is_better_than_chance_and_in_form_by_its_own_figures():
    figures = json.loads((MINI / "figures.json").read_text(encoding="utf-8"))
    assert figures["shipped"]["clean"]["uar"] > 0.5  # six labels: chance is 0.17
    assert figures["shipped"]["clean"]["form"] > 0.95


def test_it_is_small_and_under_nobodys_policy(loaded):
    assert sum(path.stat().st_size for path in MINI.iterdir()) < MOST_BYTES
    assert loaded.config.policy == "none"


def test_a_flipped_byte_is_found(tmp_path):
    folder = tmp_path / "mini"
    shutil.copytree(MINI, folder)
    weights = folder / "model.safetensors"
    data = bytearray(weights.read_bytes())
    data[-5] ^= 1
    weights.write_bytes(data)
    with pytest.raises(TutorEmotionError) as refused:
        load(folder)
    assert refused.value.code == "checkpoint_corrupt"
