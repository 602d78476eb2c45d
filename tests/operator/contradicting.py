"""The tests' settings with one thing that cannot be; ``WRONG`` in the environment says which."""

from __future__ import annotations

import os

from tests.settings import *  # noqa: F403
from tests.settings import TUTOR_EMOTION as _THEIRS
from tutor_emotion import contradictions

_WRONG = {
    "turn": {"TURN_URLS": ["turn:relay.example:3478"]},
    "law": {"JURISDICTION": "atlantis"},
    "gpu": {"DEVICE": "cuda"},
    "fork": {"DEVICE": "cuda"},
}[os.environ["WRONG"]]
TUTOR_EMOTION = {**_THEIRS, **_WRONG}
if os.environ["WRONG"] == "gpu":
    contradictions.torch_build = lambda: "cpu"
if os.environ["WRONG"] == "fork":
    contradictions.torch_build = lambda: "cuda"  # as on a machine with a GPU
