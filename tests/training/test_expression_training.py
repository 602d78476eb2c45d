"""The whole way from pictures and votes to a model folder, on faces that the test draws."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
import torch

from tests.training.drawn import write_faces
from tutor_emotion.errors import BadInput
from tutor_emotion.evaluation.ferplus import plurality, read_faces
from tutor_emotion.nets import registry
from tutor_emotion.training import expression, loop, release
from tutor_emotion.training.faces import trainable


class PowerCutError(Exception):
    """Stops a run in the middle."""


@pytest.fixture
def data(tmp_path):
    folder = tmp_path / "data"
    folder.mkdir()
    write_faces(folder / expression.TRAIN, 410, seed=1)
    write_faces(folder / expression.VALID, 80, seed=2)
    return folder


@pytest.fixture(autouse=True)
def _torch_as_it_was():
    threads = torch.get_num_threads()
    yield
    torch.use_deterministic_algorithms(False)
    torch.set_num_threads(threads)


def _stages(epochs):
    """The two stages, short: twelve steps an epoch on these data."""
    return tuple(
        replace(s, recipe=replace(s.recipe, epochs=epochs, batch=32)) for s in expression.STAGES
    )


def _numbers(folder):
    return torch.load(folder / "plain" / "last.pt", weights_only=True)["averaged"]


def test_it_learns_and_becomes_a_model_that_can_be_read(data, tmp_path):
    for seed in (0, 1):
        expression.train_one(data, tmp_path / "runs", seed, _stages(4), threads=1)
    run = tmp_path / "runs" / "seed-0"
    made_by = json.loads((run / "run.json").read_text())
    history = [
        json.loads(line) for line in (run / "webcam" / "history.jsonl").read_text().splitlines()
    ]
    assert history[-1]["loss"] < history[0]["loss"]
    assert (run / "curves.png").stat().st_size > 5000
    assert made_by["data"].keys() == {expression.TRAIN, expression.VALID}

    model = release.release(tmp_path / "runs", data, tmp_path / "models", "7")
    assert model.name == "expression/7"
    assert registry.tensors(model).keys()
    figures = model.config.metrics
    assert figures["n"] == 80
    assert figures["accuracy"] > 0.8  # a straight mouth from a bow
    assert set(figures["seeds"]) >= {"accuracy", "uar", "accuracy_plurality"}
    card = (model.folder / "CARD.md").read_text()
    assert "$" not in card
    assert f"{figures['accuracy'] * 100:.1f} %" in card


def test_a_run_that_was_stopped_goes_on_as_if_it_had_not(data, tmp_path, monkeypatch):
    whole = expression.train_one(data, tmp_path / "whole", 0, _stages(1), threads=1)
    keep = loop._Run.keep

    def keep_and_stop(run, figures):
        keep(run, figures)
        raise PowerCutError

    monkeypatch.setattr(loop._Run, "keep", keep_and_stop)
    with pytest.raises(PowerCutError):
        expression.train_one(data, tmp_path / "stopped", 0, _stages(1), threads=1)
    monkeypatch.setattr(loop._Run, "keep", keep)
    resumed = expression.train_one(data, tmp_path / "stopped", 0, _stages(1), threads=1)
    ours, theirs = _numbers(whole), _numbers(resumed)
    assert all(torch.equal(ours[name], theirs[name]) for name in ours)


def test_a_folder_with_another_run_is_refused(data, tmp_path):
    expression.train_one(data, tmp_path / "runs", 0, _stages(1), threads=1)
    with pytest.raises(BadInput) as caught:
        expression.train_one(data, tmp_path / "runs", 0, _stages(2), threads=1)
    assert caught.value.code == "other_run"


def test_nothing_of_the_validation_split_is_learned_from_and_repeats_are_added(tmp_path):
    faces = read_faces(write_faces(tmp_path / "a.npz", 10))
    images = faces.images.copy()
    images[4] = images[0]  # the same picture under another name
    repeated = type(faces)(images, faces.votes, faces.names)
    valid = repeated[np.array([3])]
    kept = trainable(repeated, not_in=valid)
    assert len(kept) == 8
    assert faces.names[3] not in kept.names
    assert kept.votes[0].sum() == 20
    assert (plurality(kept.votes) >= 0).all()


def test_without_runs_there_is_nothing_to_release(data, tmp_path):
    with pytest.raises(BadInput) as caught:
        release.release(tmp_path, data, tmp_path / "models", "1")
    assert caught.value.code == "run_missing"


def test_the_command_tells_what_is_wrong_with_its_data(tmp_path, capsys):
    assert expression.main(["--data", str(tmp_path), "--out", str(tmp_path)]) == 1
    assert expression.TRAIN in capsys.readouterr().err
