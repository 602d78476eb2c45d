"""Models as folders: written whole, found, verified, put in use, taken back; what is refused."""

from __future__ import annotations

import json
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from tests.nets import models
from tutor_emotion.core.states import PRIOR
from tutor_emotion.errors import BadInput, TutorEmotionError, Unavailable
from tutor_emotion.nets import registry
from tutor_emotion.nets.face.expressing import Expressions
from tutor_emotion.nets.model_folder import ModelConfig, Trained
from tutor_emotion.nets.states import active_states
from tutor_emotion.nets.trial import try_out
from tutor_emotion.nets.voice.emotion import ARCHITECTURE, EMOTIONS, load_net
from tutor_emotion.nets.weights import MANIFEST, read_manifest

CPU = torch.device("cpu")


@pytest.fixture
def shipped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A package of its own: an empty folder of shipped models, and a manifest."""
    folder = tmp_path / "package" / "shipped"
    folder.mkdir(parents=True)
    manifest = tmp_path / "package" / "manifest.toml"
    manifest.write_text("# A comment that stays.\n\n[[file]]\nname = 'another'\n")
    monkeypatch.setattr(registry, "SHIPPED", folder)
    monkeypatch.setattr(registry, "MANIFEST", manifest)
    return folder


@pytest.fixture
def own(tmp_path: Path, shipped: Path) -> Path:
    """A site's own models, whatever the real package ships under the same names."""
    return tmp_path / "own"


def ship(folder: Path, version: str = "1", **other: Any) -> registry.Model:
    model = models.expression(folder, version, **other)
    registry.record_shipped(model, folder.parent / "manifest.toml")
    return model


def code_of(work: Any, *arguments: Any) -> str:
    with pytest.raises(TutorEmotionError) as error:
        work(*arguments)
    return error.value.code


# --- it works ------------------------------------------------------------------------------------


def test_a_model_is_written_and_read_back(own: Path):
    made = models.expression(own, "1.2")
    read = registry.read_model(own / "expression-1.2")
    assert read == made
    assert read.name == "expression/1.2"
    assert read.stamp == f"expression/1.2+{made.sha256[:8]}"
    assert read.config.temperature == 0.7
    found = registry.tensors(read)
    assert found["head.weight"].shape == (8, 16)
    assert {values.dtype.name for values in found.values()} == {"float32"}
    assert sorted(path.name for path in read.folder.iterdir()) == [
        "CARD.md",
        "config.json",
        "model.safetensors",
    ]


def test_the_same_numbers_give_the_same_bytes(own: Path, tmp_path: Path):
    one, other = models.expression(own), models.expression(tmp_path / "again")
    assert one.sha256 == other.sha256
    assert (one.folder / "config.json").read_bytes() == (other.folder / "config.json").read_bytes()


def test_the_newest_that_is_shipped_is_in_use_until_another_is_activated(
    shipped: Path, own: Path, tmp_path: Path
):
    assert registry.active(tmp_path) == {}
    for version in ("2", "10", "9.1"):
        ship(shipped, version, seed=int(float(version)))
    assert registry.active(tmp_path)["expression"].version == "10"
    mine = models.expression(own, "3", seed=7)
    assert registry.active(tmp_path)["expression"].version == "10"
    assert registry.activate(tmp_path, "expression/3") == mine
    assert registry.active(tmp_path) == {"expression": mine}
    assert [m.name for m in registry.installed(tmp_path)] == [
        *("expression/2", "expression/9.1", "expression/10", "expression/3")
    ]


def test_rolling_back_walks_the_way_back(shipped: Path, own: Path, tmp_path: Path):
    ship(shipped, "1")
    for version in ("2", "3"):
        models.expression(own, version, seed=int(version))
        registry.activate(tmp_path, f"expression/{version}")
    registry.activate(tmp_path, "expression/3")  # a second time is no step
    back = [registry.rollback(tmp_path, "expression") for _ in range(2)]
    assert [model.name for model in back if model] == ["expression/2", "expression/1"]
    assert registry.active(tmp_path)["expression"].folder.parent == shipped
    assert code_of(registry.rollback, tmp_path, "expression") == "nothing_before"
    assert code_of(registry.rollback, tmp_path, "voice") == "nothing_before"


def test_where_nothing_is_shipped_rolling_back_leaves_none(
    shipped: Path, own: Path, tmp_path: Path
):
    models.expression(own)
    registry.activate(tmp_path, "expression/1")
    assert registry.rollback(tmp_path, "expression") is None
    assert registry.active(tmp_path) == {}


