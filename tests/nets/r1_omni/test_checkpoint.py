"""Folders with a checkpoint: whole ones load and say the same; all others say what is wrong."""

from __future__ import annotations

import json
import pickle
import struct
from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from tests.nets.r1_omni.published import (
    TODAY,
    UNDER_POLICY,
    published_tensors,
    write_checkpoint,
)
from tests.nets.r1_omni.tiny import TINY, TINY_BERT, bytes_tokenizer, media, tiny
from tutor_emotion.errors import BadInput, NotAllowed, TutorEmotionError
from tutor_emotion.nets.r1_omni.checkpoint import Loaded, check, load, save
from tutor_emotion.nets.r1_omni.config import FULL
from tutor_emotion.nets.r1_omni.config_file import read_config
from tutor_emotion.nets.r1_omni.generate import Sampling
from tutor_emotion.nets.r1_omni.keys import EMBEDDINGS, TIED
from tutor_emotion.nets.r1_omni.record import RECORD, read_record
from tutor_emotion.nets.r1_omni.tokens import Tokens

IDS = torch.tensor([[5, 6, 7], [9, 10, 11]])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_checkpoint(tmp_path / "omni")


@pytest.fixture
def checked(folder: Path) -> Path:
    check(folder, today=TODAY, acknowledge=True)
    return folder


@torch.no_grad()
def said(loaded: Loaded) -> torch.Tensor:
    prefix = loaded.model.prefix(media(), loaded.tokens.prompt(True, True))
    return loaded.model.logits(prefix, IDS).float()


def refused(folder: Path, code: str, *words: str) -> TutorEmotionError:
    """Both verbs refuse a folder, in the same words."""
    with pytest.raises(TutorEmotionError) as checking:
        check(folder, today=TODAY, acknowledge=True)
    with pytest.raises(TutorEmotionError) as loading:
        load(folder)
    for raised in (checking, loading):
        assert raised.value.code == code
        assert raised.value.hint
        assert all(word in raised.value.message for word in words), raised.value.message
        assert str(folder.parent) not in str(raised.value)
    return checking.value


# It works


@torch.no_grad()
@pytest.mark.parametrize("shards", [1, 3])
def test_a_published_folder_gives_the_model_that_was_published(tmp_path: Path, shards: int) -> None:
    folder = write_checkpoint(tmp_path / "omni", shards=shards)
    found = check(folder, today=TODAY, acknowledge=True)
    assert TIED in found.ignored
    assert len(found.ignored) == 16 + 7
    original = tiny(UNDER_POLICY)
    prompt = Tokens(folder).prompt(True, True)
    expected = original.logits(original.prefix(media(), prompt), IDS)
    for free in (False, True):
        loaded = load(folder, free_instruction=free)
        assert (loaded.model.config.gate.bert is not None) == free
        torch.testing.assert_close(said(loaded), expected, atol=1e-5, rtol=1e-5)
        assert loaded.fingerprint == found.fingerprint
        every = [*loaded.model.parameters(), *loaded.model.buffers()]
        assert not any(values.is_meta for values in every)
        assert not loaded.model.training


@pytest.mark.parametrize(("dtype", "off"), [(torch.bfloat16, 0.2), (torch.float16, 0.03)])
def test_half_precision_says_nearly_the_same(checked: Path, dtype: torch.dtype, off: float) -> None:
    whole, half = said(load(checked)), load(checked, dtype=dtype)
    assert half.model.dtype == dtype
    assert half.model.language.model.rotary_emb.inv_freq.dtype == torch.float32
    difference = (said(half) - whole).abs().mean() / whole.abs().mean()
    assert 0 < float(difference) < off


@pytest.mark.skipif(not torch.cuda.is_available(), reason="this machine has no GPU")
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_a_gpu_says_nearly_the_same(checked: Path, dtype: torch.dtype) -> None:
    loaded = load(checked, device="cuda", dtype=dtype)
    with torch.no_grad():
        prefix = loaded.model.prefix(media(), loaded.tokens.prompt(True, True))
        logits = loaded.model.logits(prefix, IDS.cuda()).float().cpu()
        assert (
            len(loaded.model.generate(prefix, max_new_tokens=5, eos=-1, sampling=Sampling())) == 2
        )
    whole = said(load(checked))
    limit = 1e-4 if dtype == torch.float32 else 0.2
    assert float((logits - whole).abs().mean() / whole.abs().mean()) < limit


