"""Which Runners a worker runs, by the settings. Only a worker that infers ever loads torch."""

from __future__ import annotations

import logging
import os

from tutor_emotion.conf import OMNI, RunnerName, Settings
from tutor_emotion.errors import BadInput, TutorEmotionError
from tutor_emotion.inference.agreement import Agreements
from tutor_emotion.inference.runner import Runner, ScriptedRunner, TextReader
from tutor_emotion.inference.shadow import Shadow
from tutor_emotion.nets.registry import activation_mark

log = logging.getLogger(__name__)
# What the scripted Runner reads in every face: a lowered brow, so that demos and tests move.
SCRIPTED_FACE = {"browDownLeft": 0.3, "browDownRight": 0.3, "browInnerUp": 0.2, "yaw_deg": 0.0}
SCRIPTED_VOICE = {"pause_ratio": 0.3, "rate_hz": 3.0, "duration_s": 1.5}


def load_runner(settings: Settings, name: RunnerName | None = None) -> Runner:
    """The Runner ``name`` (None: the one that the settings name), ready to run.

    Raises:
        BadInput: ``no_checkpoint_folder``; and the Runner's own errors.
    """
    name = name or settings.RUNNER
    if name == "scripted":
        return ScriptedRunner(SCRIPTED_FACE, SCRIPTED_VOICE)
    # Where others use the cores too, torch's threads spin while they wait for each other: a face
    # then takes 4 to 10 times the processor time. OpenMP reads this when torch is loaded.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    if name in OMNI:
        return _omni(settings, name)
    from tutor_emotion.nets.compact import CompactRunner

    runner = CompactRunner(settings.WEIGHTS_DIR, settings.DEVICE)
    runner.warm_up()
    return runner


def _omni(settings: Settings, name: RunnerName) -> Runner:
    from tutor_emotion.nets.r1_omni.runner import MINI, OmniRunner

    folder = MINI if name == "omni-mini" else settings.R1_OMNI_FOLDER
    if folder is None:
        raise BadInput(
            "no_checkpoint_folder",
            "The Runner r1-omni has no checkpoint.",
            hint="Set TUTOR_EMOTION['R1_OMNI_FOLDER'].",
        )
    runner = OmniRunner(
        folder,
        settings.DEVICE,
        name=name,
        label_set=settings.R1_OMNI_LABELS if name == "r1-omni" else "",
        sound_s=settings.R1_OMNI_SOUND_S,
        compiled=settings.R1_OMNI_COMPILE,
    )
    runner.warm_up()
    return runner


def load_shadow(settings: Settings) -> Shadow | None:
    """The second Runner, where one is set. One that cannot be loaded is told of and left out."""
    if settings.SHADOW_RUNNER is None or settings.SHADOW_RUNNER == settings.RUNNER:
        return None
    try:
        runner = load_runner(settings, settings.SHADOW_RUNNER)
    except TutorEmotionError as error:
        log.error("the shadow is left out: %s. %s", error.code, error.hint)  # noqa: TRY400
        return None
    log.info("runner %s reads along, for the agreement only", runner.version)
    return Shadow(runner, Agreements(settings.REDIS_URL))


def load_measurer(settings: Settings) -> Runner | None:
    """What measures a Window of which somebody asks why: the compact nets beside an omni Runner,
    where Windows are kept for that at all."""
    if settings.RUNNER not in OMNI or not settings.REASON_WINDOW_S:
        return None
    return load_runner(settings, "compact")


def activated(settings: Settings) -> object:
    """Changes when another model was activated for the Runner; an omni model has no such choice."""
    return None if settings.RUNNER in OMNI else activation_mark(settings.WEIGHTS_DIR)


def load_text_reader(settings: Settings) -> TextReader | None:
    """The sentence encoder, where its optional files are there (``fetch_weights --optional``)."""
    if settings.RUNNER == "scripted":
        return None
    from tutor_emotion.nets.device import choose_device
    from tutor_emotion.nets.text import encoder, meaning

    if not encoder.is_there(settings.WEIGHTS_DIR):
        return None
    device = choose_device(settings.DEVICE)
    return meaning.Meanings(encoder.Sentences(settings.WEIGHTS_DIR, device))
