"""Several processes learn as one would."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from tests.training import two_processes
from tutor_emotion.errors import BadInput
from tutor_emotion.training.workers import Workers, workers

ROOT = Path(__file__).parents[2]


def test_alone_there_is_nothing_to_share(monkeypatch):
    monkeypatch.delenv("WORLD_SIZE", raising=False)
    with workers(torch.device("cpu")) as group:
        assert (group.rank, group.size, group.first) == (0, 1, True)
        assert group.share([1, 2, 3]) == [1, 2, 3]
        assert group.sums([1.0, 2.0]) == [1.0, 2.0]


def test_each_gets_as_many_or_the_batch_is_refused():
    assert Workers(1, 2).share([0, 1, 2, 3]) == [1, 3]
    with pytest.raises(BadInput) as caught:
        Workers(0, 2).share([0, 1, 2])
    assert caught.value.code == "bad_share"


def test_two_processes_learn_what_one_learns_and_stay_alike(tmp_path):
    _torchrun(tmp_path)
    states = [torch.load(tmp_path / f"model-{rank}.pt") for rank in (0, 1)]
    assert all(torch.equal(states[0][name], states[1][name]) for name in states[0])
    (cold, rewarded), theirs = (
        json.loads((tmp_path / f"history-{rank}.json").read_text()) for rank in (0, 1)
    )
    for ours, other in zip([*cold, *rewarded], [*theirs[0], *theirs[1]], strict=True):
        ours, other = ({k: v for k, v in h.items() if "seconds" not in k} for h in (ours, other))
        assert ours == other
    # Alone, from the same start on the same clips.
    _, alone = two_processes.cold(tmp_path / "alone")
    for one, two in zip(alone, cold, strict=True):
        for name in ("loss", "tokens", "norm", "token_accuracy"):
            assert two[name] == pytest.approx(one[name], rel=1e-3), name
    # Each had a clip, four answers, and one other clip where the first taught nothing.
    assert all(2 <= line["groups"] <= 4 for line in rewarded)


def _torchrun(folder: Path) -> None:
    """Two processes on this machine, over gloo."""
    done = subprocess.run(
        [
            sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2",
            "-m", "tests.training.two_processes", str(folder),
        ],
        cwd=ROOT, env=os.environ | {"OMP_NUM_THREADS": "1"}, capture_output=True, text=True,
        timeout=240, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
