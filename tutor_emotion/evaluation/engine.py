"""The whole engine on recorded sessions: its belief at labelled moments, its alarms and delays."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Any

import numpy as np

from tutor_emotion.core import replay
from tutor_emotion.core.config import EngineConfig
from tutor_emotion.core.states import PRIOR, StatesModel, write_states
from tutor_emotion.core.types import STATES, AffectSignal, AffectState
from tutor_emotion.evaluation import metrics
from tutor_emotion.evaluation.answers import Answers
from tutor_emotion.evaluation.data import Item
from tutor_emotion.evaluation.job import Job, Outcome, model_of, stamp
from tutor_emotion.evaluation.label_map import ours
from tutor_emotion.evaluation.recordings import Recording, read_recordings
from tutor_emotion.nets import registry
from tutor_emotion.nets.states import states_of

STRUGGLE = frozenset({"confused", "frustrated"})
ALARMS = frozenset({"struggle.suspect", "struggle.strong", "confused", "frustrated", "unresolved"})
_LEAST = 1e-9


@dataclass(slots=True)
class Alarms:
    """Counted over all recordings. ``delays_s``: from the first moment that is labelled struggle to
    the alarm, 0 where it was on already; ``outside``: alarms that met no struggle at all."""

    hours: float = 0.0
    raised: dict[str, int] = field(default_factory=dict)
    episodes: int = 0
    outside: int = 0
    delays_s: list[float] = field(default_factory=list)

    def figures(self) -> dict[str, Any]:
        count = sum(self.raised.get(kind, 0) for kind in ALARMS)
        return {
            "hours": self.hours,
            "alarms": count,
            "alarms_per_hour": count / self.hours if self.hours else None,
            "alarms_outside_struggle": self.outside,
            **{f"raised_{kind}": n for kind, n in sorted(self.raised.items())},
            "struggle_episodes": self.episodes,
            "struggle_episodes_alarmed": len(self.delays_s),
            "delay_s_median": median(self.delays_s) if self.delays_s else None,
            "delay_s_longest": max(self.delays_s, default=None),
        }


def run(job: Job) -> Outcome:
    """Errors as ``read_recordings``, ``label_map.ours`` and ``model_of``."""
    states, model = _mapping(job)
    recordings, skipped = read_recordings(job.path, strict=job.strict)
    kept, left_out = ours(
        (item for recording in recordings for item in recording.moments),
        STATES,
        job.kind,
        job.label_map(),
    )
    label_of = dict(kept)
    config = EngineConfig(states=states)
    alarms = Alarms()
    items: list[Item] = []
    beliefs: list[AffectState] = []
    for recording in job.progress("recordings", recordings):
        labelled = [
            (at_s, item)
            for at_s, item in zip(recording.at_s, recording.moments, strict=True)
            if item in label_of
        ]
        believed, signals, end_s = _replayed(recording, [at for at, _ in labelled], config)
        items += [item for _, item in labelled]
        beliefs += believed
        _count(alarms, signals, [(at, label_of[item]) for at, item in labelled], end_s)
    answers = _answers(items, beliefs, label_of)
    p = metrics.softmax(answers.logits)
    struggle = np.isin(answers.truth, [STATES.index(s) for s in STATES if s in STRUGGLE])
    sure = p[:, [STATES.index("confused"), STATES.index("frustrated")]].sum(1)
    extra = {
        "recordings": len(recordings),
        "struggle_auc": metrics.binary_auc(sure, struggle),
        "alarms": alarms.figures(),
    }
    return Outcome(answers, model, STRUGGLE, tuple(skipped), left_out, extra=extra)


def _mapping(job: Job) -> tuple[StatesModel, dict[str, str]]:
    if job.model or registry.active_one(job.weights_dir, "states"):
        model = model_of(job, "states")
        return states_of(model), stamp(model)
    digest = hashlib.sha256(write_states(PRIOR).encode()).hexdigest()
    return PRIOR, {"name": PRIOR.name, "version": PRIOR.version, "sha256": digest}


def _replayed(
    recording: Recording, at_s: Sequence[float], config: EngineConfig
) -> tuple[list[AffectState], list[AffectSignal], float]:
    """The belief at each time (the newest that was there then), all signals, and the end."""
    tail_s = max(replay.TAIL_S, (at_s[-1] if at_s else 0.0) - recording.last_s)
    believed: list[AffectState] = []
    signals: list[AffectSignal] = []
    before: AffectState | None = None
    now_s = 0.0
    for done in replay.steps(recording.inputs, config, tail_s=tail_s):
        while len(believed) < len(at_s) and before and at_s[len(believed)] < done.affect.at_s:
            believed.append(before)
        before, now_s = done.affect, done.affect.at_s
        signals += done.signals
    assert before is not None  # a recording has at least one input, and so a step
    believed += [before] * (len(at_s) - len(believed))
    return believed, signals, now_s


def _answers(
    items: Sequence[Item], beliefs: Sequence[AffectState], label_of: dict[Item, str]
) -> Answers:
    p = np.array([belief.probabilities for belief in beliefs]).reshape(len(items), len(STATES))
    return Answers(
        tuple(items),
        STATES,
        np.log(np.maximum(p, _LEAST)),
        np.array([STATES.index(label_of[item]) for item in items], dtype=np.intp),
        answered=np.array([not belief.abstain for belief in beliefs], dtype=bool),
    )


# --- alarms --------------------------------------------------------------------------------------


def _count(
    alarms: Alarms,
    signals: Sequence[AffectSignal],
    labelled: Sequence[tuple[float, str]],
    end_s: float,
) -> None:
    alarms.hours += end_s / 3600
    for signal in signals:
        if signal.edge == "raised":
            alarms.raised[signal.kind] = alarms.raised.get(signal.kind, 0) + 1
    spans = _spans([s for s in signals if s.kind in ALARMS], end_s)
    episodes = _episodes(labelled, end_s)
    alarms.episodes += len(episodes)
    for begin, end in episodes:
        after = [max(0.0, on - begin) for on, off in spans if off > begin and on <= end]
        if after:
            alarms.delays_s.append(min(after))
    alarms.outside += sum(
        not any(on <= end and off >= begin for begin, end in episodes) for on, off in spans
    )


def _spans(signals: Sequence[AffectSignal], end_s: float) -> list[tuple[float, float]]:
    """When each alarm was on."""
    on: dict[str, float] = {}
    spans = []
    for signal in signals:
        if signal.edge == "raised":
            on[signal.kind] = signal.at_s
        elif signal.kind in on:
            spans.append((on.pop(signal.kind), signal.at_s))
    return spans + [(begin, end_s) for begin in on.values()]


def _episodes(labelled: Sequence[tuple[float, str]], end_s: float) -> list[tuple[float, float]]:
    """Struggle, from the first moment that is labelled so to the next that is not."""
    found: list[tuple[float, float]] = []
    begin: float | None = None
    for at_s, label in labelled:
        if label in STRUGGLE:
            begin = at_s if begin is None else begin
        elif begin is not None:
            found.append((begin, at_s))
            begin = None
    return [*found, *([(begin, end_s)] if begin is not None else [])]
