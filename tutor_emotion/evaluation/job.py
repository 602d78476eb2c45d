"""What is to be evaluated, and what came of it: the words between the command and the kinds."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal, TypeAlias, TypeVar

from tutor_emotion.errors import BadInput, Unavailable
from tutor_emotion.evaluation.answers import Answers
from tutor_emotion.evaluation.clip_set import Dataset, Senses
from tutor_emotion.evaluation.data import Item, Listing, Skipped, read_listing, with_subjects
from tutor_emotion.evaluation.label_map import Kind, LabelMap, common_names, read_label_map
from tutor_emotion.evaluation.scoring import ABSTAIN_BELOW
from tutor_emotion.nets import registry
from tutor_emotion.nets.registry import Model

By: TypeAlias = Literal["generated", "scored"]
Value = TypeVar("Value")
Progress: TypeAlias = Callable[[str, list[Any]], Iterable[Any]]


def quietly(_: str, items: list[Any]) -> Iterable[Any]:
    """No progress is shown."""
    return items


@dataclass(frozen=True, slots=True)
class OmniJob:
    """What only R1-Omni is asked: of which data set and ``fold`` (DFEW, MAFW), with which senses of
    a clip, and whether its answer is the word that it writes or the likeliest label. ``keep``: the
    file in which answers outlive the run."""

    dataset: Dataset
    fold: int = 1
    senses: Senses = "video_audio"
    by: By = "generated"
    batch_size: int = 8
    max_new_tokens: int = 512
    keep: Path | None = None


@dataclass(frozen=True, slots=True)
class Job:
    """One evaluation. ``labels``: path or name of a label map; ``model``: a name as
    ``expression/2``, or the folder of a model; empty is the one in use. ``subject_from`` finds
    in a file's name of whom it is."""

    kind: Kind
    path: Path
    weights_dir: Path
    labels: str = ""
    model: str = ""
    device: str = "auto"
    strict: bool = False
    order_seed: int = 0
    split_seed: int | None = None
    abstain_below: float = ABSTAIN_BELOW
    progress: Progress = quietly
    subject_from: re.Pattern[str] | None = None
    omni: OmniJob | None = None

    @property
    def of_omni(self) -> OmniJob:
        """Raises:
        BadInput: ``data_unknown``, where no data set was named.
        """
        if self.omni is None:
            raise BadInput(
                "data_unknown", "Which data set is it?", hint="Say --dataset ravdess|dfew|mafw."
            )
        return self.omni

    def listing(self, suffixes: frozenset[str]) -> Listing:
        """The labelled files at ``path``; errors as ``read_listing`` and ``with_subjects``."""
        listing = read_listing(self.path, suffixes)
        return with_subjects(listing, self.subject_from) if self.subject_from else listing

    def label_map(self, listing: Listing | None = None) -> LabelMap | None:
        """The one that was asked for, else the one of the corpus that the file names tell of, over
        the common names: its files may lie in folders that somebody else named."""
        if self.labels:
            return read_label_map(self.labels, self.kind)
        if listing is not None and listing.naming is not None:
            own = read_label_map(listing.naming.name, self.kind)
            return replace(own, names={**common_names(self.kind), **own.names})
        return None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a kind found out. ``positive``: the classes whose rate is compared between groups;
    ``extra``: figures of this kind only."""

    answers: Answers
    model: dict[str, str]
    positive: frozenset[str]
    skipped: tuple[Skipped, ...] = ()
    left_out: Mapping[str, int] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    extra: Mapping[str, Any] = field(default_factory=dict)


def model_of(job: Job, kind: registry.Kind) -> Model:
    """The model that is asked for, verified where it is recorded.

    Raises:
        BadInput: ``bad_model_name``, ``wrong_model_kind``, and as ``registry.read_model``.
        Unavailable: ``no_model``, ``model_missing``, ``model_corrupt``.
    """
    if not job.model:
        model = registry.active_one(job.weights_dir, kind)
        if model is None:
            raise Unavailable(
                "no_model",
                f"No model of kind {kind} is in use.",
                hint="`manage.py models list` tells which are here; name one with --model.",
                retry=False,
            )
        return model
    if Path(job.model).is_dir():
        model = registry.read_model(Path(job.model).resolve())
    else:
        model = _installed(job)
    if model.kind != kind:
        raise BadInput("wrong_model_kind", f"{model.name} is no model of kind {kind}.")
    return model


def _installed(job: Job) -> Model:
    wanted = job.model.replace("-", "/")
    for found in registry.inspect(job.weights_dir):
        if found.name == wanted:
            if found.error is not None:
                raise found.error
            if found.model is not None:
                return found.model
    raise Unavailable(
        "model_missing",
        f"There is no model {job.model[:80]!r} here.",
        hint="`manage.py models list` tells which are.",
        retry=False,
    )


def stamp(model: Model) -> dict[str, str]:
    """For the JSON."""
    return {"name": model.name, "version": model.version, "sha256": model.sha256}


def learned_from(job: Job, model: Model, listing: Listing | None = None) -> tuple[str, ...]:
    """A note, where the model's config names these data among those of its training."""
    names = {job.path.name}
    if listing is not None and listing.naming is not None:
        names.add(listing.naming.name)
    return tuple(
        f"{model.name} names {name} among the data of its training: if it learned from them, these "
        "figures flatter it (its card says what it only left out, and has figures of data held out)"
        for name in sorted(names & model.config.trained.data.keys())
    )


@dataclass(slots=True)
class Reader:
    """Reads items one by one; a bad one is left out and named, or ends it all where ``strict``."""

    strict: bool
    skipped: list[Skipped] = field(default_factory=list)

    def read(self, item: Item, how: Callable[[Path], Value]) -> Value | None:
        try:
            return how(item.path)
        except BadInput as error:
            named = BadInput(error.code, f"{item.where}: {error.message}", hint=error.hint)
            if self.strict:
                raise named from None
            self.skipped.append(Skipped.of(item, error))
            return None


def refuse_skipped(job: Job, skipped: Iterable[Skipped]) -> None:
    """Raises:
    BadInput: the first one's code, where the job is strict.
    """
    first = next(iter(skipped), None)
    if job.strict and first is not None:
        raise BadInput(first.code, f"{first.file}: {first.reason}")
