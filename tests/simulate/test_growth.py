"""The growth model: a day lived, pods asked for, a queue, what breaks, money, and bad files."""

from __future__ import annotations

import io
import json
import tomllib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.core.management import CommandError, call_command

from tutor_emotion.errors import BadInput
from tutor_emotion.simulate.growth import (
    batching,
    country,
    day,
    demand,
    figures,
    fitting,
    scaling,
    writing,
)
from tutor_emotion.simulate.growth.figures import Figures

SEED = 1


@pytest.fixture(scope="module")
def known() -> Figures:
    return figures.load()


# --- a day ----------------------------------------------------------------------------------------


def test_everybody_who_comes_goes_again(known: Figures) -> None:
    lived = day.live(20_000, day.Habits.of(known), SEED)
    assert lived.arrivals.sum() == lived.visits == 20_000
    assert lived.present.min() >= 0
    assert lived.present[0] == 0
    mean_min = lived.learner_s / lived.visits / 60
    assert mean_min == pytest.approx(known["learners.visit_min"], rel=0.03)


def test_shares_are_those_that_were_asked_for(known: Figures) -> None:
    lived = day.live(50_000, day.Habits.of(known), SEED)
    assert lived.camera_s / lived.learner_s == pytest.approx(known["learners.camera"], abs=0.01)
    assert (lived.with_camera <= lived.present).all()
    assert (lived.relayed <= lived.with_camera).all()


def test_the_same_seed_lives_the_same_day(known: Figures) -> None:
    one, same, other = (day.live(2_000, day.Habits.of(known), seed) for seed in (1, 1, 2))
    assert np.array_equal(one.present, same.present)
    assert not np.array_equal(one.present, other.present)


@pytest.mark.parametrize("size", [100, 3_000])
def test_the_peak_is_about_what_was_asked_for(known: Figures, size: int) -> None:
    lived = day.live(day.visits_for(size, day.Habits.of(known), SEED), day.Habits.of(known), SEED)
    assert lived.peak == pytest.approx(size, rel=0.2)


def test_without_cameras_nothing_is_read(known: Figures) -> None:
    blind = known.with_value("learners.camera", 0.0)
    found = country.simulate(500, blind, SEED)
    assert found.gpu.most == 0
    assert found.at_peak.commands == 0
    assert found.month["GPU workers"] == 0
    assert found.web.most >= 1


# --- pods -----------------------------------------------------------------------------------------


def test_pods_come_late_and_go_slowly() -> None:
    asked = np.zeros(400, dtype=np.int64)
    asked[100:200] = 50
    found = scaling.scale(asked, each=10.0, start_s=120.0)
    assert found.pods[99] == found.pods[105] == 1
    assert found.pods[130] == 6  # five are needed, and some to spare
    assert found.unserved_s == pytest.approx(40 * 12 * 10, rel=0.3)
    assert found.pods[210] == 6
    assert found.pods[260] == 1


def test_pods_that_start_at_once_leave_nobody_out() -> None:
    asked = np.asarray([0, 5, 50, 20, 0] * 30, dtype=np.int64)
    steady = np.repeat(asked, 6)
    assert scaling.scale(steady, each=10.0, start_s=0.0).unserved_s == 0


# --- the queue of a GPU ---------------------------------------------------------------------------


def test_one_learner_waits_for_their_own_batch_alone(known: Figures) -> None:
    found = batching.run(1, 1.0, batching.Speed.of(known), SEED)
    alone_s = (known["gpu.call_ms"] + known["gpu.window_ms"]) / 1000
    assert found.p95_s == pytest.approx(alone_s, rel=0.01)
    assert found.mean_batch == 1


def test_batches_grow_with_the_load_and_so_does_the_delay(known: Figures) -> None:
    loads = [batching.run(n, 1.0, batching.Speed.of(known), SEED) for n in (10, 200, 600)]
    assert [q.mean_batch for q in loads] == sorted(q.mean_batch for q in loads)
    assert [q.p95_s for q in loads] == sorted(q.p95_s for q in loads)
    assert [q.busy for q in loads] == sorted(q.busy for q in loads)


def test_more_than_a_worker_can_do_waits_without_end(known: Figures) -> None:
    batch = known["gpu.batch"]
    most = batch / (known["gpu.call_ms"] + batch * known["gpu.window_ms"]) * 1000
    assert batching.run(round(1.5 * most), 1.0, batching.Speed.of(known), SEED).p95_s > 3.0


def test_the_most_learners_are_in_time_and_a_tenth_more_are_not(known: Figures) -> None:
    most = batching.most_learners(known, SEED)
    limit_s = known["gpu.late_ms"] / 1000
    assert batching.run(most, known["windows"], batching.Speed.of(known), SEED).p95_s <= limit_s
    assert (
        batching.run(round(1.1 * most), known["windows"], batching.Speed.of(known), SEED).p95_s
        > limit_s
    )


# --- demand and money -----------------------------------------------------------------------------


