"""The demonstration host with a relay; which one, the test says."""

import os

from tests.coturn import SECRET
from tutor_emotion.demo.settings import *  # noqa: F403
from tutor_emotion.demo.settings import TUTOR_EMOTION

TUTOR_EMOTION = {**TUTOR_EMOTION, "TURN_URLS": [os.environ["TURN_URL"]], "TURN_SECRET": SECRET}
