"""The whole way of omni-mini in seconds: drawn faces and made voices in, a folder out."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from tests.training.mini_made import write_data
from tutor_emotion.conf import get_settings
from tutor_emotion.errors import BadInput
from tutor_emotion.nets.r1_omni import labels
from tutor_emotion.nets.r1_omni.checkpoint import load
from tutor_emotion.training import mini, mini_release, mini_report
from tutor_emotion.training.mini_clips import CONDITIONS
from tutor_emotion.training.mini_prepare import Amount
from tutor_emotion.training.mini_towers import TowerRecipe

_PLAN = mini.Plan()
QUICK = mini.Plan(
    amount=Amount(most=2, least=0, held_out=2, rooms=2),
    tower=TowerRecipe(passes=1, batch=8),
    cold_clips=6,
    judged=6,
    cold=replace(_PLAN.cold, steps=3, batch=6),
    more=replace(_PLAN.more, steps=1, batch=4),
    grpo=replace(_PLAN.grpo, steps=1, prompts=2, group=2, redraws=0, max_tokens=12),
)


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    weights = get_settings().WEIGHTS_DIR
    if not (weights / "face_landmarker.task").is_file():
        pytest.skip("the weights are not here; `manage.py fetch_weights` obtains them")
    data = write_data(tmp_path_factory.mktemp("data"), faces=2)
    out = tmp_path_factory.mktemp("run")
    threads = torch.get_num_threads()
    figures = mini.run(data, weights, out, 0, QUICK)
    yield data, weights, out, figures
    torch.set_num_threads(threads)


def test_every_stage_is_judged_in_every_condition(made):
    *_, figures = made
    assert tuple(figures) == mini.STAGES
    for stage in figures.values():
        assert tuple(stage["conditions"]) == tuple(CONDITIONS)
        for one in stage["conditions"].values():
            assert one["n"] == QUICK.judged
            assert all(0 <= (one[name] or 0) <= 1 for name in mini_report.SHARES)
            assert (one["grounded"] is None) == (one["claims"] * (1 - one["untold"]) == 0)


def test_what_was_done_is_not_done_again(made, monkeypatch):
    data, weights, out, figures = made
    monkeypatch.setattr(mini.mini_judge, "judge", lambda *_: pytest.fail("judged again"))
    assert mini.run(data, weights, out, 0, QUICK) == figures


def test_the_towers_stay_as_they_were_and_the_rest_learned(made):
    data, weights, out, _ = made
    prepared = mini.prepared(data, weights, out, mini.CONFIG, QUICK.amount)
    start = mini.beginning(weights, out, prepared, QUICK, 0)
    after = mini.beginning(weights, out, prepared, QUICK, 0)
    mini_release.learned(after, out / "seed-0" / "grpo" / "last.pt")
    moved = {
        name.partition(".")[0]
        for name, values in start.state_dict().items()
        if not torch.equal(values, after.state_dict()[name])
    }
    assert (
        {"connector", "projector", "language"}
        <= moved
        <= {"connector", "projector", "language", "gate"}
    )


def test_the_release_is_a_folder_that_loads_and_says_how_good_it_is(made, tmp_path):
    data, weights, out, _ = made
    figures = mini_release.release(data, weights, out, tmp_path / "m", QUICK, "2026-11-28")
    loaded = load(tmp_path / "m")
    assert loaded.config == mini.CONFIG
    assert labels.of_checkpoint(tmp_path / "m").name == "mini"
    assert json.loads((tmp_path / "m" / "figures.json").read_text()) == figures
    card = (tmp_path / "m" / "CARD.md").read_text(encoding="utf-8")
    assert "$" not in card
    assert f"{100 * figures['shipped']['clean']['war']:.1f}" in card


def test_tables_and_pictures_show_every_seed(made, tmp_path):
    *_, out, figures = made
    seeds = {0: figures, 1: figures}
    table = mini_report.tables(seeds)
    assert table.count("\n") == 1 + len(CONDITIONS) * len(mini.STAGES)
    assert "±" in table
    assert "+0.0, +0.0" in mini_report.differences({0: _same(figures), 1: _same(figures)})
    mini_report.draw_stages(seeds, tmp_path / "a.png")
    mini_report.draw_curves(out, {0: figures}, tmp_path / "b.png")
    assert all((tmp_path / name).stat().st_size > 2000 for name in ("a.png", "b.png"))


def test_a_seed_that_claims_nothing_has_no_share_of_true_claims():
    assert mini_report.shown("grounded", None) == "–"
    assert mini_report.shown("grounded", 0.5, 0.1) == "50.0 ± 10.0"
    assert mini_report.shown("claims", 1.5) == "1.50"


def test_a_run_of_other_clips_is_not_mixed_with_this_one(made):
    data, weights, out, _ = made
    other = replace(QUICK, amount=replace(QUICK.amount, most=1))
    with pytest.raises(BadInput) as refused:
        mini.run(data, weights, out, 0, other)
    assert refused.value.code == "other_run"


def test_without_a_finished_seed_there_is_nothing_to_release(tmp_path: Path):
    (tmp_path / "seed-0" / "cold").mkdir(parents=True)
    with pytest.raises(BadInput) as refused:
        mini_report.read_seeds(tmp_path)
    assert refused.value.code == "run_missing"


def test_the_command_says_what_is_wrong_and_ends_with_1(tmp_path, capsys):
    assert mini.main(["--data", str(tmp_path), "--out", str(tmp_path / "o")]) == 1
    assert "ferplus_train.npz" in capsys.readouterr().err


def _same(figures):
    return dict.fromkeys(figures, figures["cold"])