def test_demand_grows_with_its_learners(known: Figures) -> None:
    small, large = (demand.demand(n, 0.6 * n, 0.1 * n, known) for n in (1_000, 2_000))
    for name in demand.Demand.__slots__:
        if name != "web_pods":
            assert getattr(large, name) == pytest.approx(2 * getattr(small, name), rel=0.02), name
    assert 2 * small.web_pods - 1 <= large.web_pods <= 2 * small.web_pods


def test_what_breaks_is_told_with_the_fullest_first(known: Figures) -> None:
    asked = demand.demand(1_000_000, 600_000, 90_000, known)
    parts = demand.parts(asked, dict.fromkeys(demand.TABLES, 1e10), known)
    assert [p.load for p in parts] == sorted((p.load for p in parts), reverse=True)
    assert {p.name for p in parts if p.load > 1} >= {"Valkey: its one thread", "one coturn"}
    few = demand.parts(demand.demand(100, 60, 9, known), dict.fromkeys(demand.TABLES, 1e6), known)
    assert all(part.load < 1 for part in few)


def test_a_school_keeps_as_many_rows_as_were_counted(known: Figures) -> None:
    """docs/database.md: 160,000 sessions of 40 minutes in a year, by the table's own periods."""
    a_day_s = 160_000 * 40 * 60 / demand.YEAR_DAYS
    rows = demand.rows_kept(a_day_s, known)
    mib = {table: rows[table] * known[f"learners.{table}_bytes"] / 2**20 for table in rows}
    counted = {"events": 616_621, "signals": 1_617_534, "adaptations": 701_370}
    weighed = {"events": 190, "signals": 1039, "adaptations": 405}
    assert rows == pytest.approx(counted, rel=0.02)
    assert mib == pytest.approx(weighed, rel=0.02)


def test_longer_periods_are_more_rows_and_a_dearer_month(known: Figures) -> None:
    longer = known.with_value("learners.signals_days", 1095.0)
    short, long = (country.simulate(1_000, figs, SEED) for figs in (known, longer))
    assert long.rows_kept["signals"] == pytest.approx(short.rows_kept["signals"] * 1095 / 120)
    assert long.rows_kept["events"] == short.rows_kept["events"]
    assert long.month["PostgreSQL"] > short.month["PostgreSQL"]


def test_a_larger_country_costs_more_and_each_learner_less(known: Figures) -> None:
    found = [country.simulate(size, known, SEED) for size in (100, 1_000, 10_000)]
    dollars = [c.dollars_month for c in found]
    cents = [c.cents_learner_h for c in found]
    assert dollars == sorted(dollars)
    assert cents == sorted(cents, reverse=True)
    assert all(set(c.month) == set(found[0].month) for c in found)


def test_a_dearer_price_is_a_dearer_month(known: Figures) -> None:
    for name in ("prices.core_h", "prices.gpu_h", "prices.database_core_h", "prices.egress_gb"):
        one = known.assumed[name]
        low, high = (
            country.simulate(1_000, known.with_value(name, value), SEED).dollars_month
            for value in (one.low, one.high)
        )
        assert low < high, name


# --- the files ------------------------------------------------------------------------------------


def changed(tmp_path: Path, old: str, new: str) -> Path:
    text = figures.ASSUMED.read_text(encoding="utf-8")
    assert old in text
    path = tmp_path / "mine.toml"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return path


def test_your_own_prices_are_taken(tmp_path: Path) -> None:
    mine = figures.load(changed(tmp_path, "gpu_h = { value = 0.8", "gpu_h = { value = 0.5"))
    assert mine["prices.gpu_h"] == 0.5


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        ("[prices]", "[prices", "no TOML"),
        ("gpu_h = ", "gpu_hour = ", "is missing|is not known"),
        ("gpu_h = { value = 0.8", "gpu_h = { value = 9.0", "not between"),
        ("gpu_h = { value = 0.8", 'gpu_h = { value = "dear"', "not a number"),
        ("gpu_h = { value = 0.8", "gpu_h = { value = nan", "not a number"),
        ("gpu_h = { value = 0.8", "gpu_h = { value = -1.0", "not a number"),
        ("gpu_h = { value = 0.8, low = 0.35", "gpu_h = { value = 0.8", "needs value, low and high"),
        ("[learners]", "prices = 3\n[learners]", "no table|no TOML"),
    ],
)
def test_a_broken_file_is_refused_with_its_fault(
    tmp_path: Path, old: str, new: str, why: str
) -> None:
    with pytest.raises(BadInput, match=why) as caught:
        figures.load(changed(tmp_path, old, new))
    assert caught.value.code == "bad_figures"
    assert caught.value.hint


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput) as caught:
        figures.load(tmp_path / "none.toml")
    assert caught.value.code == "no_file"


# --- fitting --------------------------------------------------------------------------------------


