"""Labelled files: folders, corpora known by their file names, lists; and what is refused."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.evaluation.making import drawn_face, picture_folder, write_lines, write_picture
from tutor_emotion.errors import BadInput
from tutor_emotion.evaluation.data import PICTURES, SOUNDS, read_listing, with_subjects
from tutor_emotion.evaluation.job import Job
from tutor_emotion.evaluation.label_map import Kind, ours, read_label_map, shipped
from tutor_emotion.evaluation.naming import naming_of
from tutor_emotion.nets.face.expression import EXPRESSIONS
from tutor_emotion.nets.voice.emotion import EMOTIONS

MOODS = {"happy": 1, "Sad": -1, "neutral": 0}
STATES = ("engaged", "confused", "frustrated", "bored", "neutral")


def touched(root: Path, *names: str) -> Path:
    """Files of different bytes."""
    for name in names:
        at = root / name
        at.parent.mkdir(parents=True, exist_ok=True)
        at.write_bytes(name.encode())
    return root


# --- it works ------------------------------------------------------------------------------------


def test_a_folder_with_a_sub_folder_per_class(tmp_path: Path) -> None:
    listing = read_listing(picture_folder(tmp_path, MOODS, each=2), PICTURES)
    assert [(item.name, item.label) for item in listing.items][:2] == [
        ("Sad/0.png", "Sad"),
        ("Sad/1.png", "Sad"),
    ]
    assert len(listing.items) == 6
    kept, left_out = ours(listing.items, EXPRESSIONS, "face", None)
    assert {label for _, label in kept} == {"happiness", "sadness", "neutral"}
    assert left_out == {}


def test_a_list_with_subjects_and_groups(tmp_path: Path) -> None:
    touched(tmp_path, "a.wav", "deep/b.wav")
    path = write_lines(
        tmp_path / "list.csv",
        ["file,label,subject,group", "a.wav,anger,s1,old", "", '"deep/b.wav",fear,s2,'],
    )
    first, second = read_listing(path, SOUNDS).items
    assert (first.subject, first.group, first.row) == ("s1", "old", 2)
    assert (second.path, second.row) == (tmp_path / "deep/b.wav", 4)
    assert second.where == "deep/b.wav, row 4"


def test_lists_as_a_german_spreadsheet_writes_them(tmp_path: Path) -> None:
    path = tmp_path / "liste.csv"
    path.write_bytes("\ufeffFile;Label;Note\r\na.wav;Ärger;laut, sehr\r\n".encode())
    listing = read_listing(path, SOUNDS)
    assert listing.items[0].label == "Ärger"
    assert listing.notes == ("column not used: note",)


@pytest.mark.parametrize(
    ("name", "file", "subject", "label"),
    [
        ("emodb", "03a01Wa.flac", "03", "anger"),
        ("crema-d", "1001_DFA_SAD_XX.wav", "1001", "sadness"),
        ("ravdess", "03-01-06-01-02-01-12.wav", "12", "fear"),
        ("emovo", "gio-f1-b1.wav", "f1", "happiness"),
        ("savee", "DC_sa01.wav", "DC", "sadness"),
        ("tess", "OAF_back_angry.wav", "OAF", "anger"),
    ],
)
def test_corpora_that_name_their_files(name: str, file: str, subject: str, label: str) -> None:
    naming = naming_of([file])
    assert naming is not None
    assert (naming.name, naming.subject(file)) == (name, subject)
    names = read_label_map(naming.name, "voice").names
    assert names[naming.label(file).casefold()] == label


def test_a_flat_folder_of_a_known_corpus(tmp_path: Path) -> None:
    listing = read_listing(touched(tmp_path, "03a01Wa.wav", "16b10Lb.wav"), SOUNDS)
    assert [(i.label, i.subject) for i in listing.items] == [("W", "03"), ("L", "16")]


def test_its_speakers_are_known_in_class_folders_too(tmp_path: Path) -> None:
    listing = read_listing(touched(tmp_path, "ira/dis-f1-b1.wav", "x/gio-m2-d1.wav"), SOUNDS)
    assert [(i.label, i.subject) for i in listing.items] == [("ira", "f1"), ("x", "m2")]


@pytest.mark.parametrize(
    ("pattern", "subjects"),
    [
        (r"/(\d+)_", ["17", "4", ""]),
        (r"(ira|paura)/(?P<subject>\d+)_", ["17", "4", ""]),
        (r"[a-z]\.wav", ["b.wav", "c.wav", "d.wav"]),
    ],
)
def test_a_pattern_says_whose_a_file_is(pattern: str, subjects: list[str], tmp_path: Path) -> None:
    folder = touched(tmp_path, "ira/17_b.wav", "paura/4_c.wav", "paura/d.wav")
    listing = with_subjects(read_listing(folder, SOUNDS), re.compile(pattern))
    assert [item.subject for item in listing.items] == subjects


def test_a_lists_own_subjects_stand(tmp_path: Path) -> None:
    touched(tmp_path, "17_b.wav", "4_c.wav")
    lines = ["file,label,subject", "17_b.wav,anger,eva", "4_c.wav,fear,"]
    listing = read_listing(write_lines(tmp_path / "list.csv", lines), SOUNDS)
    found = with_subjects(listing, re.compile(r"(\d+)_"))
    assert [item.subject for item in found.items] == ["eva", "4"]


def test_a_pattern_that_fits_nothing_is_refused(tmp_path: Path) -> None:
    listing = read_listing(touched(tmp_path, "ira/b.wav"), SOUNDS)
    with pytest.raises(BadInput, match=r"fits no name, as ira/b\.wav"):
        with_subjects(listing, re.compile(r"(\d+)_"))


def test_folders_of_a_known_corpus_may_have_common_names(tmp_path: Path) -> None:
    folder = touched(tmp_path, "fearful/1001_DFA_FEA_XX.wav", "ANG/1002_DFA_ANG_XX.wav")
    job = Job("voice", folder, tmp_path)
    listing = job.listing(SOUNDS)
    kept, _ = ours(listing.items, EMOTIONS, "voice", job.label_map(listing))
    assert [(item.subject, label) for item, label in kept] == [("1002", "anger"), ("1001", "fear")]


def test_the_same_file_again_is_counted(tmp_path: Path) -> None:
    for name in ("a", "b"):
        write_picture(tmp_path / "happy" / f"{name}.png", drawn_face(1, seed=1))
    assert read_listing(tmp_path, PICTURES).repeated == 1


# --- label maps ----------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["face", "voice"])
@pytest.mark.parametrize("name", shipped())
def test_every_map_that_is_shipped_leads_to_classes_that_exist(name: str, kind: Kind) -> None:
    known = {*EXPRESSIONS, *EMOTIONS, *STATES, "annoyed", ""}
    assert set(read_label_map(name, kind).names.values()) <= known


def test_surprise_is_left_out_for_the_voice_and_kept_for_the_face(tmp_path: Path) -> None:
    items = read_listing(touched(tmp_path, "gioia/a.wav", "sorpresa/b.wav"), SOUNDS).items
    kept, left_out = ours(items, EMOTIONS, "voice", read_label_map("emovo", "voice"))
    assert [label for _, label in kept] == ["happiness"]
    assert left_out == {"sorpresa": 1}
    kept, _ = ours(items, EXPRESSIONS, "face", read_label_map("emovo", "face"))
    assert [label for _, label in kept] == ["happiness", "surprise"]


def test_a_map_of_ones_own_ignores_case_and_may_be_plain(tmp_path: Path) -> None:
    items = read_listing(touched(tmp_path, "WUT/a.wav", "Egal/b.wav"), SOUNDS).items
    for text in ('[labels]\nwut = "angry"\negal = ""\n', 'Wut = "anger"\nEGAL = ""\n'):
        path = tmp_path / "map.toml"
        path.write_text(text)
        kept, left_out = ours(items, EMOTIONS, "voice", read_label_map(str(path), "voice"))
        assert [label for _, label in kept] == ["anger"]
        assert left_out == {"Egal": 1}


def test_a_map_that_misses_a_label_names_it_the_file_and_the_row(tmp_path: Path) -> None:
    touched(tmp_path, "a.wav", "b.wav")
    path = write_lines(tmp_path / "list.csv", ["file,label", "a.wav,angry", "b.wav,neutral"])
    chosen = tmp_path / "map.toml"
    chosen.write_text('[labels]\nangry = "anger"\n')
    items = read_listing(path, SOUNDS).items
    with pytest.raises(BadInput, match=r"'neutral' of b\.wav, row 3") as caught:
        ours(items, EMOTIONS, "voice", read_label_map(str(chosen), "voice"))
    assert caught.value.code == "label_unmapped"


def test_without_a_map_a_strange_label_is_no_guess(tmp_path: Path) -> None:
    items = read_listing(touched(tmp_path, "hangry/a.wav"), SOUNDS).items
    with pytest.raises(BadInput, match="hangry") as caught:
        ours(items, EMOTIONS, "voice", None)
    assert "--labels" in caught.value.hint


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("[labels", "bad_label_map"),
        ("[labels]\nangry = 3\n", "bad_label_map"),
        ("", "bad_label_map"),
        ('[labels]\nangry = "wrath"\n', "bad_label_map"),
        ('[labels]\nangry = ""\n', "data_empty"),
    ],
)
def test_a_bad_map(text: str, code: str, tmp_path: Path) -> None:
    items = read_listing(touched(tmp_path / "data", "angry/a.wav"), SOUNDS).items
    path = tmp_path / "map.toml"
    path.write_text(text)
    with pytest.raises(BadInput) as caught:
        ours(items, EMOTIONS, "voice", read_label_map(str(path), "voice"))
    assert caught.value.code == code


def test_a_map_that_is_not_there_names_ours() -> None:
    with pytest.raises(BadInput, match="no label map none") as caught:
        read_label_map("none.toml", "face")
    assert "crema-d" in caught.value.hint


# --- what it refuses -----------------------------------------------------------------------------


def test_an_empty_class(tmp_path: Path) -> None:
    touched(tmp_path, "happy/a.png")
    (tmp_path / "sad").mkdir()
    with pytest.raises(BadInput, match="sad") as caught:
        read_listing(tmp_path, PICTURES)
    assert caught.value.code == "class_empty"


def test_one_file_under_two_labels(tmp_path: Path) -> None:
    for name in ("happy", "sad"):
        write_picture(tmp_path / name / "a.png", drawn_face(1, seed=1))
    with pytest.raises(BadInput, match=r"happy/a\.png and sad/a\.png") as caught:
        read_listing(tmp_path, PICTURES)
    assert caught.value.code == "data_repeats"


def test_other_files_are_left_out_and_named(tmp_path: Path) -> None:
    touched(tmp_path, "happy/a.png", "happy/notes.txt", "happy/.hidden", "loose.png")
    listing = read_listing(tmp_path, PICTURES)
    assert [item.name for item in listing.items] == ["happy/a.png"]
    assert [one.file for one in listing.skipped] == ["loose.png", "happy/notes.txt"]


@pytest.mark.parametrize(
    ("lines", "named"),
    [
        (["file,label", "a.wav,anger", "b.wav,fear", "a.wav,anger"], "rows 2 and 4: a.wav"),
        (["file,label", "a.wav,anger", "./a.wav,fear"], "rows 2 and 3"),
        (["file,label", "a.wav"], "row 2: 1 cells under 2"),
        (["file,label", "a.wav,"], "row 2: no label"),
        (["file,label"], "no row"),
        (["path,emotion", "a.wav,anger"], "row 2: no file"),
        (["file,label,subjct", "a.wav,anger,s1"], "no column 'subjct'"),
        (["file,label,split", "a.wav,anger,train"], "row 2: split is 'train'"),
        (["file,label", '"a.wav,anger'], "row"),
    ],
)
def test_a_bad_list(lines: list[str], named: str, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=named) as caught:
        read_listing(write_lines(tmp_path / "list.csv", lines), SOUNDS)
    assert caught.value.code in {"bad_list", "data_repeats"}
    assert "list.csv" in caught.value.message


def test_a_list_that_is_not_utf_8(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_bytes(b"file,label\na.wav,\xc4rger\n")
    with pytest.raises(BadInput, match="row 2") as caught:
        read_listing(path, SOUNDS)
    assert caught.value.code == "data_unreadable"


@pytest.mark.parametrize("name", ["nothing", "a.txt", "flat", "empty"])
def test_what_is_no_data(name: str, tmp_path: Path) -> None:
    touched(tmp_path, "a.txt", "flat/a.wav")
    (tmp_path / "empty").mkdir()
    with pytest.raises(BadInput) as caught:
        read_listing(tmp_path / name, SOUNDS)
    assert caught.value.code in {"data_missing", "data_unknown"}
