"""The omni Runner on a tiny random checkpoint: Windows in, Readings out, whatever comes."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from tests.inference.windows import crop, utterance, window
from tests.nets.r1_omni.tiny import TINY, bytes_tokenizer, tiny
from tutor_emotion.core import engine
from tutor_emotion.core.config import EngineConfig
from tutor_emotion.core.types import STATES, Reading, Utterance, Window
from tutor_emotion.errors import BadInput, NotAllowed, TutorEmotionError
from tutor_emotion.nets.r1_omni import labels
from tutor_emotion.nets.r1_omni.checkpoint import save
from tutor_emotion.nets.r1_omni.clips import Clip, clip_of
from tutor_emotion.nets.r1_omni.model import Media
from tutor_emotion.nets.r1_omni.runner import OmniRunner, heard_for
from tutor_emotion.nets.r1_omni.tokens import Prompt, Tokens

LONG = TINY.model_copy(update={"audio": TINY.audio.model_copy(update={"mel_frames": 3000})})


def checkpoint(folder: Path, config: object = LONG) -> Path:
    tokens = Tokens(bytes_tokenizer(folder.parent / "tokenizer"))
    save(folder, tiny(config), tokens, today="2026-11-28")  # type: ignore[arg-type]
    return folder


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return checkpoint(tmp_path_factory.mktemp("omni") / "checkpoint")


@pytest.fixture(scope="module")
def runner(folder: Path) -> OmniRunner:
    return OmniRunner(folder, "cpu", label_set="mafw")


def said(samples: np.ndarray, seconds: float = 1.0) -> Utterance:
    return Utterance(0.0, seconds, samples)


def of_sound(*utterances: Utterance) -> Window:
    return replace(window(crops=0), utterances=utterances)


# --- it works -------------------------------------------------------------------------------------


def test_each_layout_gives_one_reading_of_what_was_there(runner: OmniRunner) -> None:
    both, face, voice = runner.run([window(utterances=2), window(), window(crops=0, utterances=1)])
    assert [[r.modality for r in readings] for readings in (both, face, voice)] == [
        ["face"], ["face"], ["voice"],
    ]  # fmt: skip
    (seen,) = both
    assert (seen.start_s, seen.end_s, seen.n_valid) == (0.0, 1.0, 2)
    assert seen.quality == pytest.approx(2 * 0.9 / 5)
    assert sum(seen.measures.values()) == pytest.approx(1.0)
    assert len(seen.measures) == 11
    assert seen.probabilities is None
    (heard,) = voice
    assert heard.n_valid == 1
    assert set(heard.measures) == {
        f"voice_{n}" for n in ("anger", "disgust", "fear", "happiness", "neutral", "sadness")
    }


def test_the_version_names_the_checkpoint_and_the_words(runner: OmniRunner, folder: Path) -> None:
    name, words = runner.version.split()
    assert name.startswith("r1-omni/1+")
    assert words == "labels/mafw"
    assert OmniRunner(folder, "cpu", name="omni-mini").version.startswith("omni-mini/1+")


def test_the_same_window_gives_the_same_reading_whoever_else_is_there(runner: OmniRunner) -> None:
    windows = [
        window(seq=0, utterances=1),
        window(seq=1),
        window(seq=2, crops=0, utterances=2),
        window(seq=3, crops=5, utterances=1),
        *(window(seq=n) for n in range(4, 15)),
    ]
    together = runner.run(windows)
    backwards = runner.run(windows[::-1])[::-1]
    for one, among, turned in zip(windows, together, backwards, strict=True):
        ((alone,),) = runner.run([one])
        for other in (*among, *turned):
            assert replace(other, measures={}) == replace(alone, measures={})
            assert other.measures == pytest.approx(alone.measures, abs=1e-5)


def test_the_engine_weighs_it_as_it_weighs_the_compact_runners_labels(runner: OmniRunner) -> None:
    config = EngineConfig()
    state = engine.start(config)
    ((reading,),) = runner.run([window(utterances=1)])
    estimates = []
    for second in range(1, 40):
        p = 0.9 if second > 25 else 0.1
        anger = {"expression_anger": p, "expression_neutral": 1 - p}
        given = replace(
            reading,
            measures=anger,
            n_valid=5,
            start_s=second - 1.0,
            end_s=float(second),
            quality=0.9,
        )
        step = engine.step(state, [given], float(second), config)
        state = step.state
        estimates += [e for e in step.estimates if e.probabilities is not None]
    last = estimates[-1]
    assert last.model.startswith("r1-omni/1+")
    frustrated = sum(e.nats for e in last.evidence if e.state == "frustrated")
    assert 0 < frustrated <= 0.31  # weak, as the mapping file says


def test_a_set_of_states_is_taken_as_it_is(folder: Path) -> None:
    runner = OmniRunner(folder, "cpu", label_set="states")
    ((reading,),) = runner.run([window()])
    assert reading.measures == {}
    assert reading.probabilities is not None
    assert set(reading.probabilities) == set(STATES)
    assert sum(reading.probabilities.values()) == pytest.approx(1.0)


def test_a_checkpoints_own_temperature_is_used(tmp_path: Path) -> None:
    at = checkpoint(tmp_path / "warm")
    dfew = labels.label_set("dfew")
    labels.write_scoring(at, replace(dfew, temperature=50.0))
    ((warm,),) = OmniRunner(at, "cpu").run([window()])
    labels.write_scoring(at, replace(dfew, temperature=0.05))
    ((cold,),) = OmniRunner(at, "cpu").run([window()])
    assert max(warm.measures.values()) < max(cold.measures.values())
    assert max(warm.measures.values()) - min(warm.measures.values()) < 0.1


def test_it_warms_up_and_then_says_why_where_it_is_asked(runner: OmniRunner) -> None:
    runner.warm_up()
    answer = runner.reason(window(utterances=1))  # random weights say nothing that is well formed
    assert answer is not None
    assert not answer.well_formed
    assert runner.reason(window(crops=0)) is None


class Bucketed(OmniRunner):
    """Fills its batches up as on a GPU, and remembers how large they were."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, "cpu", label_set="mafw")
        self._on_gpu, self._most, self.sizes = True, 128, list[int]()
        prefix = self.model.prefix

        def watched(media: Media, prompt: Prompt) -> torch.Tensor:
            made = prefix(media, prompt)
            self.sizes.append(len(made))
            return made

        self.model.prefix = watched  # type: ignore[method-assign]


