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
from tutor_emotion.nets.r1_omni.labels import of_checkpoint
from tutor_emotion.nets.r1_omni.runner import MINI

MINI_NAME = "omni-mini"


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
        of_checkpoint(folder, omni.dataset).temperature,
    )
    measures = CompactMeasures(job.weights_dir, job.device) if written else None
    return outcome(job, clips, asked, measures)


def _folder(job: Job) -> Path:
    if job.model in ("", MINI_NAME):
        return MINI
    if Path(job.model).is_dir():
        return Path(job.model).resolve()
    raise Unavailable(
        "no_model",
        f"There is no folder {job.model[:80]!r} of a checkpoint.",
        hint=f"Give its folder with --model, or {MINI_NAME} (docs/r1-omni.md).",
        retry=False,
    )


def _dtype(device: torch.device) -> torch.dtype:
    """As it was trained where that is fast; a CPU is faster in single precision."""
    return torch.bfloat16 if device.type == "cuda" else torch.float32
