"""Who else of this site is alive: workers and web processes, and whether all are of one release."""

from __future__ import annotations

from tutor_emotion import __version__, beats
from tutor_emotion.beats import Beat
from tutor_emotion.conf import get_settings
from tutor_emotion.core.types import BIOMETRIC
from tutor_emotion.doctor.diagnosis import Diagnosis, fail, ok, warn, worst
from tutor_emotion.inference.schema import SCHEMA
from tutor_emotion.jurisdictions import profiles


def workers() -> Diagnosis:
    """One lives, reads what we write, and runs what the settings name."""
    here = get_settings()
    alive = beats.heard().alive("worker")
    if not alive:
        profile = profiles().get(here.JURISDICTION)
        if profile is None or not any(profile.ever(modality) for modality in BIOMETRIC):
            return ok("None lives, and none is needed: this site is camera-free.")
        hint = f"Start one: celery -A … worker --pool solo --queues {here.QUEUE}."
        return warn("No worker lives: lessons go on without a camera.", hint)
    found = [*_of_one_release(alive), *_of_other_runners(alive, here.RUNNER)]
    return worst(found, f"{len(alive)} alive: {', '.join(sorted({b.runner for b in alive}))}.")


def web() -> Diagnosis:
    """Web processes say that they live."""
    alive = beats.heard().alive("web")
    if not alive:
        hint = "Start one; or call tutor_emotion.start.web() in its asgi.py (docs/operations.md)."
        return warn("No web process says that it lives.", hint)
    sessions = sum(beat.sessions for beat in alive)
    good = f"{len(alive)} alive with {sessions} sessions."
    return worst(list(_of_one_release(alive)), good)


def _of_one_release(alive: list[Beat]) -> list[Diagnosis]:
    others = [beat for beat in alive if beat.schema != SCHEMA]
    if others:
        said = f"schema_mismatch: {others[0].name} is of release {others[0].release}."
        return [fail(said, "Finish the upgrade: replace what runs the older release.")]
    older = [beat for beat in alive if beat.release != __version__]
    if older:
        said = f"{older[0].name} is of release {older[0].release}, this is {__version__}."
        return [warn(said, "Finish the upgrade (docs/operations.md).")]
    return []


def _of_other_runners(alive: list[Beat], runner: str) -> list[Diagnosis]:
    kinds = {beat.runner.partition("/")[0] for beat in alive}
    if len(kinds) < 2:
        return []
    said = f"Workers run {', '.join(sorted(kinds))}; the settings name {runner}."
    return [warn(said, "Give all workers the same RUNNER: learners are read by whichever is free.")]
