"""DFEW and MAFW as they are handed out: clips of films with a number, and lists of five folds."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from tutor_emotion.errors import BadInput
from tutor_emotion.evaluation.clip_set import HINT, ClipSet, Dataset, files, first_of
from tutor_emotion.evaluation.data import Item, Skipped
from tutor_emotion.evaluation.tables import read_rows, read_text

# --- DFEW ----------------------------------------------------------------------------------------

_DFEW_CLASSES = {
    "1": "happy",
    "2": "sad",
    "3": "neutral",
    "4": "angry",
    "5": "surprise",
    "6": "disgust",
    "7": "fear",
}
_NOT_SINGLE = "0"
_DFEW_LISTS = (
    "EmoLabel_DataSplit/test(single-labeled)/set_{fold}.csv",
    "EmoLabel_DataSplit/test(single_labeled)/set_{fold}.csv",
    "label/single_testset_{fold}.csv",
)
_DFEW_CLIPS = "Clip/original"


def read_dfew(root: Path, fold: int) -> ClipSet:
    """``EmoLabel_DataSplit/test(single-labeled)/set_1.csv`` to ``set_5.csv`` (``video_name,label``;
    1 to 7, and 0 for a clip without a single label) and ``Clip/original``, whose clips are named by
    their number, in folders of parts or in none. The cut-out frames that are shipped beside them
    have no sound and are not read. Source: the ``README.md`` of DFEW 1.0 (2020-10-17); its smaller
    package calls the lists ``label/single_testset_1.csv``.
    """
    path = first_of(root, (form.format(fold=fold) for form in _DFEW_LISTS), "list of the split")
    clips = _numbered(root / _DFEW_CLIPS)
    table = read_rows(path, needs=("video_name", "label"), knows=())
    rows = ((row.number, row["video_name"], row["label"]) for row in table.rows)
    return _listed("dfew", _DFEW_CLASSES, path, rows, clips, table.notes)


# --- MAFW ----------------------------------------------------------------------------------------

_MAFW_CLASSES = {
    "anger": "angry",
    "disgust": "disgust",
    "fear": "fear",
    "happiness": "happy",
    "neutral": "neutral",
    "sadness": "sad",
    "surprise": "surprise",
    "contempt": "contemptuous",
    "anxiety": "anxious",
    "helplessness": "helpless",
    "disappointment": "disappointed",
}
_MAFW_LIST = "single/no_caption/set_{fold}/test.txt"
_MAFW_FOLDERS = ("Train & Test Set", "Train_Test_Set", "split", ".")
_MAFW_CLIPS = ("data/clips", "clips")


def read_mafw(root: Path, fold: int) -> ClipSet:
    """``Train & Test Set/single/no_caption/set_1`` to ``set_5``, ``test.txt`` with lines as
    ``00025.mp4 anger``, and ``data/clips/00025.mp4``. Source: ``preprocess/mafw_av.py`` of
    sunlicai/HiCMAE, which reads the data as its authors hand them out.
    """
    forms = (f"{folder}/{_MAFW_LIST.format(fold=fold)}" for folder in _MAFW_FOLDERS)
    path = first_of(root, forms, "list of the split")
    clips = _numbered(first_of(root, _MAFW_CLIPS, "folder of clips"))
    return _listed("mafw", _MAFW_CLASSES, path, _lines(path), clips, ())


def _lines(path: Path) -> Iterator[tuple[int, str, str]]:
    for number, line in enumerate(read_text(path).splitlines(), start=1):
        if not line.strip():
            continue
        words = line.split()
        if len(words) != 2:
            raise BadInput(
                "bad_list",
                f"{path.name}, row {number}: it is not a clip and its label, as 00025.mp4 anger.",
                hint=HINT,
            )
        yield number, words[0], words[1]


# --- what both have in common -----------------------------------------------------------


def _listed(
    dataset: Dataset,
    classes: Mapping[str, str],
    path: Path,
    rows: Iterable[tuple[int, str, str]],
    clips: Mapping[int, Path],
    notes: tuple[str, ...],
) -> ClipSet:
    items: list[Item] = []
    skipped: list[Skipped] = []
    left_out: dict[str, int] = {}
    first: dict[int, int] = {}
    for row, named, label in rows:
        number = _number(path, row, named)
        if number in first:
            raise BadInput(
                "data_repeats",
                f"{path.name}, rows {first[number]} and {row}: {named[:40]} is listed twice.",
            )
        first[number] = row
        name = f"{number}.mp4" if dataset == "dfew" else f"{number:05d}.mp4"
        if dataset == "dfew" and label == _NOT_SINGLE:
            left_out["not single-labelled"] = left_out.get("not single-labelled", 0) + 1
        elif label not in classes:
            raise BadInput(
                "label_unmapped",
                f"{path.name}, row {row}: {label!r:.40} is no label of {dataset}.",
                hint=f"Its labels are {', '.join(classes)}.",
            )
        elif number not in clips:
            skipped.append(Skipped(name, row, "file_missing", "The clip is not there."))
        else:
            items.append(Item(name, classes[label], row=row, path=clips[number]))
    if not first:
        raise BadInput("bad_list", f"{path.name} lists no clip.", hint=HINT)
    return ClipSet(dataset, tuple(classes.values()), tuple(items), tuple(skipped), left_out, notes)


def _number(path: Path, row: int, named: str) -> int:
    found = re.fullmatch(r"(\d{1,5})(\.mp4)?", named, re.ASCII)
    if found is None:
        raise BadInput(
            "bad_list", f"{path.name}, row {row}: {named!r:.40} is no clip's number.", hint=HINT
        )
    return int(found[1])


def _numbered(folder: Path) -> dict[int, Path]:
    """The clips below a folder by their number."""
    if not folder.is_dir():
        raise BadInput("data_missing", f"There is no folder {folder}.", hint=HINT)
    clips: dict[int, Path] = {}
    for at in files(folder, {".mp4"}):
        if not re.fullmatch(r"\d{1,5}", at.stem, re.ASCII):
            continue
        twin = clips.setdefault(int(at.stem), at)
        if twin != at:
            raise BadInput(
                "data_repeats",
                f"{twin.relative_to(folder)} and {at.relative_to(folder)} have the same number.",
                hint="Remove the one that is not of this set.",
            )
    return clips
