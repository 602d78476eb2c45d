"""RAVDESS as it is published: seven numbers in each file's name say what it is."""

from __future__ import annotations

import re
from pathlib import Path

from tutor_emotion.evaluation.clip_set import ClipSet, Senses, files
from tutor_emotion.evaluation.data import Item, Skipped

_RAVDESS_CLASSES = {
    "01": "neutral",
    "02": "calm",
    "03": "happy",
    "04": "sad",
    "05": "angry",
    "06": "fear",
    "07": "disgust",
    "08": "surprise",
}
_RAVDESS_NAME = re.compile(
    r"(?P<modality>0[123])-(?P<channel>0[12])-(?P<emotion>0[1-8])-(?P<intensity>0[12])"
    r"-(?P<statement>0[12])-(?P<repetition>0[12])-(?P<actor>0[1-9]|1\d|2[0-4])"
)
_RAVDESS_FORM: dict[str, tuple[Senses, str, str]] = {
    "01": ("video_audio", ".mp4", "picture and sound"),
    "02": ("video", ".mp4", "picture alone"),
    "03": ("audio", ".wav", "sound alone"),
}
_CHANNEL = {"01": "speech", "02": "song"}


def read_ravdess(root: Path, senses: Senses) -> ClipSet:
    """Names of seven numbers (modality, vocal channel, emotion, intensity, statement, repetition,
    actor) in folders ``Actor_NN``, wherever these lie: the archives unpack to
    ``Video_Speech_Actor_01/Actor_01`` and the like. Source: the description of the record
    10.5281/zenodo.1188976, "File naming convention" (Livingstone & Russo 2018).
    """
    items: list[Item] = []
    skipped: list[Skipped] = []
    left_out: dict[str, int] = {}
    seen: set[str] = set()
    for at in files(root, {".mp4", ".wav"}):
        name = at.relative_to(root).as_posix()
        fault = _misnamed(at)
        if fault:
            skipped.append(Skipped(name, 0, "data_misplaced", fault))
            continue
        part = _RAVDESS_NAME.fullmatch(at.stem)
        assert part is not None  # or it would be misnamed
        form, _suffix, told = _RAVDESS_FORM[part["modality"]]
        if form != senses:
            left_out[told] = left_out.get(told, 0) + 1
        elif at.name in seen:
            skipped.append(Skipped(name, 0, "data_repeats", "A clip of this name came before."))
        else:
            seen.add(at.name)
            label, channel = _RAVDESS_CLASSES[part["emotion"]], _CHANNEL[part["channel"]]
            items.append(Item(name, label, part["actor"], channel, path=at))
    classes = tuple(_RAVDESS_CLASSES.values())
    return ClipSet("ravdess", classes, tuple(items), tuple(skipped), left_out, named=True)


def _misnamed(at: Path) -> str:
    """What contradicts the name of a RAVDESS file, or nothing."""
    part = _RAVDESS_NAME.fullmatch(at.stem)
    if part is None:
        return "Its name is not seven numbers that RAVDESS knows."
    _, suffix, told = _RAVDESS_FORM[part["modality"]]
    if at.suffix.lower() != suffix:
        return f"Its name says {told}, which is {suffix} and not {at.suffix}."
    folder = re.fullmatch(r"Actor_(\d\d)", at.parent.name)
    if folder and folder[1] != part["actor"]:
        return f"Its name says actor {part['actor']}, its folder {folder[1]}."
    return ""
