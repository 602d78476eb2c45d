"""The soak in short, on real processes; ``make soak`` is the hour."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.load.soak.run import LEARNERS, Soak

MINUTES = 5.0


@pytest.mark.soak
@pytest.mark.timeout(1200)
def test_six_learners_leave_nothing_behind(tmp_path: Path) -> None:
    """No task, thread, file or key, and no memory, once all who came and went are gone."""
    result = Soak(tmp_path, MINUTES, seed=7).run()
    assert result["faults"] == []
    assert result["whole"]
    visits = result["visits"]
    assert sum(visits.values()) >= 4 * LEARNERS
    assert {"tab", "leaves"} <= set(visits)