def test_each_activation_leaves_another_mark(own: Path, tmp_path: Path):
    marks = [registry.activation_mark(tmp_path)]
    for version in ("1", "2"):
        models.expression(own, version, seed=int(version))
        registry.activate(tmp_path, f"expression/{version}")
        marks.append(registry.activation_mark(tmp_path))
    registry.rollback(tmp_path, "expression")
    marks.append(registry.activation_mark(tmp_path))
    assert marks[0] is None
    assert len(set(marks)) == len(marks)


def test_the_manifest_keeps_its_comments_and_gains_an_entry(shipped: Path):
    manifest = shipped.parent / "manifest.toml"
    one = ship(shipped, "2")
    ship(shipped, "1", seed=4)
    text = manifest.read_text()
    registry.record_shipped(one, manifest)
    assert manifest.read_text() == text
    assert text.startswith("# A comment that stays.\n\n[[file]]\nname = 'another'\n")
    entries = tomllib.loads(text)["model"]
    assert [e["version"] for e in entries] == ["1", "2"]
    assert entries[1]["files"]["model.safetensors"] == one.sha256


def test_the_package_ships_what_its_manifest_says():
    """Each shipped model is whole, recorded, can be built; together they are 12 MB at most."""
    found = [one for one in registry.inspect(Path("nowhere")) if one.shipped]
    for one in found:
        assert one.error is None, one
        assert one.recorded
        assert one.model is not None
        try_out(one.model)
    files = [path for path in registry.SHIPPED.rglob("*") if path.is_file()]
    assert sum(path.stat().st_size for path in files) <= 12e6
    assert len(read_manifest(MANIFEST.read_text())) >= 2


def test_a_mapping_to_states_is_a_model_without_tensors(own: Path, tmp_path: Path):
    assert active_states(tmp_path) == PRIOR
    model = models.states(own)
    assert registry.tensors(model) == {}
    registry.activate(tmp_path, "states/2")
    states = active_states(tmp_path)
    assert (states.version, states.weights) == ("2", PRIOR.weights)


