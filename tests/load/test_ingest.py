"""The bench of the ingest: two real receivers, one sender, and figures that add up."""

from __future__ import annotations

import pytest

from tests.load import ingest
from tests.media.senders import needs_weights


@needs_weights
def test_a_short_round_of_each_kind_counts_every_picture() -> None:
    found = ingest.measure(streams=2, seconds=1.5, rounds=1, whole=(2,))
    assert 0 < found["ingest_ratio"] < 5
    for kind in ("stock", "ours"):
        assert 1 < found[kind]["sampled_per_s"] < 8, kind  # 5, where the machine is not full
        assert found[kind]["each_pct"] > 0
        assert found[kind]["sender_each_pct"] > 0
    assert found["stock"]["lost"] == 0  # it waits for what is late without end; ours does not
    assert {"decode", "picture", "sound", "pack"} <= set(found["ours"]["split_pct"])
    [whole] = found["whole"]
    assert {"face", "voice"} <= set(whole["split_pct"])
    assert sum(whole["split_pct"].values()) < whole["each_pct"] + 0.5
    assert "| stock | 2 |" in ingest.table(found)


def test_a_share_of_a_core_is_of_each_learner() -> None:
    assert ingest.cost({"cpu_s": 3.0, "wall_s": 10.0, "streams": 6}) == pytest.approx(0.05)
