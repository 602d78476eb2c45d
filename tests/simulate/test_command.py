"""``manage.py simulate_class``: one JSON line, a table, pictures; or what is wrong."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from tutor_emotion.simulate.school import running
from tutor_emotion.simulate.school.configurations import ABLATIONS
from tutor_emotion.simulate.school.figures import SHIPPED, rows, varied
from tutor_emotion.simulate.school.results import summarise
from tutor_emotion.simulate.school.running import School

PROMISED = ("alarms_per_hour", "precision", "recall", "delay_s", "time_to_mastery_s")
CONFIGURATIONS = {"face", "voice", "interaction", "all", "performance_only", "none"}
ROOT = Path(__file__).parents[2]


def simulate(*arguments: str) -> str:
    out = io.StringIO()
    call_command("simulate_class", "--minutes", "10", "--jobs", "1", *arguments, stdout=out)
    return out.getvalue()


def refusal(*arguments: str) -> str:
    with pytest.raises(CommandError) as caught:
        simulate(*arguments)
    return str(caught.value)


# --- it works ------------------------------------------------------------------------------------


def test_the_last_line_is_one_json_object_with_every_promised_figure() -> None:
    last = simulate("--learners", "3", "--seed", "5", "--json").splitlines()[-1]
    results: dict[str, Any] = json.loads(last)
    assert set(results) == CONFIGURATIONS
    for figures in results.values():
        assert set(PROMISED) <= set(figures)
        for name in PROMISED:
            assert figures[name] is None or figures[name] >= 0
    none = results["none"]
    assert (none["alarms_per_hour"], none["recall"]) == (0, 0)
    assert none["precision"] is none["delay_s"] is None
    assert results["interaction"]["alarms_per_hour"] > 0


def test_as_a_program_it_writes_nothing_else_to_stdout() -> None:
    command = (sys.executable, "manage.py", "simulate_class", "--learners", "2", "--minutes", "5")
    done = subprocess.run(
        (*command, "--json"), capture_output=True, text=True, cwd=ROOT, timeout=100, check=True
    )
    assert len(done.stdout.splitlines()) == 1
    assert set(json.loads(done.stdout)) == CONFIGURATIONS


def test_the_same_seed_gives_the_same_figures() -> None:
    arguments = ("--learners", "2", "--minutes", "5", "--json")
    once = simulate(*arguments)
    assert simulate(*arguments) == once
    assert simulate(*arguments, "--seed", "2") != once


def test_more_processes_change_no_figure() -> None:
    school = School(9, minutes=5, names=("none", "interaction"))
    alone, together = running.run(school, jobs=1), running.run(school, jobs=2)
    assert summarise(alone, school.seconds, 1) == summarise(together, school.seconds, 1)
    assert (alone["interaction"].sums == together["interaction"].sums).all()


def test_the_table_names_every_configuration_and_the_differences() -> None:
    text = simulate("--learners", "2")
    for name in CONFIGURATIONS:
        assert name in text
    assert "difference to performance_only" in text
    assert "AUC" in text


def test_ablations_come_besides() -> None:
    results = json.loads(simulate("--learners", "1", "--ablations", "--json"))
    assert set(results) == CONFIGURATIONS | set(ABLATIONS)


def test_pictures_and_results_are_written(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    folder = tmp_path / "new" / "plots"
    printed = simulate("--learners", "2", "--plots", str(folder), "--json")
    whole = json.loads((folder / "results.json").read_text(encoding="utf-8"))
    assert whole["configurations"] == json.loads(printed)
    assert (whole["learners"], whole["seed"], whole["minutes"]) == (2, 1, 10)
    written = (folder / "tables.md").read_text(encoding="utf-8")
    assert "| `interaction` less `performance_only` |" in written
    for name in ("simulate-alarms.png", "simulate-signals.png", "simulate-mastery.png"):
        assert (folder / name).read_bytes().startswith(b"\x89PNG")


def test_processes_go_when_the_command_is_killed(tmp_path: Path) -> None:
    program = tmp_path / "school.py"  # a fresh process imports its parent's main module
    program.write_text(
        "import multiprocessing as m\n"
        "from tutor_emotion.simulate.school.running import School, run\n"
        "tell = lambda _: print(*(p.pid for p in m.active_children()), flush=True)\n"
        "if __name__ == '__main__':\n"
        "    run(School(400), jobs=2, progress=tell)\n",
        encoding="utf-8",
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = (sys.executable, str(program))
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as parent:
        assert parent.stdout is not None
        pids = [int(pid) for pid in parent.stdout.readline().split()]
        assert len(pids) == 2
        assert all(map(is_alive, pids))
        parent.kill()
    deadline = time.monotonic() + 20
    while any(map(is_alive, pids)) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not any(map(is_alive, pids))


def is_alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rsplit(")", 1)[1].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != "Z"


def test_progress_is_told() -> None:
    told: list[int] = []
    running.run(School(9, minutes=5, names=("none",)), progress=told.append)
    assert sum(told) == 9


# --- what it refuses -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "arguments",
    [
        ("--learners", "0"),
        ("--learners", "-5"),
        ("--learners", "100001"),
        ("--seed", "-1"),
        ("--seed", str(2**32)),
        ("--minutes", "4"),
        ("--minutes", "100000"),
        ("--jobs", "0"),
        ("--jobs", "1000"),
    ],
)
def test_an_impossible_number_is_named_with_its_limits(arguments: tuple[str, str]) -> None:
    message = refusal(*arguments)
    assert message.startswith("bad_argument")
    assert arguments[0] in message


@pytest.mark.parametrize(
    "arguments", [("--learners", "many"), ("--seed", "1.5"), ("--frobnicate",)]
)
def test_what_is_no_argument_is_refused(arguments: tuple[str, ...]) -> None:
    assert arguments[0] in refusal(*arguments)


def test_a_folder_that_cannot_be_written_is_told_before_the_work(tmp_path: Path) -> None:
    in_the_way = tmp_path / "file"
    in_the_way.write_text("x", encoding="utf-8")
    assert refusal("--learners", "100000", "--plots", str(in_the_way)).startswith("not_writable")


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ("helping.luck=0.5", "no such figure"),
        ("taken=0.5", "no such figure"),
        ("helping.taken", "between 0 and 1"),
        ("helping.taken=often", "between 0 and 1"),
        ("helping.taken=nan", "between 0 and 1"),
        ("helping.taken=1.5", "between 0 and 1"),
        ("helping.break_s=1e9", "between 30 and 3000"),
        ("sensing.face=0.5", "4 numbers"),
        ("sensing.lingers=0.9", "under 1"),
    ],
)
def test_a_figure_that_cannot_be_is_named(change: str, why: str) -> None:
    message = refusal("--learners", "1", "--set", change)
    assert message.startswith("bad_figure")
    assert why in message


# --- the figures that it goes by -----------------------------------------------------------------


def test_figures_can_be_varied_one_by_one() -> None:
    changed = varied(["helping.taken=0.8", "sensing.face=.9,.9,.9,.9", "helping.taken=0.9"])
    assert changed.helping.taken == 0.9
    assert changed.sensing.face == (0.9, 0.9, 0.9, 0.9)
    assert replace(changed, helping=SHIPPED.helping, sensing=SHIPPED.sensing) == SHIPPED
    assert varied([]) == SHIPPED
    arguments = ("--learners", "2", "--json")
    assert simulate(*arguments, "--set", "knowing.learn=0.9") != simulate(*arguments)


def test_every_figure_says_where_it_comes_from() -> None:
    for name, value, what, source in rows():
        assert value, name
        assert what, name
        assert source.startswith(("[V]", "[S]", "[Mm]", "[D]")), name
    assert SHIPPED.helping.taken / SHIPPED.helping.taken_idly == pytest.approx(3)


def test_the_page_has_the_figures_as_they_are() -> None:
    page = (ROOT / "docs" / "simulation.md").read_text(encoding="utf-8")
    for name, value, what, source in rows():
        assert f"| `{name}` | {value} | {what} | {source} |" in page
