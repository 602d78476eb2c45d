"""The demonstration with the small omni model, which gives reasons where somebody asks."""

from tutor_emotion.demo.settings import *  # noqa: F403
from tutor_emotion.demo.settings import TUTOR_EMOTION

TUTOR_EMOTION = {**TUTOR_EMOTION, "RUNNER": "omni-mini", "REASON_WINDOW_S": 30.0}