def test_on_a_gpu_batches_have_few_sizes_and_what_fills_them_up_says_nothing(
    folder: Path, runner: OmniRunner
) -> None:
    bucketed = Bucketed(folder)
    windows = [*(window(seq=n) for n in range(5)), *(window(seq=n, utterances=1) for n in range(3))]
    found = bucketed.run(windows)
    assert bucketed.sizes == [4, 8]  # three with sound, five without
    for (one,), (other,) in zip(found, runner.run(windows), strict=True):
        assert one.measures == pytest.approx(other.measures, abs=1e-5)


# --- a shorter window of sound --------------------------------------------------------------------


def test_a_shorter_window_is_named_and_hears_the_newest(folder: Path, runner: OmniRunner) -> None:
    short = OmniRunner(folder, "cpu", label_set="mafw", sound_s=2)
    assert short.version == f"{runner.version} sound/2s"
    draw = np.random.default_rng(0)
    old, new = (draw.integers(-9000, 9000, 32_000).astype(np.int16) for _ in range(2))
    ((together,),) = short.run([of_sound(said(old, 2.0), said(new, 2.0))])
    ((alone,),) = short.run([of_sound(said(new, 2.0))])
    assert together.measures == pytest.approx(alone.measures, abs=1e-5)
    ((exact,),) = runner.run([of_sound(said(new, 2.0))])
    assert exact.measures != pytest.approx(alone.measures, abs=1e-5)  # it is an approximation


def test_what_hears_less_anyway_is_not_called_shorter() -> None:
    assert heard_for(TINY, 10) is TINY
    with pytest.raises(BadInput, match="1 to 30 seconds"):
        heard_for(TINY, 0)


# --- bad Windows ----------------------------------------------------------------------------------

BLACK = replace(crop(), pixels=np.zeros((192, 192, 3), np.uint8))
ODD = replace(crop(), pixels=np.zeros((192, 100, 3), np.uint8))
FLOATS = replace(crop(), pixels=np.full((192, 192, 3), np.nan))  # type: ignore[arg-type]
NAMELESS = replace(crop(), quality=float("nan"))
TICK = said(np.full(16, 900, np.int16), 0.001)
NOISE = np.random.default_rng(0).integers(-900, 900, 16_000 * 600).astype(np.int16)


@pytest.mark.parametrize(
    "bad",
    [
        window(crops=0),
        replace(window(), crops=(BLACK, ODD, FLOATS, NAMELESS)),
        of_sound(TICK),
        of_sound(said(np.zeros(16_000, np.int16))),
        of_sound(said(np.full(16_000, np.nan, np.float32))),
        of_sound(said(np.empty(0, np.int16), 0.0)),
    ],
    ids=["nothing", "pictures that are none", "1 ms", "silence", "NaN", "empty"],
)
def test_what_cannot_be_read_gives_nothing_and_harms_no_neighbour(
    runner: OmniRunner, bad: Window
) -> None:
    good = window(utterances=1)
    ((alone,),) = runner.run([good])
    assert clip_of(bad) is None
    nothing, (among,) = runner.run([bad, good])
    assert nothing == []
    assert among.measures == pytest.approx(alone.measures, abs=1e-5)
    assert runner.reason(bad) is None


