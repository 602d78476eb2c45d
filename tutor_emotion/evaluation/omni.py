"""R1-Omni on the data sets of its paper: WAR and UAR beside the published rows, and its reasons.

WAR is the share of right answers, UAR the mean recall over the classes that the data holds. An
answer is what the text has between its answer tags, compared as the published training does it but
for capitals; a word outside the set, and a text without an answer, is wrong.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from tutor_emotion.core.emotion_words import meant
from tutor_emotion.errors import BadInput, Unavailable
from tutor_emotion.evaluation.answers import Answers
from tutor_emotion.evaluation.clip_set import ClipSet, Senses
from tutor_emotion.evaluation.clips import Decoded, decode
from tutor_emotion.evaluation.data import Item
from tutor_emotion.evaluation.job import Job, OmniJob, Outcome, Reader, refuse_skipped
from tutor_emotion.evaluation.kept import Kept
from tutor_emotion.evaluation.omni_asking import Asked
from tutor_emotion.evaluation.omni_measures import Measures
from tutor_emotion.evaluation.omni_published import published
from tutor_emotion.evaluation.omni_reasons import judge, rates
from tutor_emotion.evaluation.scoring import Options, score
from tutor_emotion.nets.r1_omni.answers import parse

OTHER = "other"  # the column of answers that are no word of the set
_CERTAIN = 50.0  # a logit that leaves the others nothing
# What speaks for struggle, as in the other kinds.
NEGATIVE = frozenset({"angry", "disgust", "fear", "sad", "anxious", "helpless", "disappointed"})
_STOPPED = "the run was stopped after {n} of {of} clips: these figures are of the first ones"
_MUTE = "{n} clips have no sound track: the model was asked about the picture alone"
_DRAWS = 100
_KEPT = frozenset({"senses", "text", "scores", "measures"})


def outcome(job: Job, clips: ClipSet, asked: Asked, measures: Measures | None) -> Outcome:
    """Asks about each clip that was not asked about before, and counts.

    Raises:
        BadInput: of ``Kept``, and where the job is strict of ``decode``.
        Unavailable: ``stopped``, before the first answer.
    """
    omni = job.of_omni
    refuse_skipped(job, clips.skipped)
    reader = Reader(job.strict)
    with Kept(omni.keep, _about(omni, asked), needs=_KEPT) as kept:
        whole = _ask_all(job, clips, asked, measures, reader, kept)
        done = [item for item in clips.items if item.name in kept.answers]
        said = [kept.answers[item.name] for item in done]
    if not whole and not done:
        raise Unavailable("stopped", "The run was stopped before the first answer.")
    scored = _scored(clips, done, said, asked.temperature)
    answers = scored if omni.by == "scored" else _worded(clips, done, said)
    notes = list(clips.notes)
    mute = sum(one["senses"] == "video" for one in said) if omni.senses == "video_audio" else 0
    if mute:
        notes.append(_MUTE.format(n=mute))
    if not whole:
        notes.append(_STOPPED.format(n=len(done), of=len(clips.items)))
    extra = {
        "dataset": clips.dataset,
        "fold": None if clips.dataset == "ravdess" else omni.fold,
        "senses": omni.senses,
        "by": omni.by,
        "stopped": not whole,
        "mute_clips": mute,
        "published": published(clips.dataset),
        **(_more(clips, scored, said) if omni.by == "generated" and done else {}),
    }
    return Outcome(
        answers,
        dict(asked.stamp),
        NEGATIVE & set(clips.classes),
        (*clips.skipped, *reader.skipped),
        clips.left_out,
        tuple(notes),
        extra,
    )


# --- asking --------------------------------------------------------------------------------------


def _about(omni: OmniJob, asked: Asked) -> dict[str, Any]:
    """What kept answers must have in common to be of one run."""
    return {
        "model": asked.stamp["name"],
        "sha256": asked.stamp["sha256"],
        "dataset": omni.dataset,
        "senses": omni.senses,
        "by": omni.by,
        "max_new_tokens": omni.max_new_tokens,
    }


def _ask_all(
    job: Job,
    clips: ClipSet,
    asked: Asked,
    measures: Measures | None,
    reader: Reader,
    kept: Kept,
) -> bool:
    """Whether it came to the end; Ctrl-C ends it with what there is."""
    size = job.of_omni.batch_size
    left = [item for item in clips.items if item.name not in kept.answers]
    batches = [left[at : at + size] for at in range(0, len(left), size)]
    try:
        for batch in job.progress(f"{size} clips", batches):
            for alike in _read(job, clips, batch, reader, asked.num_frames):
                for name, answer in _ask(alike, asked, measures):
                    kept.add(name, answer)
    except KeyboardInterrupt:
        return False
    return True


def _read(
    job: Job, clips: ClipSet, batch: Sequence[Item], reader: Reader, count: int
) -> Iterable[list[tuple[Item, Decoded]]]:
    """What can be read of a batch, by the senses that are there: one prompt serves each."""

    def clip_of(path: Path) -> Decoded:
        return decode(path, job.of_omni.senses, named=clips.named, count=count)

    found: dict[Senses, list[tuple[Item, Decoded]]] = {}
    for item in batch:
        clip = reader.read(item, clip_of)
        if clip is not None:
            found.setdefault(clip.senses, []).append((item, clip))
    return found.values()


def _ask(
    alike: Sequence[tuple[Item, Decoded]], asked: Asked, measures: Measures | None
) -> Iterator[tuple[str, dict[str, Any]]]:
    clips = [clip for _, clip in alike]
    measured = measures.of(clips) if measures is not None else [{} for _ in clips]
    for (item, clip), said, found in zip(alike, asked.ask(clips), measured, strict=True):
        yield (
            item.name,
            {
                "senses": clip.senses,
                "text": said.text,
                "scores": list(said.scores),
                "measures": found,
            },
        )


# --- counting ------------------------------------------------------------------------------------

Kepts = Sequence[Mapping[str, Any]]


def _worded(clips: ClipSet, done: Sequence[Item], said: Kepts) -> Answers:
    words = [_word(one["text"]) for one in said]
    classes = (*clips.classes, OTHER)
    at = np.array(
        [classes.index(word) if word in clips.classes else len(clips.classes) for word in words],
        dtype=np.intp,
    )
    return Answers(
        tuple(done),
        classes,
        np.eye(len(classes))[at] * _CERTAIN,
        _truth(clips, done),
        answered=at < len(clips.classes),
        worded=True,
    )


def _scored(clips: ClipSet, done: Sequence[Item], said: Kepts, temperature: float) -> Answers:
    logits = np.array([one["scores"] for one in said], dtype=np.float64)
    return Answers(
        tuple(done),
        clips.classes,
        logits.reshape(len(done), len(clips.classes)),
        _truth(clips, done),
        temperature,
    )


def _truth(clips: ClipSet, done: Sequence[Item]) -> Any:
    return np.array([clips.classes.index(item.label) for item in done], dtype=np.intp)


def _word(text: str) -> str:
    return (parse(text).label or "").casefold()


def _more(clips: ClipSet, scored: Answers, said: Kepts) -> dict[str, Any]:
    """What only texts tell: their form, their reasons, and what scoring the labels would have said
    of the same clips."""
    done = scored.items
    parsed = [parse(one["text"]) for one in said]
    words = [(one.label or "").casefold() for one in parsed]
    right = [word == item.label for word, item in zip(words, done, strict=True)]
    reasons = [
        judge(one.thinking, word, clips.classes, kept["measures"]) if one.thinking else None
        for one, word, kept in zip(parsed, words, said, strict=True)
    ]
    meanings = [meant(word, clips.classes) for word in words]
    outside = Counter(word for word in words if word and word not in clips.classes)
    figures = score(scored, Options(draws=_DRAWS)).figures
    chosen = [clips.classes[at] for at in scored.logits.argmax(1)]
    return {
        "form": {
            "well_formed": _mean([one.well_formed for one in parsed]),
            "without_answer": _mean([one.label is None for one in parsed]),
            "outside_the_set": dict(outside.most_common(20)),
            "accuracy_by_meaning": _mean(
                [word == item.label for word, item in zip(meanings, done, strict=True)]
            ),
        },
        "reasons": rates(reasons, right),
        "scored": {
            **{name: figures[name] for name in ("accuracy", "uar", "ece", "nll")},
            "agreement": _mean([a == b for a, b in zip(chosen, meanings, strict=True)]),
        },
    }


def _mean(values: Sequence[bool]) -> float:
    return float(np.mean(values))


def refuse_unfit(job: Job) -> None:
    """Raises:
    BadInput: ``bad_option``, for options that mean nothing here; as ``Job.of_omni``.
    """
    omni = job.of_omni
    if job.labels:
        raise BadInput(
            "bad_option", "--labels is not for omni: a data set's labels are known by its name."
        )
    if job.split_seed is not None and omni.by == "generated":
        raise BadInput(
            "bad_option",
            "--split fits a temperature, and words have none.",
            hint="Ask with --by scored.",
        )
