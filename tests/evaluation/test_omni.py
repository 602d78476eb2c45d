"""R1-Omni on the data sets of its paper: WAR, UAR, and whether its reasons hold."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from tests.evaluation.clips_made import dfew, mafw, pictures, ravdess, write_clip
from tests.evaluation.making import voiced
from tutor_emotion.errors import BadInput, Unavailable
from tutor_emotion.evaluation.clip_set import Dataset
from tutor_emotion.evaluation.clips import Decoded
from tutor_emotion.evaluation.job import Job, OmniJob
from tutor_emotion.evaluation.omni import outcome, refuse_unfit
from tutor_emotion.evaluation.omni_asking import Said
from tutor_emotion.evaluation.omni_sets import read_clips
from tutor_emotion.evaluation.report import write_report
from tutor_emotion.evaluation.run import Evaluation, measured
from tutor_emotion.evaluation.summary import show
from tutor_emotion.nets.r1_omni.answers import write

FROWN = "The brow is lowered."
FROWNS = {"browDownLeft": 0.4, "browDownRight": 0.4}


@dataclass
class Scripted:
    """Says the texts in turn; label scoring always holds the first class for likely."""

    texts: Sequence[str]
    classes: int
    sizes: list[tuple[str, int]] = field(default_factory=list)
    stamp: dict[str, str] = field(
        default_factory=lambda: {"name": "scripted/1", "version": "1", "sha256": "0" * 64}
    )
    num_frames: int = 8
    temperature: float = 1.0

    def ask(self, clips: Sequence[Decoded]) -> list[Said]:
        assert len({clip.senses for clip in clips}) == 1
        asked = sum(n for _, n in self.sizes)
        self.sizes.append((clips[0].senses, len(clips)))
        scores = (2.0, *(0.0,) * (self.classes - 1))
        return [Said(self.texts[asked + at], scores) for at in range(len(clips))]


@dataclass
class Frowning:
    """Whatever the clip, the brow is low."""

    def of(self, clips: Sequence[Decoded]) -> list[dict[str, float]]:
        return [dict(FROWNS) for _ in clips]


def job(dataset: Dataset, root: Path, **more: Any) -> Job:
    options = {key: more.pop(key) for key in list(more) if key in OmniJob.__dataclass_fields__}
    return Job("omni", root, Path(), omni=OmniJob(dataset, **{"batch_size": 2, **options}), **more)


def asked_of(given: Job, texts: Sequence[str]) -> tuple[Evaluation, Scripted]:
    omni = given.of_omni
    clips = read_clips(omni.dataset, given.path, fold=omni.fold, senses=omni.senses)
    scripted = Scripted(texts, len(clips.classes))
    return measured(given, outcome(given, clips, scripted, Frowning())), scripted


FIVE = {1: "1", 2: "1", 3: "4", 4: "4", 5: "6"}  # DFEW: happy, happy, angry, angry, disgust
SAID = (
    write("A smile.", "happy"),
    write(FROWN + " This is anger.", "Furious"),  # the right meaning would be happy
    write(FROWN + " This is joy.", "angry"),  # right, for another label
    f"<think>{FROWN} and it never ends",
    write("The eyes are wide.", "disgust"),
)


def test_war_and_uar_beside_the_published_rows(tmp_path: Path) -> None:
    done, scripted = asked_of(job("dfew", dfew(tmp_path, FIVE)), SAID)
    figures = done.figures
    assert scripted.sizes == [("video_audio", 2), ("video_audio", 2), ("video_audio", 1)]
    assert figures["accuracy"] == pytest.approx(3 / 5)
    assert figures["uar"] == pytest.approx((1 / 2 + 1 / 2 + 1) / 3)
    assert figures["classes"][-1] == "other"
    assert figures["confusion"]["counts"][0] == [1, 0, 0, 0, 0, 0, 0, 1]
    assert {row["model"] for row in figures["published"]} >= {"R1-Omni", "HumanOmni-0.5B"}
    assert figures["ece"] is None, "a word has no probability"
    assert not figures["stopped"]


def test_what_the_texts_look_like_and_whether_their_reasons_hold(tmp_path: Path) -> None:
    figures = asked_of(job("dfew", dfew(tmp_path, FIVE)), SAID)[0].figures
    assert figures["form"] == {
        "well_formed": 4 / 5,
        "without_answer": 1 / 5,
        "outside_the_set": {"furious": 1},
        "accuracy_by_meaning": 3 / 5,
    }
    reasons = figures["reasons"]
    assert (reasons["with_reason"], reasons["claims"], reasons["claims_checked"]) == (4, 4, 2)
    assert reasons["claims_false"] == 0
    assert reasons["not_grounded_rate"] == 2 / 4, "nobody measured the smile and the eyes"
    assert reasons["right_with_reason"] == 3
    assert reasons["right_for_another_label"] == 1 / 3


def test_label_scoring_of_the_same_clips(tmp_path: Path) -> None:
    root = dfew(tmp_path, FIVE)
    beside = asked_of(job("dfew", root), SAID)[0].figures["scored"]
    alone = asked_of(job("dfew", root, by="scored"), SAID)[0].figures
    assert beside["accuracy"] == alone["accuracy"] == 2 / 5, "always the first: happy"
    assert beside["agreement"] == 1 / 5
    assert alone["ece"] == pytest.approx(beside["ece"])
    assert alone["classes"] == ["happy", "angry", "disgust"], "those that the data holds"
    assert "reasons" not in alone


def test_ravdess_by_channel_and_actor(tmp_path: Path) -> None:
    names = ["01-01-03-01-01-01-01", "01-02-04-01-01-01-01", "01-01-03-01-01-01-02"]
    texts = [write(FROWN, word) for word in ("happy", "happy", "sad")]
    figures = asked_of(job("ravdess", ravdess(tmp_path, names)), texts)[0].figures
    assert figures["accuracy"] == pytest.approx(1 / 3)
    assert figures["by_group"]["speech"]["n"] == 2
    assert figures["by_subject"]["02"]["accuracy"] == 0
    assert figures["interval_over"] == "subjects"
    assert figures["fold"] is None


def test_ravdess_by_ear_alone(tmp_path: Path) -> None:
    ravdess(tmp_path, ["03-01-03-01-01-01-01", "01-01-04-01-01-01-01"])
    done, scripted = asked_of(job("ravdess", tmp_path, senses="audio"), [write(FROWN, "happy")])
    assert scripted.sizes == [("audio", 1)]
    assert done.figures["accuracy"] == 1
    assert done.figures["left_out"] == {"picture and sound": 1}


def test_mafw_in_the_models_words(tmp_path: Path) -> None:
    root = mafw(tmp_path, {1: "contempt", 2: "helplessness"})
    texts = [write(FROWN, "contemptuous"), write(FROWN, "helplessness")]
    figures = asked_of(job("mafw", root), texts)[0].figures
    assert figures["accuracy"] == 1 / 2, "as published, only the set's own word is right"
    assert figures["form"]["accuracy_by_meaning"] == 1


# --- clips that are not whole --------------------------------------------------------------------


def test_bad_clips_are_left_out_counted_and_named(tmp_path: Path) -> None:
    root = dfew(tmp_path, {1: "1", 2: "2", 3: "3"}, parts=False)
    clips = root / "Clip" / "original"
    (clips / "1.mp4").write_bytes(b"not a clip")
    write_clip(clips / "2.mp4", None, voiced(1))
    done, _ = asked_of(job("dfew", root), [write(FROWN, "neutral")])
    found = {one["file"]: one["code"] for one in done.figures["skipped"]}
    assert found == {"1.mp4": "clip_unreadable", "2.mp4": "clip_no_picture"}
    assert done.figures["n"] == 1
    with pytest.raises(BadInput, match=r"1\.mp4"):
        asked_of(job("dfew", root, strict=True), [])


def test_clips_without_a_sound_track_are_asked_about_alone(tmp_path: Path) -> None:
    root = dfew(tmp_path, {1: "1", 2: "2"}, parts=False)
    write_clip(root / "Clip" / "original" / "2.mp4", pictures(1, 9))
    done, scripted = asked_of(job("dfew", root), [write(FROWN, "happy"), write(FROWN, "sad")])
    assert scripted.sizes == [("video_audio", 1), ("video", 1)]
    assert done.figures["mute_clips"] == 1
    assert "no sound track" in done.figures["notes"][0]
    assert done.figures["accuracy"] == 1


def test_a_ravdess_clip_that_lacks_what_its_name_promises(tmp_path: Path) -> None:
    ravdess(tmp_path, ["01-01-03-01-01-01-01"])
    write_clip(tmp_path / "Actor_02" / "01-01-03-01-01-01-02.mp4", pictures(1, 9))
    done, _ = asked_of(job("ravdess", tmp_path), [write(FROWN, "happy")])
    assert [one["code"] for one in done.figures["skipped"]] == ["clip_not_as_named"]


def test_where_nothing_can_be_read(tmp_path: Path) -> None:
    root = dfew(tmp_path, {1: "1"}, parts=False)
    (root / "Clip" / "original" / "1.mp4").write_bytes(b"")
    with pytest.raises(BadInput) as caught:
        asked_of(job("dfew", root), [])
    assert caught.value.code == "all_bad"


# --- runs that end early -------------------------------------------------------------------------


def after(batches: int) -> Callable[[str, list[Any]], Iterator[Any]]:
    """A progress bar during which somebody presses Ctrl-C."""

    def bar(_: str, items: list[Any]) -> Iterator[Any]:
        yield from items[:batches]
        raise KeyboardInterrupt

    return bar


def test_ctrl_c_keeps_what_there_is_and_a_second_run_goes_on(tmp_path: Path) -> None:
    root, keep = dfew(tmp_path / "data", FIVE), tmp_path / "answers.jsonl"
    first, scripted = asked_of(job("dfew", root, keep=keep, progress=after(1)), SAID)
    assert first.figures["stopped"]
    assert first.figures["n"] == 2
    assert "after 2 of 5" in first.figures["notes"][0]
    second, scripted = asked_of(job("dfew", root, keep=keep), SAID[2:])
    assert sum(n for _, n in scripted.sizes) == 3, "the first two are not asked again"
    at_once, _ = asked_of(job("dfew", root), SAID)
    assert second.figures == at_once.figures
    with pytest.raises(BadInput) as caught:
        asked_of(job("dfew", root, keep=keep, by="scored"), SAID)
    assert caught.value.code == "kept_for_another"


def test_ctrl_c_before_the_first_answer(tmp_path: Path) -> None:
    with pytest.raises(Unavailable) as caught:
        asked_of(job("dfew", dfew(tmp_path, FIVE), progress=after(0)), SAID)
    assert caught.value.code == "stopped"


# --- how it is shown -----------------------------------------------------------------------------


def test_people_see_ours_beside_the_published(tmp_path: Path) -> None:
    done, _ = asked_of(job("dfew", dfew(tmp_path / "data", FIVE)), SAID)
    out = StringIO()
    show(done, Console(file=out, width=120))
    told = out.getvalue()
    for words in (
        "DFEW, fold 1",
        "scripted/1",
        "60.00",
        "65.83",
        "not_grounded_rate",
        "furious 1",
        "–",
    ):
        assert words in told


@pytest.mark.parametrize("by", ["generated", "scored"])
def test_the_report_draws_what_is_known(tmp_path: Path, by: str) -> None:
    done, _ = asked_of(job("dfew", dfew(tmp_path / "data", FIVE), by=by), SAID)
    write_report(done, tmp_path / "report")
    drawn = {at.name for at in (tmp_path / "report").iterdir()}
    page = (tmp_path / "report" / "report.md").read_text()
    assert "| R1-Omni | 65.83 | 56.27 |" in page
    assert ("reliability.png" in drawn) is (by == "scored")
    assert all((f"({name})" in page) for name in drawn if name.endswith(".png"))


def test_options_that_mean_nothing_here(tmp_path: Path) -> None:
    for given in (job("dfew", tmp_path, labels="meld"), job("dfew", tmp_path, split_seed=1)):
        with pytest.raises(BadInput) as caught:
            refuse_unfit(given)
        assert caught.value.code == "bad_option"
    refuse_unfit(job("dfew", tmp_path, split_seed=1, by="scored"))
    with pytest.raises(BadInput, match="--dataset"):
        refuse_unfit(Job("omni", tmp_path, Path()))
