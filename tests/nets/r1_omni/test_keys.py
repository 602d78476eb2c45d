"""Names of the full-size model's tensors against the published layout, and the report."""

from __future__ import annotations

from collections import Counter

import pytest

from tutor_emotion.nets.r1_omni.checkpoint import OUR_HEAD, built, expected
from tutor_emotion.nets.r1_omni.config import FULL
from tutor_emotion.nets.r1_omni.describe import describe
from tutor_emotion.nets.r1_omni.keys import Shape, compare, to_ours, to_published

TOWER = "model.vision_tower.vision_tower.vision_model."


@pytest.fixture(scope="module")
def names() -> dict[str, Shape]:
    return expected(built(FULL))


def test_the_full_size_model_has_the_published_number_of_parameters() -> None:
    told = describe()
    assert told["parameters"] == 1_372_849_475
    assert told["parts"] == {
        "vision": 92_884_224,
        "audio": 636_968_960,
        "language": 494_032_768,
        "connector": 34_762_944,
        "projector": 1_951_488,
        "bert": 109_482_240,
        "gate": 2_766_851,
    }
    assert told["served"]["parts"]["vision"] == 78_707_712
    assert told["served"]["parameters"] == 1_246_423_872 + 3
    assert told["tokens"] == {"video": 392, "audio": 500}


def test_each_part_has_the_published_number_of_tensors(names: dict[str, Shape]) -> None:
    parts = Counter(name.split(".")[1] for name in names)
    assert parts == {
        "embed_tokens": 1,
        "layers": 288,
        "norm": 1,
        "vision_tower": 3 + 11 * 16,  # of 208: without the twelfth layer, the norm and the head
        "audio_tower": 487,
        "mm_projector": 126,
        "audio_projector": 4,
        "bert_model": 199,
        "bert_gate": 4,
    }


def test_published_names_and_shapes_are_these(names: dict[str, Shape]) -> None:
    published: dict[str, Shape] = {
        "model.embed_tokens.weight": (151_936, 896),
        "model.layers.23.self_attn.k_proj.bias": (128,),
        f"{TOWER}embeddings.patch_embedding.weight": (768, 3, 16, 16),
        f"{TOWER}embeddings.position_embedding.weight": (196, 768),
        f"{TOWER}encoder.layers.10.mlp.fc1.weight": (3072, 768),
        "model.audio_tower.audio_tower.encoder.conv1.weight": (1280, 128, 3),
        "model.audio_tower.audio_tower.encoder.embed_positions.weight": (1500, 1280),
        "model.audio_tower.audio_tower.encoder.layers.31.final_layer_norm.bias": (1280,),
        "model.mm_projector.s1_video.b1.conv1.conv.weight": (896, 768, 1, 1),
        "model.mm_projector.s1_body.b1.conv2.conv.weight": (896, 1, 3, 3),
        "model.mm_projector.s1_video.b1.downsample.bn.bias": (896,),
        "model.mm_projector.s1_video.b1.se.fc1.weight": (192, 896, 1, 1),
        "model.mm_projector.s1_video.b2.se.fc1.weight": (224, 896, 1, 1),
        "model.mm_projector.s2_body.b2.conv3.bn.weight": (896,),
        "model.mm_projector.sampler_body.0.weight": (896, 896, 2, 2, 2),
        "model.mm_projector.readout_video.2.weight": (896, 896),
        "model.mm_projector.mlp_2xgelu_face.0.weight": (896, 768),
        "model.audio_projector.0.weight": (896, 1280),
        "model.bert_model.pooler.dense.weight": (768, 768),
        "model.bert_gate.0.weight": (3584, 768),
        "model.bert_gate.2.bias": (3,),
    }
    assert {name: names.get(name) for name in published} == published


def test_names_map_both_ways() -> None:
    ours = set(built(FULL).state_dict())
    assert {to_ours(to_published(name)) for name in ours} == ours
    assert len({to_published(name) for name in ours}) == len(ours)
    assert to_published(OUR_HEAD) == "lm_head.weight"
    assert to_ours("visual.blocks.0.norm1.weight") is None
    with pytest.raises(ValueError, match="no tensor"):
        to_published("visual.blocks.0")


def test_what_fits_has_nothing_to_report(names: dict[str, Shape]) -> None:
    report = compare(names, names, FULL)
    assert report.fits
    assert report.lines() == []


def test_the_junk_of_the_published_file_is_ignored_and_named(names: dict[str, Shape]) -> None:
    junk: dict[str, Shape] = {
        "lm_head.weight": (151_936, 896),
        "model.audio_tower.audio_tower.projector.weight": (256, 1280),
        "model.audio_tower.audio_tower.classifier.bias": (2,),
        "model.bert_model.embeddings.position_ids": (1, 512),
        f"{TOWER}encoder.layers.11.mlp.fc1.weight": (3072, 768),
        f"{TOWER}post_layernorm.bias": (768,),
        f"{TOWER}head.probe": (1, 1, 768),
    }
    report = compare(names, names | junk, FULL)
    assert report.fits
    assert report.ignored == tuple(sorted(junk))


def test_the_report_says_what_is_wrong_with_which_part(names: dict[str, Shape]) -> None:
    found = {name: shape for name, shape in names.items() if "mm_projector" not in name}
    found["model.norm.weight"] = (1024,)
    found["model.layers.24.mlp.up_proj.weight"] = (4864, 896)
    found[f"{TOWER}encoder.layers.12.mlp.fc1.bias"] = (3072,)
    report = compare(names, found, FULL)
    assert not report.fits
    assert (len(report.missing), len(report.extra), len(report.misshapen)) == (126, 2, 1)
    lines = report.lines(examples=1)
    assert lines == [
        "missing: 126 of the connector (model.mm_projector.mlp_2xgelu_face.0.bias, …)",
        "extra: 1 of the language model (model.layers.24.mlp.up_proj.weight)",
        f"extra: 1 of the picture tower ({TOWER}encoder.layers.12.mlp.fc1.bias)",
        "misshapen: 1 of the language model (model.norm.weight is 1024, not 896)",
    ]
