"""``manage.py models``: what an operator sees and does."""

from __future__ import annotations

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from tests.nets import models


def said(*arguments: str, folder: Path) -> str:
    out = StringIO()
    call_command("models", *arguments, "--dir", str(folder), stdout=out, stderr=StringIO())
    return out.getvalue()


def own_rows(folder: Path, verb: str = "list") -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = json.loads(said(verb, "--json", folder=folder))
    return [row for row in rows if not row["shipped"]]


@pytest.fixture
def two(tmp_path: Path) -> Path:
    for version in ("100", "101"):
        models.expression(tmp_path / "own", version, seed=int(version))
    return tmp_path


def test_an_operator_activates_and_rolls_back(two: Path):
    assert [(row["name"], row["active"]) for row in own_rows(two)] == [
        ("expression/100", False),
        ("expression/101", False),
    ]
    assert "expression/100+" in said("activate", "expression/100", folder=two)
    said("activate", "expression/101", folder=two)
    assert [row["active"] for row in own_rows(two)] == [False, True]
    assert [row["state"] for row in own_rows(two, "verify")] == ["whole", "whole"]
    rolled = json.loads(said("rollback", "expression", "--json", folder=two))
    assert rolled["active"].startswith("expression/100+")
    lines = said("list", folder=two).splitlines()
    assert [line for line in lines if line.startswith("* expression/100")]


def test_what_was_not_activated_yet_is_not_recorded_yet(two: Path):
    assert {row["state"] for row in own_rows(two)} == {"not recorded yet"}


def test_a_mapping_to_states_is_activated_too(tmp_path: Path):
    models.states(tmp_path / "own", "7")
    assert "states/7+" in said("activate", "states/7", folder=tmp_path)


def test_verify_fails_and_names_the_model_that_is_not_whole(two: Path):
    said("activate", "expression/100", folder=two)
    path = two / "own" / "expression-100" / "model.safetensors"
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(CommandError, match="expression/100"):
        said("verify", folder=two)
    assert "model_corrupt" in said("list", folder=two)
    rows = {row["name"]: row["error"] for row in own_rows(two)}
    assert rows == {"expression/100": "model_corrupt", "expression/101": None}


def test_a_net_that_cannot_be_built_is_not_put_in_use(tmp_path: Path):
    models.expression(tmp_path / "own", "100", architecture="transformer/9")
    with pytest.raises(CommandError, match="bad_architecture"):
        said("activate", "expression/100", folder=tmp_path)
    assert not (tmp_path / "active.json").exists()
    with pytest.raises(CommandError, match="expression/100"):
        said("verify", folder=tmp_path)


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("activate", "expression/999"), "model_missing"),
        (("activate", "../../etc"), "bad_model_name"),
        (("rollback", "voice"), "nothing_before"),
        (("rollback", "mood"), "invalid choice"),
    ],
)
def test_what_cannot_be_done_is_said_with_a_code(
    tmp_path: Path, arguments: tuple[str, ...], code: str
):
    with pytest.raises(CommandError, match=code):
        said(*arguments, folder=tmp_path)
