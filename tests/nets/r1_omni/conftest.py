"""A tiny model and its tokenizer, once a run."""

from __future__ import annotations

import pytest

from tests.nets.r1_omni.tiny import bytes_tokenizer, tiny
from tutor_emotion.nets.r1_omni.model import Omni
from tutor_emotion.nets.r1_omni.tokens import Tokens


@pytest.fixture(scope="session")
def tokens(tmp_path_factory: pytest.TempPathFactory) -> Tokens:
    return Tokens(bytes_tokenizer(tmp_path_factory.mktemp("tokenizer")))


@pytest.fixture(scope="session")
def omni() -> Omni:
    return tiny()