def test_reading_models_loads_neither_torch_nor_django(own: Path):
    models.expression(own)
    code = (
        "import sys; from pathlib import Path; from tutor_emotion.nets import registry;"
        f"registry.tensors(registry.read_model(Path({str(own / 'expression-1')!r})));"
        "assert not {'torch', 'django'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=Path(__file__).parents[2])


# --- edges ---------------------------------------------------------------------------------------


def test_an_upgrade_that_ships_the_same_name_changes_nothing_for_a_site(
    shipped: Path, own: Path, tmp_path: Path
):
    mine = models.expression(own, "2", seed=5)
    registry.activate(tmp_path, "expression/2")
    ship(shipped, "2", seed=6)
    assert registry.active(tmp_path)["expression"] == mine
    assert code_of(registry.activate, tmp_path, "expression/2") == "model_name_taken"


def test_half_precision_is_stored_and_widened(own: Path):
    whole = models.expression(own, "1")
    halves = {k: v.astype(np.float16) for k, v in registry.tensors(whole).items()}
    config = json.loads((whole.folder / "config.json").read_text()) | {"version": "2"}
    small = registry.write_model(
        own, kind="expression", version="2", config=config, tensors=halves, card="# half\n"
    )
    grey = torch.rand(3, 1, 48, 48, generator=torch.manual_seed(1))
    one, other = Expressions(whole, CPU).look(grey), Expressions(small, CPU).look(grey)
    assert other.dtype == torch.float32
    assert (one - other).abs().max() < 0.01


def test_one_that_is_there_is_not_overwritten_unasked(own: Path):
    first = models.expression(own)
    assert code_of(models.expression, own) == "model_exists"
    again = registry.write_model(
        own,
        kind="expression",
        version="1",
        config=json.loads((first.folder / "config.json").read_text()),
        tensors={"other": np.ones(3, np.float32)},
        card="# other\n",
        replace=True,
    )
    assert again.sha256 != first.sha256
    assert [path.name for path in own.iterdir()] == ["expression-1"]


# --- what it refuses -----------------------------------------------------------------------------


def flip(path: Path, at: int = -1) -> None:
    data = bytearray(path.read_bytes())
    data[at] ^= 1
    path.write_bytes(data)


@pytest.mark.parametrize("file", ["model.safetensors", "config.json", "CARD.md"])
def test_a_flipped_byte_is_found_in_every_file(own: Path, tmp_path: Path, file: str):
    model = models.expression(own)
    registry.activate(tmp_path, "expression/1")
    registry.verify(model)
    path = model.folder / file
    whole = path.read_bytes()
    # Of the config, a digit of the temperature: it stays a config that can be read.
    flip(path, whole.index(b"0.7") + 2 if file == "config.json" else -1)
    with pytest.raises(Unavailable, match=file) as error:
        registry.active(tmp_path)
    assert (error.value.code, error.value.retry) == ("model_corrupt", False)
    assert model not in registry.installed(tmp_path)
    assert code_of(registry.activate, tmp_path, "expression/1") == "model_corrupt"
    path.write_bytes(whole)
    assert registry.active(tmp_path)["expression"] == model


def test_a_byte_that_flips_after_it_was_verified_is_found_when_it_is_read(own: Path):
    model = models.expression(own)
    flip(model.folder / "model.safetensors")
    assert code_of(registry.tensors, model) == "model_corrupt"


@pytest.mark.parametrize("size", [0, 7, 100, -1])
def test_a_truncated_file_is_no_model(own: Path, tmp_path: Path, size: int):
    model = models.expression(own)
    path = model.folder / "model.safetensors"
    path.write_bytes(path.read_bytes()[:size])
    assert code_of(registry.tensors, registry.read_model(model.folder)) == "model_corrupt"
    assert code_of(registry.activate, tmp_path, "expression/1") == "model_corrupt"
    assert registry.activation_mark(tmp_path) is None


def test_a_pickle_under_the_right_name_is_not_opened(own: Path, tmp_path: Path):
    model = models.expression(own)
    torch.save({"a": torch.ones(1)}, model.folder / "model.safetensors")
    assert code_of(registry.activate, tmp_path, "expression/1") == "model_corrupt"


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_numbers_that_are_none_are_not_written(own: Path, value: float):
    config = {"architecture": "any", "labels": ["a", "b"], "trained": models.TRAINED}
    tensors = {"weight": np.array([1.0, value], np.float32)}
    with pytest.raises(BadInput, match="weight holds what is no number") as error:
        registry.write_model(
            own, kind="voice", version="1", config=config, tensors=tensors, card=""
        )
    assert error.value.code == "bad_tensors"
    assert not own.exists()


def test_numbers_of_another_kind_or_none_are_refused_in_a_file_too(own: Path):
    from safetensors.numpy import save

    model = models.expression(own)
    for values in (np.array([np.nan], np.float32), np.ones(3, np.float64), np.ones(3, np.int8)):
        (model.folder / "model.safetensors").write_bytes(save({"a": values}))
        assert code_of(registry.tensors, registry.read_model(model.folder)) == "bad_tensors"


def changed(model: registry.Model, change: Any) -> registry.Model:
    from safetensors.numpy import save

    tensors = registry.tensors(model)
    change(tensors)
    (model.folder / "model.safetensors").write_bytes(save(tensors))
    return registry.read_model(model.folder)


@pytest.mark.parametrize(
    "change",
    [
        lambda t: t.pop("head.bias"),
        lambda t: t.update(extra=np.ones(2, np.float32)),
        lambda t: t.update({"head.bias": np.ones(7, np.float32)}),
    ],
    ids=["missing", "extra", "another shape"],
)
def test_tensors_that_do_not_fit_the_net_are_named(own: Path, change: Any):
    model = changed(models.expression(own), change)
    with pytest.raises(BadInput, match=r"expression-1/model.safetensors: (head.bias|extra) is"):
        Expressions(model, CPU)


@pytest.mark.parametrize(
    ("other", "code"),
    [
        ({"architecture": "transformer/9"}, "bad_architecture"),
        ({"shape": {"widths": [8, 8], "depths": [0]}}, "bad_model_config"),
        ({"shape": {"widths": [10**9], "depths": [0]}}, "bad_model_config"),
        ({"shape": {"depths": "many"}}, "bad_model_config"),
        ({"shape": {"widths": [8, 8, 16, 32], "depths": [0, 1, 0, 1]}}, "bad_tensors"),
        ({"labels": ["happy", "sad"]}, "bad_model_config"),
    ],
)
def test_a_net_of_another_architecture_is_refused(own: Path, other: dict[str, Any], code: str):
    model = models.expression(own, **other)
    assert code_of(Expressions, model, CPU) == code
    assert code_of(try_out, model) == code


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{",
        "null",
        '{"kind": "expression"}',
        "[" * 100_000,
        "\xff\xfe",
    ],
)
def test_a_config_that_is_none_is_refused(own: Path, text: str):
    model = models.expression(own)
    (model.folder / "config.json").write_text(text, encoding="latin-1")
    with pytest.raises(BadInput, match=r"expression-1/config.json") as error:
        registry.read_model(model.folder)
    assert error.value.code == "bad_model_config"


@pytest.mark.parametrize(
    "other",
    [
        {"temperature": 0},
        {"temperature": float("nan")},
        {"labels": ["one"]},
        {"labels": ["one", "one"]},
        {"trained": {"data": {}}},
        {"surprise": 1},
        {"states": {"face": {}}},
        {"kind": "voice"},
        {"metrics": {"accuracy": float("inf")}},
    ],
)
def test_a_config_with_impossible_values_is_not_written(own: Path, other: dict[str, Any]):
    assert code_of(lambda: models.expression(own, **other)) == "bad_model_config"
    assert not (own / "expression-1").exists()


