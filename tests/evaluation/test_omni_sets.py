"""RAVDESS, DFEW and MAFW as they are shipped: which clips they hold, and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.evaluation.making import write_lines
from tutor_emotion.errors import BadInput
from tutor_emotion.evaluation.clip_set import ClipSet, Dataset, Senses
from tutor_emotion.evaluation.omni_sets import read_clips

SPLITS = {
    "dfew": "EmoLabel_DataSplit/test(single-labeled)/set_1.csv",
    "mafw": "Train & Test Set/single/no_caption/set_1/test.txt",
}


def read(dataset: Dataset, root: Path, *, fold: int = 1, senses: Senses = "video_audio") -> ClipSet:
    return read_clips(dataset, root, fold=fold, senses=senses)


def touched(root: Path, *names: str) -> Path:
    """Empty files: the readers open lists only."""
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).touch()
    return root


def refused(dataset: Dataset, root: Path, *, senses: Senses = "video_audio") -> BadInput:
    with pytest.raises(BadInput) as caught:
        read(dataset, root, senses=senses)
    return caught.value


# --- RAVDESS -------------------------------------------------------------------------------------


def test_ravdess_says_all_in_its_names(tmp_path: Path) -> None:
    touched(
        tmp_path,
        "Video_Speech_Actor_12/Actor_12/01-01-06-01-02-01-12.mp4",
        "Video_Speech_Actor_12/Actor_12/02-01-06-01-02-01-12.mp4",
        "Video_Song_Actor_01/Actor_01/01-02-02-02-01-02-01.mp4",
        "Audio_Speech_Actors_01-24/Actor_12/03-01-08-01-02-01-12.wav",
    )
    found = read("ravdess", tmp_path)
    assert [(i.label, i.subject, i.group) for i in found.items] == [
        ("calm", "01", "song"),
        ("fear", "12", "speech"),
    ]
    assert found.named
    assert len(found.classes) == 8
    assert found.left_out == {"picture alone": 1, "sound alone": 1}
    assert [i.label for i in read("ravdess", tmp_path, senses="video").items] == ["fear"]
    assert [i.label for i in read("ravdess", tmp_path, senses="audio").items] == ["surprise"]


def test_ravdess_lies_flat_or_twice(tmp_path: Path) -> None:
    touched(tmp_path, "01-01-03-01-01-01-02.mp4", "copy/Actor_02/01-01-03-01-01-01-02.mp4")
    found = read("ravdess", tmp_path)
    assert len(found.items) == 1
    assert [one.code for one in found.skipped] == ["data_repeats"]


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("Actor_02/01-01-09-01-01-01-02.mp4", "seven numbers"),  # an emotion that is none
        ("Actor_25/01-01-03-01-01-01-25.mp4", "seven numbers"),
        ("Actor_02/holiday.mp4", "seven numbers"),
        ("Actor_02/03-01-03-01-01-01-02.mp4", "sound alone"),
        ("Actor_02/01-01-03-01-01-01-02.wav", "picture and sound"),
        ("Actor_02/01-01-03-01-01-01-03.mp4", "actor 03"),
    ],
)
def test_a_ravdess_file_that_is_not_what_its_name_says(
    tmp_path: Path, name: str, told: str
) -> None:
    touched(tmp_path, name, "Actor_01/01-01-03-01-01-01-01.mp4", "__MACOSX/x.mp4", ".a/x.mp4")
    found = read("ravdess", tmp_path)
    assert [i.name for i in found.items] == ["Actor_01/01-01-03-01-01-01-01.mp4"]
    assert [one.code for one in found.skipped] == ["data_misplaced"]
    assert told in found.skipped[0].reason


# --- DFEW ----------------------------------------------------------------------------------------


def dfew(root: Path, *lines: str, split: str = SPLITS["dfew"]) -> Path:
    write_lines(root / split, ["video_name,label", *lines])
    return touched(root, "Clip/original/part_1/1.mp4", "Clip/original/part_2/01700.mp4")


def test_dfew_by_number_wherever_the_part_lies(tmp_path: Path) -> None:
    found = read("dfew", dfew(tmp_path, "1,7", "1700,2"))
    assert [(i.name, i.label, i.row) for i in found.items] == [
        ("1.mp4", "fear", 2),
        ("1700.mp4", "sad", 3),
    ]
    assert found.items[1].path.name == "01700.mp4"
    assert not found.named


@pytest.mark.parametrize(
    "split",
    ["EmoLabel_DataSplit/test(single_labeled)/set_1.csv", "label/single_testset_1.csv"],
)
def test_dfew_as_its_readme_spells_it(tmp_path: Path, split: str) -> None:
    assert len(read("dfew", dfew(tmp_path, "1,1", split=split)).items) == 1


def test_each_fold_has_its_list(tmp_path: Path) -> None:
    dfew(tmp_path, "1,1")
    dfew(tmp_path, "1700,2", split=SPLITS["dfew"].replace("set_1", "set_4"))
    assert [i.name for i in read("dfew", tmp_path, fold=4).items] == ["1700.mp4"]
    with pytest.raises(BadInput, match=r"set_2\.csv"):
        read("dfew", tmp_path, fold=2)


def test_dfew_clips_without_one_label_or_file_are_counted(tmp_path: Path) -> None:
    found = read("dfew", dfew(tmp_path, "1,1", "1700,0", "9,3"))
    assert found.left_out == {"not single-labelled": 1}
    assert [(s.file, s.row, s.code) for s in found.skipped] == [("9.mp4", 4, "file_missing")]


# --- MAFW ----------------------------------------------------------------------------------------


def mafw(root: Path, *lines: str, clips: str = "data/clips") -> Path:
    write_lines(root / SPLITS["mafw"], lines)
    return touched(root, f"{clips}/00001.mp4", f"{clips}/00025.mp4")


def test_mafw_in_the_words_of_the_model(tmp_path: Path) -> None:
    found = read("mafw", mafw(tmp_path, "00025.mp4 anger", "", "00001.mp4 helplessness"))
    assert [(i.name, i.label, i.row) for i in found.items] == [
        ("00025.mp4", "angry", 1),
        ("00001.mp4", "helpless", 3),
    ]
    assert len(found.classes) == 11


def test_mafw_clips_beside_the_split(tmp_path: Path) -> None:
    assert len(read("mafw", mafw(tmp_path, "00001.mp4 fear", clips="clips")).items) == 1


# --- what they refuse ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("dataset", "line", "code"),
    [
        ("dfew", "1,8", "label_unmapped"),
        ("dfew", "1,happy", "label_unmapped"),
        ("dfew", "one,1", "bad_list"),
        ("dfew", "1,1,1", "bad_list"),
        ("dfew", "1,", "bad_list"),
        ("mafw", "00001.mp4 joy", "label_unmapped"),
        ("mafw", "00001.mp4", "bad_list"),
        ("mafw", "../../etc/passwd anger", "bad_list"),
    ],
)
def test_a_row_that_is_wrong_is_named(
    tmp_path: Path, dataset: Dataset, line: str, code: str
) -> None:
    make = dfew if dataset == "dfew" else mafw
    error = refused(dataset, make(tmp_path, line))
    assert error.code == code
    assert "row" in error.message


@pytest.mark.parametrize(
    ("dataset", "line"), [("dfew", ("1,1", "00001,2")), ("mafw", ("1.mp4 fear", "00001.mp4 fear"))]
)
def test_a_clip_that_is_listed_twice(
    tmp_path: Path, dataset: Dataset, line: tuple[str, str]
) -> None:
    make = dfew if dataset == "dfew" else mafw
    assert refused(dataset, make(tmp_path, *line)).code == "data_repeats"


def test_two_clips_of_one_number(tmp_path: Path) -> None:
    touched(dfew(tmp_path, "1,1"), "Clip/original/part_9/00001.mp4")
    assert refused("dfew", tmp_path).code == "data_repeats"


@pytest.mark.parametrize("dataset", ["ravdess", "dfew", "mafw"])
def test_folders_that_hold_something_else(tmp_path: Path, dataset: Dataset) -> None:
    assert refused(dataset, tmp_path / "nowhere").code == "data_missing"
    error = refused(dataset, tmp_path)
    assert error.code == ("data_empty" if dataset == "ravdess" else "data_unknown")
    assert "r1-omni.md" in error.hint


def test_nothing_left_says_why(tmp_path: Path) -> None:
    error = refused("dfew", dfew(tmp_path, "77,1"))
    assert error.code == "data_empty"
    assert "77.mp4" in error.message


@pytest.mark.parametrize("content", [b"\xff\xfe\x00", b"video_name,label\n"])
def test_a_list_that_is_none(tmp_path: Path, content: bytes) -> None:
    (dfew(tmp_path) / SPLITS["dfew"]).write_bytes(content)
    assert refused("dfew", tmp_path).code in {"data_unreadable", "bad_list"}
