"""The benchmark measures what it says, on this machine."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tutor_emotion.nets import bench


def test_it_prints_one_object_with_difference_and_times(
    weights_dir: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.setattr(bench, "ROUNDS", 1)
    assert bench.main(["--weights", str(weights_dir)]) == 0
    result = json.loads(capsys.readouterr().out)
    assert result["pictures"] >= 4
    assert max(result["difference"]["cpu"].values()) <= 1e-3
    for threads in (1, 2):
        times = result["ms_per_face"][f"cpu_{threads}_threads"]
        assert set(times) == {"nets", "expression", "served"}
        assert all(set(by_batch) == {"1", "8", "32"} for by_batch in times.values())
        assert all(ms > 0 for by_batch in times.values() for ms in by_batch.values())
        parts = result["parts_ms_per_face_at_8"][f"cpu_{threads}_threads"]
        assert {"mesh", "blendshapes", "aligned", "expression"} <= parts.keys()
        assert (
            result["learners_at_5_frames_a_second"][f"cpu_{threads}_threads"] >= 0
        )  # 0 where others fill it
    assert result["expression_model"]


def test_it_refuses_what_it_cannot_use(
    weights_dir: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    assert bench.main(["--weights", str(tmp_path)]) == 1
    assert "weights_missing" in capsys.readouterr().err
    assert bench.main(["--weights", str(weights_dir), "--picture", __file__]) == 1
    assert "bad_picture" in capsys.readouterr().err