def test_of_a_window_in_part_unreadable_the_rest_is_read(runner: OmniRunner) -> None:
    ((reading,),) = runner.run([replace(window(), crops=(BLACK, crop()), utterances=(TICK,))])
    assert (reading.modality, reading.n_valid) == ("face", 1)
    ((voice,),) = runner.run([replace(of_sound(utterance()), crops=(BLACK,))])
    assert voice.modality == "voice"


def test_of_ten_minutes_the_last_half_minute_is_heard(runner: OmniRunner) -> None:
    ((long,),) = runner.run([of_sound(said(NOISE, 600.0))])
    ((end,),) = runner.run([of_sound(said(NOISE[-30 * 16_000 :], 30.0))])
    assert long.measures == pytest.approx(end.measures, abs=1e-5)


def test_an_answer_that_is_no_number_is_no_reading(folder: Path) -> None:
    runner = OmniRunner(folder, "cpu")
    with torch.no_grad():
        runner.model.language.model.norm.weight.fill_(torch.nan)
    assert runner.run([window()]) == [[]]


# --- out of memory --------------------------------------------------------------------------------


class Small(OmniRunner):
    """A device that has room for ``room`` clips."""

    room = 3

    def _batch(self, clips: Sequence[Clip]) -> list[np.ndarray | None]:
        if len(clips) > self.room:
            raise torch.OutOfMemoryError("CUDA out of memory")
        return super()._batch(clips)


def test_without_memory_the_batch_halves_and_goes_on(
    folder: Path, runner: OmniRunner, caplog: pytest.LogCaptureFixture
) -> None:
    small = Small(folder, "cpu", label_set="mafw")
    windows = [window(seq=n) for n in range(9)]
    with caplog.at_level(logging.WARNING):
        found = small.run(windows)
    for (one,), (other,) in zip(found, runner.run(windows), strict=True):
        assert one.measures == pytest.approx(other.measures, abs=1e-5)
    assert "at most 4 from now on" in caplog.text
    assert "at most 2 from now on" in caplog.text
    caplog.clear()
    small.run(windows)  # and it has learned
    assert "out of memory" not in caplog.text


def test_a_clip_for_which_there_is_no_memory_at_all_is_left_out(
    folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    none = Small(folder, "cpu")
    none.room = 0
    assert none.run([window(), window()]) == [[], []]
    assert "no memory for a single clip" in caplog.text


# --- what does not load ---------------------------------------------------------------------------


def _nothing(at: Path) -> None:
    for path in at.iterdir():
        path.unlink()


def _half(at: Path) -> None:
    weights = at / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-1000])


def _flipped(at: Path) -> None:
    weights = at / "model.safetensors"
    raw = bytearray(weights.read_bytes())
    raw[-1] ^= 1
    weights.write_bytes(raw)


def _unknown_words(at: Path) -> None:
    (at / labels.SCORING).write_text('{"label_set": "moods", "temperature": 1.0}')


@pytest.mark.parametrize(
    ("spoil", "codes"),
    [
        (_nothing, {"checkpoint_empty", "checkpoint_incomplete"}),
        (_half, {"checkpoint_corrupt", "checkpoint_incomplete"}),
        (_flipped, {"checkpoint_corrupt"}),
        (_unknown_words, {"unknown_label_set"}),
    ],
)
def test_a_broken_checkpoint_is_refused_with_a_code_and_a_hint(
    tmp_path: Path, spoil: object, codes: set[str]
) -> None:
    at = checkpoint(tmp_path / "checkpoint", TINY)
    spoil(at)  # type: ignore[operator]
    with pytest.raises(TutorEmotionError) as refused:
        OmniRunner(at, "cpu")
    assert refused.value.code in codes
    assert refused.value.hint


def test_a_model_under_r1_omnis_policy_needs_its_acknowledgement(tmp_path: Path) -> None:
    at = checkpoint(tmp_path / "checkpoint", TINY.model_copy(update={"policy": "r1-omni"}))
    with pytest.raises(NotAllowed) as refused:
        OmniRunner(at, "cpu")
    assert refused.value.code == "policy_unacknowledged"


def test_a_reading_crosses_the_wire_as_plain_numbers(runner: OmniRunner) -> None:
    ((reading,),) = runner.run([window()])
    assert all(type(value) is float for value in reading.measures.values())
    assert Reading(**{f: getattr(reading, f) for f in Reading.__dataclass_fields__}) == reading
