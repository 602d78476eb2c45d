"""The demonstration host as a school in Illinois runs it."""

from tutor_emotion.demo.settings import *  # noqa: F403
from tutor_emotion.demo.settings import TUTOR_EMOTION

TUTOR_EMOTION = {**TUTOR_EMOTION, "JURISDICTION": "us_illinois_school"}