def test_what_was_saved_is_loaded_again(tmp_path: Path, tokens: Tokens) -> None:
    model = tiny()
    fingerprint = save(tmp_path / "mine", model, tokens, today=TODAY)
    loaded = load(tmp_path / "mine")
    assert loaded.fingerprint == fingerprint
    assert loaded.config == TINY
    before = said(Loaded(model, tokens, TINY, ""))
    torch.testing.assert_close(said(loaded), before, atol=1e-5, rtol=1e-5)
    pairs = zip(model.state_dict().values(), loaded.model.state_dict().values(), strict=True)
    assert all(torch.equal(one, other) for one, other in pairs)
    halved = save(tmp_path / "half", model, tokens, today=TODAY, dtype=torch.float16)
    assert halved != fingerprint
    size = (tmp_path / "mine" / "model.safetensors").stat().st_size
    assert (tmp_path / "half" / "model.safetensors").stat().st_size < 0.6 * size


def test_the_same_model_is_saved_as_the_same_bytes(tmp_path: Path, tokens: Tokens) -> None:
    one, two = (save(tmp_path / name, tiny(), tokens, today=TODAY) for name in "ab")
    assert one == two != save(tmp_path / "c", tiny(seed=1), tokens, today=TODAY)


def test_what_is_trained_from_it_stays_under_its_policy(checked: Path, tmp_path: Path) -> None:
    loaded = load(checked)
    save(tmp_path / "mine", loaded.model, loaded.tokens, today=TODAY)
    with pytest.raises(NotAllowed, match="policy_unacknowledged"):
        load(tmp_path / "mine")
    check(tmp_path / "mine", today=TODAY, acknowledge=True)
    again = load(tmp_path / "mine")
    assert again.config.gate.fixed_for == loaded.tokens.prompt(True, True).gate
    torch.testing.assert_close(said(again), said(loaded), atol=1e-5, rtol=1e-5)


# The check and its record


def test_nothing_is_loaded_that_nobody_checked(folder: Path) -> None:
    with pytest.raises(TutorEmotionError, match="checkpoint_unchecked") as raised:
        load(folder)
    assert "r1_omni check" in raised.value.hint


def test_a_check_without_acknowledgement_leaves_no_record(folder: Path) -> None:
    with pytest.raises(NotAllowed, match="policy_unacknowledged"):
        check(folder, today=TODAY)
    assert read_record(folder) is None


def test_an_acknowledgement_is_remembered(checked: Path) -> None:
    again = check(checked, today="2027-01-01")
    assert again.acknowledged
    record = read_record(checked)
    assert record is not None
    assert record.checked == TODAY
    assert set(record.files) == {"config.json", "tokenizer.json", "model.safetensors"}


def test_a_model_of_ones_own_needs_no_acknowledgement(tmp_path: Path) -> None:
    folder = write_checkpoint(tmp_path / "omni", config=TINY_BERT)
    assert not check(folder, today=TODAY).acknowledged
    load(folder)


@pytest.mark.parametrize("file", ["model.safetensors", "config.json", "tokenizer.json"])
def test_a_byte_that_flipped_since_is_found(checked: Path, file: str) -> None:
    data = bytearray((checked / file).read_bytes())
    data[-3] ^= 1 if file == "model.safetensors" else 0
    (checked / file).write_bytes(bytes(data) + (b"" if file == "model.safetensors" else b"\n"))
    error = refused(checked, "checkpoint_corrupt", file, TODAY)
    assert RECORD in error.hint


def test_a_file_that_came_or_went_since_is_found(checked: Path) -> None:
    (checked / "vocab.json").write_text("{}")
    refused(checked, "checkpoint_corrupt", "vocab.json")
    (checked / "vocab.json").unlink()
    (checked / RECORD).write_text("{}")
    refused(checked, "checkpoint_corrupt", RECORD)


# What it refuses


def test_a_folder_that_is_not_there_or_empty(tmp_path: Path) -> None:
    refused(tmp_path / "nowhere", "checkpoint_missing", "nowhere")
    (tmp_path / "empty").mkdir()
    refused(tmp_path / "empty", "checkpoint_empty")
    (tmp_path / "empty" / ".cache").mkdir()
    refused(tmp_path / "empty", "checkpoint_empty")


@pytest.mark.parametrize(
    ("file", "words"),
    [
        ("config.json", "config.json"),
        ("tokenizer.json", "tokenizer.json"),
        ("model.safetensors", "model.safetensors"),
    ],
)
def test_a_download_that_lacks_a_file(folder: Path, file: str, words: str) -> None:
    (folder / file).unlink()
    refused(folder, "checkpoint_incomplete", words)


def test_a_download_that_lacks_a_shard(tmp_path: Path) -> None:
    folder = write_checkpoint(tmp_path / "omni", shards=4)
    (folder / "model-00003-of-00004.safetensors").unlink()
    refused(folder, "checkpoint_incomplete", "1 of 4", "model-00003-of-00004.safetensors")