def bench(*counts: int) -> dict[str, Any]:
    """A result in which each learner costs the same, whatever their number."""

    def step(n: int) -> dict[str, Any]:
        return {
            "count": n, "failed": None, "windows": 14 * n, "learner_s": 15.0 * n,
            "cpu": {"web": 0.02 + 0.05 * n, "worker": 0.01 + 0.03 * n, "valkey": 0.002 * n},
            "rss_mib": {"web": 200.0 + 2.0 * n},
            "media_bytes": {"up": 20_000, "down": 300}, "socket_bytes": {"up": 90, "down": 400},
            "valkey": {
                "commands": 10 + 20.0 * n, "channels": 2.0 * n, "by_command": {"lpush": 1.0 * n},
                "bytes_to_valkey": {"web": 60_000.0 * n, "worker": 2_000.0 * n},
                "bytes_from_valkey": {"web": 2_000.0 * n, "worker": 60_000.0 * n},
            },
        }  # fmt: skip

    return {
        "machine": {"at": "2026-11-28 11:00", "cores": 2, "processor": "x", "load": [0.1, 0.1]},
        "idle": {"web": {"cpu": 0.01}},
        "camera_free": {"count": 12, "cpu": {"web": 0.13}},
        "climb": [step(n) for n in counts],
    }


def test_what_a_learner_costs_is_a_slope(tmp_path: Path) -> None:
    path = tmp_path / "result.json"
    path.write_text(json.dumps(bench(1, 4, 8, 12)))
    found = tomllib.loads(fitting.fitted(path))["a_learner"]
    assert found["web_cores"] == pytest.approx(0.05)
    assert found["worker_cores"] == pytest.approx(0.03)
    assert found["commands"] == pytest.approx(20)
    assert found["to_valkey_bytes"] == pytest.approx(62_000)
    assert found["free_web_cores"] == pytest.approx(0.01)
    assert found["windows"] == pytest.approx(14 / 15, rel=1e-3)
    assert set(found) == set(figures.load().fitted)


def test_steps_whose_faces_were_left_out_say_nothing_of_a_learners_cost(tmp_path: Path) -> None:
    path, result = tmp_path / "result.json", bench(1, 4, 8, 12)
    for step, share in zip(result["climb"], (1.0, None, 0.97, 0.6), strict=True):
        step["faces_read"] = share
    result["climb"][-1]["cpu"]["worker"] = 0.1
    path.write_text(json.dumps(result))
    found = tomllib.loads(fitting.fitted(path))
    assert found["about"]["steps"] == "1, 4, 8"
    assert found["a_learner"]["worker_cores"] == pytest.approx(0.03)


@pytest.mark.parametrize("text", ["", "{}", "[]", json.dumps(bench(4)), '{"climb": [1]}'])
def test_what_is_no_whole_bench_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "result.json"
    path.write_text(text)
    with pytest.raises(BadInput) as caught:
        fitting.fitted(path)
    assert caught.value.code == "bad_result"


# --- the command ----------------------------------------------------------------------------------


def run(*arguments: str) -> str:
    out = io.StringIO()
    call_command("simulate_growth", *arguments, stdout=out)
    return out.getvalue()


def test_the_command_says_what_breaks_and_draws_it(tmp_path: Path, known: Figures) -> None:
    page = tmp_path / "page.md"
    page.write_text(f"# Before\n{writing.BEGIN}\nold\n{writing.END}\nafter\n")
    said = run("--sizes", "100,2000", "--json", "--into", str(page), "--plots", str(tmp_path))
    whole = json.loads(said.splitlines()[-1])
    assert set(whole["sizes"]) == {"100", "2000"}
    assert len(whole["swings"]) == len(known.assumed)
    text = page.read_text()
    assert "old" not in text
    assert text.startswith("# Before\n")
    assert text.endswith("after\n")
    for name in ("day", "limits", "money"):
        assert (tmp_path / f"growth-{name}.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("--sizes", "many"), "bad_arguments"),
        (("--sizes", "0"), "bad_arguments"),
        (("--seed", "-1"), "bad_arguments"),
        (("--assumptions", "/nowhere.toml"), "no_file"),
        (("--fit", "/nowhere.json"), "no_file"),
    ],
)
def test_bad_arguments_have_a_code(arguments: tuple[str, ...], code: str) -> None:
    with pytest.raises(CommandError, match=code):
        run(*arguments)


def test_a_page_without_its_marks_is_left_as_it_is() -> None:
    with pytest.raises(BadInput) as caught:
        writing.replaced(f"{writing.END} {writing.BEGIN}", "new", "page.md")
    assert caught.value.code == "no_marks"


def test_the_page_shows_the_figures_that_ship(known: Figures) -> None:
    """The dear part (a million learners) is made by command, of the same figures."""
    page = Path(__file__).resolve().parents[2] / "docs" / "capacity.md"
    text = page.read_text(encoding="utf-8")
    assert writing.fitted_table(known) in text
    assert writing.assumptions_table(known) in text
    assert writing.breaks_table(country.simulate(100, known, SEED)) in text
