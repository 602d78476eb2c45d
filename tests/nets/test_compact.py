"""The compact Runner: Windows in, Readings out, nobody harmed by a neighbour."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
import torch

from tests.nets.conftest import Picture, crop, utterance
from tests.speech_synthesis import formant_sentence
from tutor_emotion.conf import get_settings
from tutor_emotion.core.types import FaceCrop, Reading, Utterance, Window
from tutor_emotion.errors import BadInput, Unavailable
from tutor_emotion.inference.runner import Runner
from tutor_emotion.nets import registry
from tutor_emotion.nets.compact import CompactRunner
from tutor_emotion.nets.device import choose_device
from tutor_emotion.nets.face.blendshapes import NAMES

POSE = {"yaw_deg", "pitch_deg", "roll_deg", "gaze_away", "face_scale"}


def window(
    crops: Sequence[FaceCrop] = (), utterances: Sequence[Utterance] = (), sampled: int = 0
) -> Window:
    return Window(7, 10.0, 11.0, tuple(crops), tuple(utterances), "ok", "ok", sampled)


@pytest.fixture(scope="module")
def speech() -> Utterance:
    said = formant_sentence(1, 16_000)
    return Utterance(10.2, 10.2 + len(said) / 16_000, said)


@pytest.fixture(scope="module")
def smiling(face: Picture) -> Window:
    """One second of a face that does not move."""
    return window([crop(face, 10 + k / 5) for k in range(5)], sampled=5)


def same(one: Sequence[Reading], other: Sequence[Reading]) -> bool:
    return len(one) == len(other) and all(
        a.modality == b.modality
        and a.n_valid == b.n_valid
        and a.measures.keys() == b.measures.keys()
        and math.isclose(a.quality, b.quality, abs_tol=1e-4)
        and all(math.isclose(a.measures[k], b.measures[k], abs_tol=1e-3) for k in a.measures)
        for a, b in zip(one, other, strict=True)
    )


def test_it_is_a_runner_with_a_version(runner: CompactRunner):
    as_runner: Runner = runner
    shipped = [model.stamp for model in registry.active(get_settings().WEIGHTS_DIR).values()]
    assert as_runner.version == " ".join(["compact/2+64184e22", *shipped])
    assert as_runner.spec.sound == "utterance"


def test_a_window_gives_a_face_and_each_utterance_a_voice(
    runner: CompactRunner, smiling: Window, speech: Utterance
):
    (readings,) = runner.run([window(smiling.crops, [speech, speech], sampled=5)])
    face, *voices = readings
    assert face.modality == "face"
    assert (face.start_s, face.end_s, face.n_valid) == (10.0, 11.0, 5)
    assert face.model in runner.version
    assert face.model.startswith("compact/2+64184e22")
    assert "voice/" not in face.model
    assert all("expression/" not in voice.model for voice in voices)
    assert face.quality > 0.95
    net = {name for name in face.measures if name.startswith("expression_")}
    assert len(net) == (8 if "expression/" in face.model else 0)
    assert set(face.measures) - net == {*NAMES[1:], *POSE, "motion", "eyes_closed"}
    assert face.measures["mouthSmileLeft"] > 0.8
    assert face.measures["motion"] == pytest.approx(0, abs=0.01)
    assert face.measures["gaze_away"] == face.measures["eyes_closed"] == 0
    assert face.measures["face_scale"] == 0.5
    assert [v.modality for v in voices] == ["voice"] * 2
    assert (voices[0].start_s, voices[0].end_s) == (speech.start_s, speech.end_s)
    first, again = (
        {name: m for name, m in voice.measures.items() if not name.startswith("voice_")}
        for voice in voices
    )
    assert first == again  # the net knows the speaker a little when it hears the second


def test_measures_are_means_over_the_crops(
    runner: CompactRunner, face: Picture, pictures: list[Picture]
):
    other = pictures[1]
    one, two, both = runner.run(
        [window([crop(face)]), window([crop(other)]), window([crop(face), crop(other, 0.2)])]
    )
    for name in ("mouthSmileLeft", "yaw_deg", "browInnerUp"):
        mean = (one[0].measures[name] + two[0].measures[name]) / 2
        assert both[0].measures[name] == pytest.approx(mean, abs=1e-3)


def test_a_batch_gives_what_singles_give_and_gives_it_again(
    runner: CompactRunner, pictures: list[Picture], speech: Utterance
):
    windows = [window([crop(p, k / 5)], [speech] * (k % 2)) for k, p in enumerate(pictures)]
    together = runner.run(windows)
    assert len(together) == len(windows)
    for alone, in_company in zip(windows, together, strict=True):
        assert same(runner.run([alone])[0], in_company)
    assert all(same(a, b) for a, b in zip(together, runner.run(windows), strict=True))


def test_more_faces_than_fit_a_chunk_keep_their_order(
    runner: CompactRunner, face: Picture, pictures: list[Picture]
):
    windows = [window([crop(face if k % 3 else pictures[-1])] * 5) for k in range(5)]
    found = [readings[0].n_valid for readings in runner.run(windows)]
    assert found == [0, 5, 5, 0, 5]


def test_no_face_in_the_crop_is_no_measure(runner: CompactRunner, pictures: list[Picture]):
    ((reading,),) = runner.run([window([crop(pictures[-1])] * 3)])
    assert reading.n_valid == 0
    assert reading.quality == 0
    assert reading.measures == {}


def test_quality_is_the_share_of_frames_that_showed_a_good_face(
    runner: CompactRunner, face: Picture, pictures: list[Picture]
):
    def quality(crops: Sequence[FaceCrop], sampled: int) -> float:
        return runner.run([window(crops, sampled=sampled)])[0][0].quality

    whole = quality([crop(face)] * 4, 4)
    assert quality([crop(face)] * 4, 8) == pytest.approx(whole / 2, abs=1e-3)
    assert quality([crop(face, quality=0.25)] * 4, 4) == pytest.approx(whole / 4, abs=1e-3)
    assert quality([crop(face), crop(pictures[-1])], 2) == pytest.approx(whole / 2, abs=1e-3)
    assert quality([crop(face, quality=7.0)] * 4, 4) <= 1.0


def test_a_face_that_is_turned_away_is_looking_away_and_shows_nothing_else(
    runner: CompactRunner, face: Picture, monkeypatch: pytest.MonkeyPatch
):
    """No picture here is turned by 40 degrees, so the limit is drawn in."""
    monkeypatch.setattr("tutor_emotion.nets.face.pose.MAX_PITCH_DEG", 1.0)
    ((reading,),) = runner.run([window([crop(face)])])
    assert reading.quality == 0
    assert reading.n_valid == 1
    assert set(reading.measures) == POSE


def test_an_empty_window_has_nothing_to_say(runner: CompactRunner):
    assert runner.run([]) == []
    assert runner.run([window(), window()]) == [[], []]


def test_a_bad_member_loses_only_itself(
    runner: CompactRunner, smiling: Window, face: Picture, speech: Utterance
):
    bad_crops = [
        crop(face[:100]),
        crop(face.astype(np.float32)),  # type: ignore[arg-type]
        crop(face, scale=float("nan")),
        crop(face, roll_deg=float("inf")),
        crop(np.zeros((0, 0, 3), np.uint8)),
    ]
    bad_sound = [
        Utterance(0, 1, np.full(16_000, np.nan)),  # type: ignore[arg-type]
        Utterance(0, 0, np.zeros(0, np.int16)),
        utterance(np.zeros(16_000), quality=float("nan")),
    ]
    spoilt = window([*bad_crops, *smiling.crops], [*bad_sound, speech], sampled=10)
    hopeless = window(bad_crops, bad_sound)
    healthy = window(smiling.crops, [speech], sampled=5)
    results = runner.run([healthy, hopeless, spoilt, healthy])
    assert same(results[0], runner.run([healthy])[0])
    assert same(results[0], results[3])
    assert results[1] == []
    assert [r.modality for r in results[2]] == ["face", "voice"]
    assert results[2][0].n_valid == 5
    assert results[2][0].quality == pytest.approx(results[0][0].quality / 2, abs=1e-3)


def test_warming_up_changes_nothing(runner: CompactRunner, smiling: Window):
    before = runner.run([smiling])
    runner.warm_up()
    assert same(before[0], runner.run([smiling])[0])


@pytest.mark.skipif(not torch.cuda.is_available(), reason="this machine has no GPU")
def test_a_gpu_says_what_the_cpu_says(
    runner: CompactRunner, weights_dir: Path, smiling: Window, speech: Utterance
):
    both = window(smiling.crops, [speech], sampled=5)
    gpu = CompactRunner(weights_dir, "cuda")
    assert same(runner.run([both])[0], gpu.run([both])[0])


def test_on_a_cpu_it_leaves_half_of_the_cores_to_others(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    for cores, threads in ((1, 1), (2, 1), (6, 3), (64, 4)):
        monkeypatch.setattr("os.sched_getaffinity", lambda _, n=cores: set(range(n)))
        choose_device("cpu")
        assert torch.get_num_threads() == threads


def test_without_weights_or_device_it_does_not_start(weights_dir: Path, tmp_path: Path):
    for folder, device, kind, code in (
        (tmp_path, "cpu", Unavailable, "weights_missing"),
        (weights_dir, "abacus", BadInput, "bad_device"),
        (weights_dir, "meta", BadInput, "bad_device"),
        (weights_dir, "cuda:99", Unavailable, "no_device"),
    ):
        with pytest.raises(kind) as error:
            CompactRunner(folder, device)
        assert error.value.code == code