def test_a_folder_under_another_name_is_another_model(own: Path):
    model = models.expression(own)
    model.folder.rename(own / "expression-2")
    assert code_of(registry.read_model, own / "expression-2") == "bad_model_config"


@pytest.mark.parametrize(
    "name",
    ["expression", "expression/", "mood/1", "expression/1/../../etc", "expression/-1", "../own/1"],
)
def test_a_name_that_leads_elsewhere_is_none(tmp_path: Path, name: str):
    assert code_of(registry.activate, tmp_path, name) == "bad_model_name"


def test_what_is_not_there_is_said_so(tmp_path: Path, own: Path):
    assert code_of(registry.activate, tmp_path, "expression/7") == "model_missing"
    model = models.expression(own)
    registry.activate(tmp_path, "expression/1")
    (model.folder / "CARD.md").unlink()
    assert code_of(registry.active, tmp_path) == "model_missing"


def test_links_that_lead_out_are_refused(own: Path, tmp_path: Path):
    elsewhere = models.expression(tmp_path / "elsewhere")
    own.mkdir()
    (own / "expression-1").symlink_to(elsewhere.folder)
    assert code_of(registry.read_model, own / "expression-1") == "bad_model_path"
    (own / "expression-1").unlink()
    model = models.expression(own)
    for file in ("config.json", "model.safetensors"):
        (model.folder / file).rename(tmp_path / file)
        (model.folder / file).symlink_to(tmp_path / file)
        assert code_of(registry.read_model, model.folder) == "bad_model_path"
        (model.folder / file).unlink()
        (tmp_path / file).rename(model.folder / file)
    assert registry.read_model(model.folder) == model


def test_what_no_manifest_names_is_not_used(shipped: Path, tmp_path: Path):
    models.expression(shipped)
    assert code_of(registry.active, tmp_path) == "model_unrecorded"
    assert registry.installed(tmp_path) == ()


@pytest.mark.parametrize(
    "text", ["{", "[]", '{"active": {"mood": 1}}', '{"active": {"expression": {"name": "x"}}}']
)
def test_a_broken_file_of_activations_is_said_so(tmp_path: Path, text: str):
    (tmp_path / "active.json").write_text(text)
    assert code_of(registry.active, tmp_path) == "bad_active_file"


def test_a_model_that_took_the_name_of_an_active_one_is_refused(own: Path, tmp_path: Path):
    models.expression(own, seed=1)
    registry.activate(tmp_path, "expression/1")
    for path in (own / "expression-1").iterdir():
        path.unlink()
    (own / "expression-1").rmdir()
    models.expression(own, seed=2)
    assert code_of(registry.active, tmp_path) == "model_corrupt"
    (own / "manifest.toml").unlink()
    assert code_of(registry.active, tmp_path) == "model_unrecorded"


def test_a_broken_manifest_is_said_so(own: Path, tmp_path: Path):
    models.expression(own)
    (own / "manifest.toml").write_text("[[model]]\nkind = 'expression'\n")
    assert code_of(registry.activate, tmp_path, "expression/1") == "bad_manifest"


def test_a_manifest_that_is_no_text_is_said_so(own: Path, tmp_path: Path):
    models.expression(own)
    (own / "manifest.toml").write_bytes(b"\xff\xfe")
    found = [one for one in registry.inspect(tmp_path) if not one.shipped]
    assert [one.error.code for one in found if one.error] == ["bad_manifest"]


def test_a_model_in_the_place_of_another_kind_is_refused(tmp_path: Path):
    choice = {"name": "voice/1", "sha256": "a" * 64}
    (tmp_path / "active.json").write_text(json.dumps({"active": {"expression": choice}}))
    with pytest.raises(BadInput, match="voice/1 where a model of kind expression") as caught:
        registry.active(tmp_path)
    assert caught.value.code == "bad_active_file"


@pytest.mark.parametrize("shape", [{"members": 65}, {"first": 10**6}, {"first": "wide"}])
def test_a_voice_net_that_would_take_all_memory_is_refused(shape: dict[str, Any]):
    config = ModelConfig(
        kind="voice",
        version="1",
        architecture=ARCHITECTURE,
        labels=EMOTIONS,
        shape=shape,
        trained=Trained(**models.TRAINED),
    )
    with pytest.raises(BadInput) as caught:
        load_net(registry.Model("voice", "1", Path("voice-1"), "a" * 64, config))
    assert caught.value.code == "bad_model_config"
