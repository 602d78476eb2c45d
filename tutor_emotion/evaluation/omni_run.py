"""``manage.py evaluate omni``: which checkpoint, on which device, over which clips."""

from __future__ import annotations

from pathlib import Path

import torch

from tutor_emotion.errors import Unavailable
from tutor_emotion.evaluation.job import Job, Outcome
from tutor_emotion.evaluation.omni import outcome, refuse_unfit
from tutor_emotion.evaluation.omni_asking import OmniAsked
from tutor_emotion.evaluation.omni_measures import CompactMeasures
from tutor_emotion.evaluation.omni_sets import read_clips
from tutor_emotion.nets.device import choose_device
from tutor_emotion.nets.r1_omni.checkpoint import load


def run(job: Job) -> Outcome:
    """Errors as ``refuse_unfit``, ``read_clips``, ``outcome``, ``checkpoint.load`` and
    ``CompactMeasures``; ``no_model``."""
    refuse_unfit(job)
    omni = job.of_omni
    clips = read_clips(omni.dataset, job.path, fold=omni.fold, senses=omni.senses)
    device = choose_device(job.device)
    folder = _folder(job)
    loaded = load(folder, device=device, dtype=_dtype(device))
    written = omni.by == "generated"
    asked = OmniAsked(
        loaded.model,
        loaded.tokens,
        {"name": folder.name, "version": "", "sha256": loaded.fingerprint},
        clips.classes,
        omni.max_new_tokens if written else 0,
    )
    measures = CompactMeasures(job.weights_dir, job.device) if written else None
    return outcome(job, clips, asked, measures)


def _folder(job: Job) -> Path:
    if job.model and Path(job.model).is_dir():
        return Path(job.model).resolve()
    raise Unavailable(
        "no_model",
        "Which checkpoint is it?",
        hint="Give its folder with --model (docs/r1-omni.md says how to get one).",
        retry=False,
    )


def _dtype(device: torch.device) -> torch.dtype:
    """As it was trained where that is fast; whole numbers of a CPU are faster in single."""
    return torch.bfloat16 if device.type == "cuda" else torch.float32
