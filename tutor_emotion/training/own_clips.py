"""A site's own labelled clips to train an omni model on: a list of files, labels and texts.

A CSV (or TOML) with the columns ``file``, ``label`` and, for a cold start, ``text``: the answer to
imitate. Files are MP4s, or sounds alone, beside the list or below it.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from torch import Generator

from tutor_emotion.core.emotion_words import meant
from tutor_emotion.errors import BadInput
from tutor_emotion.evaluation.clips import decode
from tutor_emotion.evaluation.omni_measures import Measures
from tutor_emotion.evaluation.tables import Row, read_rows
from tutor_emotion.nets.r1_omni import prepare
from tutor_emotion.nets.r1_omni.answers import parse
from tutor_emotion.nets.r1_omni.config import OmniConfig
from tutor_emotion.training.examples import Example


class OwnClips:
    """The clips of a list, as ``Examples``. A file is opened when it is drawn and measured once.

    ``labels`` is the set; without it, what the list says. A label may be any word for one of the
    set. ``with_texts``: each row needs a text in form, whose answer is its label.

    Raises:
        BadInput: ``data_missing``, ``bad_list``, ``data_empty``, ``file_missing``,
            ``label_unknown``, ``text_missing``, ``text_not_in_form``; when drawn those of
            ``evaluation.clips.decode``.
    """

    def __init__(
        self,
        path: Path,
        config: OmniConfig,
        measures: Measures,
        *,
        labels: Sequence[str] = (),
        with_texts: bool = False,
    ) -> None:
        self._config, self._measures, self._folder = config, measures, path.parent
        self._rows = read_rows(path, needs=("file", "label"), knows=("text", "subject")).rows
        if not self._rows:
            raise BadInput("data_empty", f"{path.name} lists no clip.")
        self.set = tuple(labels) or tuple(sorted({row["label"] for row in self._rows}))
        self._labels = [self._label(path, row) for row in self._rows]
        for row in self._rows:
            _refuse_missing(path, row)
        if with_texts:
            for row, label in zip(self._rows, self._labels, strict=True):
                self._refuse_text(path, row, label)
        self._measured: dict[int, dict[str, float]] = {}

    @property
    def labels(self) -> Sequence[str]:
        return self._labels

    def draw(self, index: int, generator: Generator) -> Example:
        """Nothing about it is random."""
        row = self._rows[index]
        clip = decode(self._folder / row["file"], "video_audio", count=self._config.num_frames)
        if index not in self._measured:
            self._measured[index] = self._measures.of([clip])[0]
        return Example(
            prepare.frames(clip.pictures, self._config) if clip.pictures else None,
            None if clip.sound is None else prepare.mel(clip.sound, self._config),
            self._labels[index],
            self._measured[index],
            row["text"],
        )

    def _label(self, path: Path, row: Row) -> str:
        label = meant(row["label"], self.set)
        if label is None:
            raise BadInput(
                "label_unknown",
                f"{path.name}, row {row.number}: {row['label']!r:.40} is not of the set.",
                hint=f"The set is {', '.join(self.set)}.",
            )
        return label

    def _refuse_text(self, path: Path, row: Row, label: str) -> None:
        where = f"{path.name}, row {row.number}"
        if not row["text"].strip():
            raise BadInput("text_missing", f"{where}: no text to learn from.")
        answer = parse(row["text"])
        if not answer.well_formed or meant(answer.label or "", self.set) != label:
            raise BadInput(
                "text_not_in_form",
                f"{where}: the text is not a think block and an answer block with its label.",
                hint=f"Like <think>The brow is lowered.</think><answer>{label}</answer>.",
            )


def _refuse_missing(path: Path, row: Row) -> None:
    """A file that is not there, or is outside the list's folder."""
    folder = path.parent.resolve()
    at = (folder / row["file"]).resolve()
    if not at.is_relative_to(folder) or not at.is_file():
        raise BadInput(
            "file_missing", f"{path.name}, row {row.number}: there is no file {row['file']!r:.80}."
        )