def test_a_file_that_is_still_coming(folder: Path) -> None:
    (folder / "model.safetensors").rename(folder / "model.safetensors.incomplete")
    refused(folder, "checkpoint_incomplete", "model.safetensors.incomplete")


@pytest.mark.parametrize("left", [0, 4, 8, 500, -1])
def test_a_file_that_ends_too_soon(folder: Path, left: int) -> None:
    data = (folder / "model.safetensors").read_bytes()
    (folder / "model.safetensors").write_bytes(data[:left])
    refused(folder, "checkpoint_incomplete", "model.safetensors")


def test_a_pointer_of_git_lfs(folder: Path) -> None:
    pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:ab\nsize 2745\n"
    (folder / "model.safetensors").write_text(pointer)
    refused(folder, "checkpoint_incomplete", "Git LFS")


class Bomb:
    def __reduce__(self) -> tuple[Callable[[str], None], tuple[str]]:
        return Path.touch, (Path("exploded"),)  # type: ignore[return-value]


@pytest.mark.parametrize(
    "name", ["pytorch_model.bin", "model.pt", "model.pth", "model.ckpt", "model.safetensors"]
)
@pytest.mark.parametrize("zipped", [True, False])
def test_a_pickle_is_refused_unread(
    folder: Path, monkeypatch: pytest.MonkeyPatch, name: str, zipped: bool
) -> None:
    monkeypatch.chdir(folder.parent)
    (folder / "model.safetensors").unlink()
    if zipped:
        torch.save({"bomb": Bomb()}, folder / name)
    else:
        (folder / name).write_bytes(pickle.dumps(Bomb()))
    refused(folder, "checkpoint_pickle", name)
    assert not (folder.parent / "exploded").exists()


def test_a_pickle_beside_safetensors_is_left_alone(checked: Path) -> None:
    (checked / "training_args.bin").write_bytes(pickle.dumps(Bomb()))
    load(checked)


def test_a_folder_that_may_not_be_read(folder: Path) -> None:
    (folder / "model.safetensors").unlink()
    (folder / "model.safetensors").mkdir()  # as root, permissions refuse nothing; a folder does
    refused(folder, "checkpoint_unreadable")


def test_an_index_that_leads_elsewhere(tmp_path: Path) -> None:
    folder = write_checkpoint(tmp_path / "omni", shards=2)
    index = folder / "model.safetensors.index.json"
    good = json.loads(index.read_text())
    name = next(iter(good["weight_map"]))
    for place, code in (
        ("../model.safetensors", "checkpoint_corrupt"),
        ("/etc/passwd", "checkpoint_corrupt"),
        ("pytorch_model.bin", "checkpoint_pickle"),
        ("model-00002-of-00002.safetensors", "checkpoint_corrupt"),
    ):
        changed = {"weight_map": good["weight_map"] | {name: place}}
        index.write_text(json.dumps(changed))
        refused(folder, code)
    for text in ("", "[]", "{}", '{"weight_map": []}', "[" * 100_000):
        index.write_text(text)
        refused(folder, "checkpoint_corrupt", "index")


def test_a_header_that_is_none(folder: Path) -> None:
    path = folder / "model.safetensors"
    data = path.read_bytes()
    length = struct.unpack("<Q", data[:8])[0]
    header = json.loads(data[8 : 8 + length])
    short = {**header, EMBEDDINGS: header[EMBEDDINGS] | {"shape": [1, 1]}}

    def packed(text: bytes) -> bytes:
        return struct.pack("<Q", len(text)) + text + data[8 + length :]

    for broken in (
        struct.pack("<Q", 1 << 60) + data[8:],
        packed(b"x" * length),
        packed(b"[]"),
        packed(b'{"a": {}}'),
        packed(json.dumps(short).encode()),
        packed(b'{"a": {"dtype": "F8", "shape": [1e999], "data_offsets": [0, 1e999]}}'),
        data + b"more",
    ):
        path.write_bytes(broken)
        refused(folder, "checkpoint_corrupt", "model.safetensors")


def test_numbers_that_are_none(tmp_path: Path) -> None:
    tensors = published_tensors()
    tensors["model.norm.weight"][3] = float("nan")
    folder = write_checkpoint(tmp_path / "omni", tensors)
    with pytest.raises(BadInput, match=r"checkpoint_corrupt.*model\.norm\.weight"):
        check(folder, today=TODAY, acknowledge=True)
    assert read_record(folder) is None


