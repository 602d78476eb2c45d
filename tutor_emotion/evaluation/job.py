"""What is to be evaluated, and what came of it: the words between the command and the kinds."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias, TypeVar

from tutor_emotion.errors import BadInput, Unavailable
from tutor_emotion.evaluation.answers import Answers
from tutor_emotion.evaluation.data import Item, Listing, Skipped
from tutor_emotion.evaluation.label_map import Kind, LabelMap, read_label_map
from tutor_emotion.evaluation.scoring import ABSTAIN_BELOW
from tutor_emotion.nets import registry
from tutor_emotion.nets.registry import Model

Value = TypeVar("Value")
Progress: TypeAlias = Callable[[str, list[Any]], Iterable[Any]]


def quietly(_: str, items: list[Any]) -> Iterable[Any]:
    """No progress is shown."""
    return items


@dataclass(frozen=True, slots=True)
class Job:
    """One evaluation. ``labels``: path or name of a label map; ``model``: a name as
    ``expression/2``, or the folder of a model; empty is the one in use."""

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

    def label_map(self, listing: Listing | None = None) -> LabelMap | None:
        """The one that was asked for, else the one of the corpus that the file names tell of."""
        if self.labels:
            return read_label_map(self.labels, self.kind)
        if listing is not None and listing.naming is not None:
            return read_label_map(listing.naming.name, self.kind)
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
