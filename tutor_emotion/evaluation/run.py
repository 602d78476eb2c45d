"""One evaluation from its job to its figures."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

from tutor_emotion.errors import BadInput
from tutor_emotion.evaluation.job import Job, Outcome
from tutor_emotion.evaluation.label_map import Kind
from tutor_emotion.evaluation.scoring import Options, Scored, score


@dataclass(frozen=True, slots=True, eq=False)
class Evaluation:
    """``figures`` is the one object that ``--json`` prints; ``scored`` is what pictures show."""

    kind: Kind
    figures: dict[str, Any]
    scored: Scored


def evaluate(job: Job) -> Evaluation:
    """Runs the model over the data and measures it.

    Raises:
        BadInput, Unavailable: named after what is wrong with the data, the labels or the model.
    """
    return measured(job, _RUNS[job.kind](job))


def measured(job: Job, outcome: Outcome) -> Evaluation:
    """The figures of what a kind found out.

    Raises:
        BadInput: ``all_bad``, and as ``score``.
    """
    if not outcome.answers.items:
        first = outcome.skipped[0] if outcome.skipped else None
        because = f" The first: {first.file}: {first.reason}" if first else ""
        raise BadInput(
            "all_bad",
            f"None of the {len(outcome.skipped)} inputs of {job.path.name} can be read.{because}",
        )
    options = Options(job.abstain_below, outcome.positive, job.split_seed)
    scored = score(outcome.answers, options)
    figures = {
        "kind": job.kind,
        "model": outcome.model,
        **scored.figures,
        "skipped": [asdict(one) for one in outcome.skipped],
        "left_out": dict(outcome.left_out),
        **outcome.extra,
        "notes": list(outcome.notes),
    }
    return Evaluation(job.kind, figures, scored)


def _face(job: Job) -> Outcome:
    from tutor_emotion.evaluation import face

    return face.run(job)


def _voice(job: Job) -> Outcome:
    from tutor_emotion.evaluation import voice

    return voice.run(job)


def _text(job: Job) -> Outcome:
    from tutor_emotion.evaluation import text

    return text.run(job)


def _engine(job: Job) -> Outcome:
    from tutor_emotion.evaluation import engine

    return engine.run(job)


def _omni(job: Job) -> Outcome:
    from tutor_emotion.evaluation import omni_run

    return omni_run.run(job)


# Each is loaded when it is asked for: torch takes seconds, and recordings need none of it.
_RUNS: dict[Kind, Callable[[Job], Outcome]] = {
    "face": _face,
    "voice": _voice,
    "text": _text,
    "engine": _engine,
    "omni": _omni,
}
