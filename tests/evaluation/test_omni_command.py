"""``manage.py evaluate omni`` over a checkpoint's folder, from clips to a table and one object."""

from __future__ import annotations

from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from tests.evaluation.clips_made import dfew, mafw, ravdess, write_clip
from tests.evaluation.making import evaluated, voiced
from tests.media_files import frames
from tests.nets.r1_omni.tiny import TINY, bytes_tokenizer, tiny
from tutor_emotion.conf import get_settings
from tutor_emotion.evaluation.clips import decode
from tutor_emotion.evaluation.omni_measures import CompactMeasures
from tutor_emotion.evaluation.omni_sets import read_clips
from tutor_emotion.nets.r1_omni.checkpoint import save
from tutor_emotion.nets.r1_omni.labels import label_sets
from tutor_emotion.nets.r1_omni.tokens import Tokens

NAMES = ["01-01-03-01-01-01-01", "01-02-04-01-01-01-02", "03-01-01-01-01-01-01"]


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("tiny-omni")
    model = tiny(TINY.model_copy(update={"policy": "none"}))
    save(folder, model, Tokens(bytes_tokenizer(folder)), today="2026-11-28")
    return str(folder)


@pytest.fixture(scope="module")
def clips(tmp_path_factory: pytest.TempPathFactory) -> str:
    return str(ravdess(tmp_path_factory.mktemp("ravdess"), NAMES))


def run(checkpoint: str, clips: str, *more: str, dataset: str = "ravdess") -> dict[str, Any]:
    return evaluated(
        "omni", "--dataset", dataset, "--root", clips, "--model", checkpoint,
        "--max-new-tokens", "8", "--device", "cpu", *more,
    )  # fmt: skip


def test_random_numbers_answer_no_word_of_the_set(checkpoint: str, clips: str) -> None:
    figures = run(checkpoint, clips)
    assert (figures["kind"], figures["n"], figures["accuracy"]) == ("omni", 2, 0.0)
    assert figures["model"].keys() == {"name", "version", "sha256"}
    assert len(figures["model"]["sha256"]) == 64
    assert figures["form"]["without_answer"] == 1
    assert figures["reasons"]["with_reason"] == 0
    assert 0 <= figures["scored"]["accuracy"] <= 1
    assert figures["published"][3] == {
        "model": "R1-Omni", "war": 43.0, "uar": 44.69, "source": "arXiv 2503.05379",
    }  # fmt: skip


def test_by_scores_and_by_ear(checkpoint: str, clips: str) -> None:
    figures = run(checkpoint, clips, "--by", "scored", "--senses", "audio")
    assert figures["n"] == 1
    assert figures["ece"] is not None
    assert figures["classes"] == [
        "neutral", "calm", "happy", "sad", "angry", "fear", "disgust", "surprise",
    ]  # fmt: skip


def test_people_get_a_table(checkpoint: str, clips: str) -> None:
    out = StringIO()
    call_command(
        "evaluate", "omni", dataset="ravdess", root=Path(clips), model=checkpoint,
        max_new_tokens=8, stdout=out,
    )  # fmt: skip
    for word in ("RAVDESS", "43.00", "Whether the reasons hold", "this run, n 2"):
        assert word in out.getvalue()


def test_ctrl_c_ends_as_a_shell_tells_it(
    checkpoint: str, clips: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def bar(_: str, items: list[Any]) -> Any:
        yield from items[:1]
        raise KeyboardInterrupt

    monkeypatch.setattr("tutor_emotion.management.commands.evaluate._progress", lambda: bar)
    keep = tmp_path / "kept.jsonl"
    with pytest.raises(SystemExit) as caught:
        run(checkpoint, clips, "--batch-size", "1", "--keep", str(keep))
    assert caught.value.code == 130
    assert len(keep.read_text().splitlines()) == 2


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["--dataset", "ravdess"], "data_missing: Where are the data"),
        (["--root", "{clips}"], "data_unknown: Which data set"),
        (["--dataset", "dfew", "--root", "{clips}"], "data_unknown"),
        (["--dataset", "ravdess", "--root", "{clips}", "--model", "nowhere"], "no_model"),
        (["--dataset", "ravdess", "--root", "{clips}", "--model", "{clips}"], "checkpoint_"),
        (["--dataset", "ravdess", "--root", "{clips}", "--labels", "meld"], "bad_option"),
        (["--dataset", "ravdess", "--root", "{clips}", "--split", "1"], "bad_option"),
        (["--dataset", "ravdess", "--root", "{clips}", "--batch-size", "0"], "within 1 and"),
        (["--dataset", "dfew", "--root", "{clips}", "--fold", "6"], "invalid choice"),
        (["--dataset", "iemocap", "--root", "{clips}"], "invalid choice"),
    ],
)
def test_what_it_refuses(arguments: list[str], named: str, clips: str) -> None:
    with pytest.raises(CommandError, match=named):
        evaluated("omni", *(argument.format(clips=clips) for argument in arguments))


def test_a_report_of_words_has_no_reliability(checkpoint: str, clips: str, tmp_path: Path) -> None:
    run(checkpoint, clips, "--report", str(tmp_path / "report"))
    drawn = {at.name for at in (tmp_path / "report").iterdir()}
    assert drawn == {"confusion.png", "recall.png", "report.md"}


def test_measures_of_a_clip_are_of_its_face_and_its_voice(tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    faces = list(frames("face", seconds=1.0, fps=8))
    write_clip(path, faces, voiced(1, seconds=1.5))
    measures = CompactMeasures(get_settings().WEIGHTS_DIR, "cpu")
    both, alone = measures.of([decode(path, "video_audio"), decode(path, "audio")])
    assert {"browDownLeft", "f0_median_st"} <= both.keys()
    assert "browDownLeft" not in alone


@pytest.mark.parametrize("dataset", ["ravdess", "dfew", "mafw"])
def test_the_labels_are_those_that_the_live_path_scores(dataset: str, tmp_path: Path) -> None:
    made = {
        "ravdess": lambda: ravdess(tmp_path, NAMES[:1]),
        "dfew": lambda: dfew(tmp_path, {1: "1"}),
        "mafw": lambda: mafw(tmp_path, {1: "fear"}),
    }[dataset]()
    found = read_clips(dataset, made, fold=1, senses="video_audio")  # type: ignore[arg-type]
    assert set(found.classes) == set(label_sets()[dataset].words)
