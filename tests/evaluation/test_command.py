"""``manage.py evaluate``: one object on stdout, a table, pictures, errors with a code."""

from __future__ import annotations

import json
import subprocess
import sys
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from PIL import Image

from tests.evaluation.making import evaluated, expression_model, picture_folder, write_lines

ROOT = Path(__file__).parents[2]
NEEDED = {
    "n", "accuracy", "uar", "macro_f1", "auc", "ece", "ece_uncalibrated", "per_class", "by_group",
    "by_subject", "confusion", "abstention", "risk_coverage", "skipped", "model",
}  # fmt: skip
MESSAGES = ["text,label,group", "i dont get it,confused,a", "das nervt,annoyed,b", "ok,none,b"]


@pytest.fixture
def messages(tmp_path: Path) -> str:
    return str(write_lines(tmp_path / "messages.csv", MESSAGES))


def test_json_is_one_object_and_nothing_else(messages: str) -> None:
    done = subprocess.run(
        [sys.executable, "manage.py", "evaluate", "text", messages, "--json"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=100,
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found.keys() >= NEEDED
    assert found["model"].keys() == {"name", "version", "sha256"}


def test_people_get_a_table(messages: str) -> None:
    out = StringIO()
    call_command("evaluate", "text", messages, stdout=out)
    told = out.getvalue()
    for word in ("accuracy", "uar", "confused", "Groups", "Confusion"):
        assert word in told


def test_a_report_is_four_pictures_and_a_page(tmp_path: Path) -> None:
    model = expression_model(tmp_path / "models", temperature=2.0)
    data = picture_folder(tmp_path / "data", {"happy": 1, "sad": -1, "neutral": 0})
    (data / "sad" / "bad|name.png").write_bytes(b"no picture")
    folder = tmp_path / "report"
    figures = evaluated("face", str(data), "--model", str(model.folder), "--report", str(folder))
    for name in ("confusion", "reliability", "recall", "risk_coverage"):
        with Image.open(folder / f"{name}.png") as picture:
            assert min(picture.size) > 300
            colours = picture.convert("RGB").getcolors(1 << 20)
            assert colours is not None
            assert len(colours) > 50, "it is blank"
    page = (folder / "report.md").read_text()
    assert f"| accuracy | {figures['accuracy']:.3f} |" in page
    assert model.sha256 in page
    assert "bad\\|name.png" in page
    for name in ("confusion", "reliability", "recall", "risk_coverage"):
        assert f"({name}.png)" in page


def test_a_label_map_by_path_and_by_name(tmp_path: Path) -> None:
    path = str(write_lines(tmp_path / "a.csv", ["text,label", "i dont get it,A", "ok,B"]))
    chosen = write_lines(tmp_path / "map.toml", ["[labels]", 'a = "confused"', 'b = "none"'])
    assert evaluated("text", path, "--labels", str(chosen))["accuracy"] == 1.0
    with pytest.raises(CommandError, match="label_unmapped"):
        evaluated("text", path, "--labels", "meld")


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["text", "nowhere.csv"], "data_missing"),
        (["voice", "nowhere", "--model", "voice/900"], "model_missing|no_model"),
        (["text", "{messages}", "--labels", "nowhere.toml"], "data_missing: There is no label map"),
        (["text", "{messages}", "--report", "{messages}"], "not_writable"),
        (["text", "{messages}", "--split", "1"], "split_subjects_unknown"),
        (["text", "{messages}", "--abstain-below", "2"], "within 0 and 1"),
        (["dance", "{messages}"], "invalid choice"),
    ],
)
def test_what_it_refuses(arguments: list[str], named: str, messages: str) -> None:
    with pytest.raises(CommandError, match=named) as caught:
        evaluated(*(argument.format(messages=messages) for argument in arguments))
    assert caught.value.returncode != 0


def test_the_exit_code_tells_of_a_fault() -> None:
    done = subprocess.run(
        [sys.executable, "manage.py", "evaluate", "text", "nowhere.csv", "--json"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=100,
    )
    assert done.returncode == 1
    assert done.stdout == ""
    assert "data_missing" in done.stderr