def test_missing_extra_and_misshapen_tensors_are_reported_together(tmp_path: Path) -> None:
    tensors = published_tensors()
    for name in [name for name in tensors if "readout_body" in name]:
        del tensors[name]
    tensors["model.layers.7.mlp.up_proj.weight"] = torch.ones(2)
    tensors["model.norm.weight"] = torch.ones(33)
    refused(
        write_checkpoint(tmp_path / "omni", tensors),
        "checkpoint_mismatch",
        "missing: 4 of the connector",
        "extra: 1 of the language model (model.layers.7.mlp.up_proj.weight)",
        "model.norm.weight is 33, not 32",
    )


def test_a_head_of_its_own(tmp_path: Path) -> None:
    tensors = published_tensors()
    tensors[TIED] = tensors[TIED] + 1
    folder = write_checkpoint(tmp_path / "omni", tensors)
    with pytest.raises(BadInput, match=r"checkpoint_mismatch.*lm_head\.weight differs"):
        check(folder, today=TODAY, acknowledge=True)


def test_numbers_of_another_kind(tmp_path: Path) -> None:
    tensors = published_tensors()
    tensors["model.norm.weight"] = torch.ones(32, dtype=torch.float64)
    folder = write_checkpoint(tmp_path / "omni", tensors)
    refused(folder, "checkpoint_mismatch", "model.norm.weight", "F64")


def test_a_config_with_other_sizes(folder: Path) -> None:
    raw = json.loads((folder / "config.json").read_text())
    raw["omni"]["language"]["width"] = 64
    (folder / "config.json").write_text(json.dumps(raw))
    refused(folder, "checkpoint_mismatch", "misshapen", "not 64")


def test_a_tokenizer_of_another_model(folder: Path) -> None:
    path = bytes_tokenizer(folder) / "tokenizer.json"
    raw = json.loads(path.read_text())
    for added in range(40):
        raw["model"]["vocab"][f"word{added}"] = 300 + added
    path.write_text(json.dumps(raw))
    refused(folder, "checkpoint_mismatch", "tokenizer")


PUBLISHED = {
    "model_type": "HumanOmni_qwen2",
    "hidden_size": 896,
    "num_hidden_layers": 24,
    "num_attention_heads": 14,
    "num_key_value_heads": 2,
    "intermediate_size": 4864,
    "vocab_size": 151_936,
    "max_position_embeddings": 32_768,
    "rope_theta": 1_000_000.0,
    "rms_norm_eps": 1e-6,
    "mm_projector_type": "all_in_one_small",
    "mm_hidden_size": 768,
    "audio_hidden_size": 1280,
    "mm_vision_select_layer": -2,
    "num_frames": 8,
    "image_aspect_ratio": "pad",
    "tie_word_embeddings": True,
    "mm_vision_tower": "/somewhere/siglip",
    "hyper_layers": [15, 22],
}


def test_the_published_config_is_the_full_size(tmp_path: Path) -> None:
    path = tmp_path / "config.json"
    path.write_text(json.dumps(PUBLISHED))
    assert read_config(tmp_path) == FULL
    path.write_text(json.dumps(PUBLISHED | {"image_aspect_ratio": None, "num_frames": 4}))
    assert read_config(tmp_path) == FULL.model_copy(update={"aspect": "squash", "num_frames": 4})


@pytest.mark.parametrize(
    "other",
    [
        {"model_type": "qwen2"},
        {"model_type": ["x"]},
        {"mm_projector_type": "all_in_one"},
        {"mm_hidden_size": 1152},
        {"audio_hidden_size": 768},
        {"mm_vision_select_layer": -1},
    ],
)
def test_the_config_of_another_model(tmp_path: Path, other: dict[str, object]) -> None:
    (tmp_path / "config.json").write_text(json.dumps(PUBLISHED | other))
    with pytest.raises(BadInput, match="checkpoint_other_model"):
        read_config(tmp_path)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        "\ufeff\x00",
        '{"model_type": "HumanOmni_qwen2"}',
        '{"model_type": "tutor_emotion_omni"}',
        json.dumps(PUBLISHED | {"hidden_size": 10**12}),
        json.dumps(PUBLISHED | {"hidden_size": 897}),
        json.dumps(PUBLISHED | {"num_hidden_layers": "many"}),
        json.dumps(PUBLISHED | {"rms_norm_eps": float("nan")}),
        json.dumps(PUBLISHED | {"num_frames": 100_000}),
        json.dumps({"model_type": "tutor_emotion_omni", "omni": {"widths": 3}}),
        "[" * 100_000,
    ],
)
def test_a_config_that_is_none(tmp_path: Path, text: str) -> None:
    (tmp_path / "config.json").write_text(text)
    with pytest.raises(BadInput, match="checkpoint_bad_config"):
        read_config(tmp_path)
