"""The voice net on labelled utterances, each speaker against what is usual for them, as live."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tutor_emotion.core.types import SAMPLE_RATE_HZ, Int16Sound, Utterance
from tutor_emotion.evaluation import metrics
from tutor_emotion.evaluation.answers import Answers
from tutor_emotion.evaluation.data import SOUNDS, Item
from tutor_emotion.evaluation.job import (
    Job,
    Outcome,
    Reader,
    learned_from,
    model_of,
    refuse_skipped,
    stamp,
)
from tutor_emotion.evaluation.label_map import ours
from tutor_emotion.evaluation.sounds import read_sound
from tutor_emotion.nets.device import choose_device
from tutor_emotion.nets.voice.hearing import Heard, Voices

# What would speak for struggle, and so is compared between groups.
NEGATIVE = frozenset({"anger", "disgust", "fear", "sadness"})
NO_SUBJECT = (
    "the speaker of {unknown} of {n} utterances is unknown: each was heard as a stranger's first "
    "(a CSV's column subject, or --subject-from, tells who speaks)"
)
_LEAST = 1e-12

Labelled = tuple[Item, str]


def run(job: Job) -> Outcome:
    """Errors as ``Job.listing``, ``label_map.ours``, ``model_of``."""
    model = model_of(job, "voice")
    voices = Voices(model, choose_device(job.device))
    classes = tuple(model.config.labels)
    listing = job.listing(SOUNDS)
    refuse_skipped(job, listing.skipped)
    named, left_out = ours(listing.items, classes, job.kind, job.label_map(listing))
    reader = Reader(job.strict)
    kept: list[Labelled] = []
    heard: list[Heard | None] = []
    for speaker in job.progress("speakers", speakers(named, job.order_seed)):
        read = [(pair, reader.read(pair[0], read_sound)) for pair in speaker]
        said = [(pair, sound) for pair, sound in read if sound is not None]
        kept += [pair for pair, _ in said]
        heard += voices.hear_speakers([[utterance(sound) for _, sound in said]])[0]
    answers = Answers(
        tuple(item for item, _ in kept),
        classes,
        np.array([_logits(one, classes, model.config.temperature) for one in heard]).reshape(
            len(kept), len(classes)
        ),
        np.array([classes.index(label) for _, label in kept], dtype=np.intp),
        model.config.temperature,
        np.array([one is not None for one in heard], dtype=bool),
    )
    unknown = sum(not item.subject for item, _ in kept)
    notes = (*listing.notes, *learned_from(job, model, listing))
    if unknown:
        notes = (*notes, NO_SUBJECT.format(unknown=unknown, n=len(kept)))
    extra = {"repeated_sounds": listing.repeated, "order_seed": job.order_seed}
    skipped = (*listing.skipped, *reader.skipped)
    return Outcome(answers, stamp(model), NEGATIVE, skipped, left_out, notes, extra)


def speakers(named: Sequence[Labelled], seed: int) -> list[list[Labelled]]:
    """Each speaker's utterances in an order drawn with ``seed``: files come class after class, and
    a learner does not feel in that order. Who is unknown is a speaker of one utterance."""
    draw = np.random.default_rng(seed)
    found: dict[str, list[Labelled]] = {}
    alone: list[list[Labelled]] = []
    for pair in named:
        if pair[0].subject:
            found.setdefault(pair[0].subject, []).append(pair)
        else:
            alone.append([pair])
    shuffled = [[said[i] for i in draw.permutation(len(said))] for said in found.values()]
    return shuffled + alone


def utterance(sound: Int16Sound) -> Utterance:
    """One file as one stretch of speech; ``hear_speakers`` carries what is usual."""
    return Utterance(0.0, len(sound) / SAMPLE_RATE_HZ, sound)


def _logits(heard: Heard | None, classes: Sequence[str], temperature: float) -> metrics.Floats:
    """Before the temperature, up to a constant. Where there is no answer, all alike, a hair for
    neutral: that is what the engine makes of it."""
    if heard is None:
        return np.array([1e-6 * (name == "neutral") for name in classes])
    p = np.asarray(heard.probabilities, dtype=np.float64)
    logits: metrics.Floats = np.log(np.maximum(p, _LEAST)) * temperature
    return logits
