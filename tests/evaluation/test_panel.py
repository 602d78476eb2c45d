"""A second panel agrees with a unanimous first one, and less with one that was divided."""

from __future__ import annotations

import numpy as np

from tutor_emotion.evaluation import panel
from tutor_emotion.evaluation.ferplus import COLUMNS, Faces


def _faces(happy: int, sad: int) -> Faces:
    votes = np.zeros((200, len(COLUMNS)), dtype=np.uint8)
    votes[:, 1], votes[:, 3] = happy, sad
    return Faces(np.zeros((200, 48, 48), np.uint8), votes, np.arange(200).astype(str))


def test_the_more_the_first_panel_agreed_the_more_the_second_does():
    sure = panel.agreement(_faces(10, 0))["plurality"]
    torn = panel.agreement(_faces(6, 4))["plurality"]
    assert sure > 0.99
    assert 0.6 < torn < 0.85


def test_it_names_a_file_that_is_not_there(tmp_path, capsys):
    assert panel.main([str(tmp_path / "none.npz")]) == 1
    assert "none.npz" in capsys.readouterr().err
