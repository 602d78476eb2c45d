"""The towers and the connector against other ways to compute the same."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor
from torch.nn import functional
from transformers import SiglipVisionModel, WhisperConfig
from transformers.models.whisper.modeling_whisper import WhisperEncoder

from tests.nets.r1_omni.tiny import TINY
from tutor_emotion.nets.r1_omni.audio import AudioTower
from tutor_emotion.nets.r1_omni.connector import Block, Connector, MovingBranch, StillBranch
from tutor_emotion.nets.r1_omni.vision import VisionTower, siglip_config


def drawn(*shape: int, seed: int = 0) -> Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


def shaken(module: torch.nn.Module) -> torch.nn.Module:
    with torch.no_grad():
        for number, values in enumerate(module.parameters()):
            values.add_(0.2 * drawn(*values.shape, seed=number))
    return module.eval()


@torch.no_grad()
def test_the_picture_tower_is_the_last_layer_but_one_of_siglip() -> None:
    whole = SiglipVisionModel(siglip_config(TINY.vision, TINY.vision.layers + 1, head=True))
    shaken(whole)
    ours = VisionTower(TINY.vision).eval()
    ours.siglip.load_state_dict(
        {k: v for k, v in whole.state_dict().items() if k in ours.siglip.state_dict()}
    )
    pictures = drawn(3, 3, 32, 32)
    expected = whole(pixel_values=pictures, output_hidden_states=True).hidden_states
    assert len(expected) == TINY.vision.layers + 2  # the embeddings, then each layer
    torch.testing.assert_close(ours(pictures), expected[-2], atol=1e-5, rtol=1e-5)


@torch.no_grad()
def test_the_sound_tower_is_whispers_encoder_with_three_positions_averaged() -> None:
    ours = AudioTower(TINY.audio)
    shaken(ours)
    sizes: WhisperConfig = ours.whisper.config
    theirs = WhisperEncoder(sizes).eval()
    theirs.load_state_dict(ours.whisper.state_dict())
    sound = drawn(2, 16, 60)
    hidden = theirs(sound).last_hidden_state
    expected = hidden.unflatten(1, (10, 3)).mean(2)
    torch.testing.assert_close(ours(sound), expected, atol=1e-5, rtol=1e-5)


@torch.no_grad()
def test_the_still_branch_is_a_bilinear_resize_of_every_patch() -> None:
    branch = StillBranch(24, 32)
    shaken(branch)
    maps = drawn(2, 4, 24, 6, 6)
    every = branch.mlp(maps.permute(0, 1, 3, 4, 2)).permute(0, 1, 4, 2, 3).flatten(0, 1)
    resized = functional.interpolate(every, size=(3, 3), mode="bilinear", align_corners=False)
    expected = resized.unflatten(0, (2, 4)).permute(0, 1, 3, 4, 2).flatten(1, 3)
    torch.testing.assert_close(branch(maps), expected, atol=1e-5, rtol=1e-5)


@torch.no_grad()
def test_a_step_of_a_moving_branch_sees_its_frame_and_the_one_before() -> None:
    branch = MovingBranch(24, 32, 2)
    shaken(branch)
    maps = drawn(1, 5, 24, 4, 4)
    before = branch(maps).unflatten(1, (5, 4))
    for changed in range(5):
        other = maps.clone()
        other[:, changed] += 1
        moved = (branch(other).unflatten(1, (5, 4)) - before).abs().amax((0, 2, 3)) > 1e-6
        assert moved.nonzero().flatten().tolist() == [t for t in (changed, changed + 1) if t < 5]


@torch.no_grad()
@pytest.mark.parametrize(("channels", "reduced"), [(24, 6), (32, 8)])
def test_a_block_by_the_book(channels: int, reduced: int) -> None:
    block = Block(channels, 32)
    shaken(block)
    maps = drawn(2, channels, 4, 4)
    weights = dict(block.named_parameters())

    def norm(values: Tensor, name: str) -> Tensor:
        mean = values.mean(1, keepdim=True)
        variance = (values - mean).square().mean(1, keepdim=True)
        scaled = (values - mean) / (variance + 1e-5).sqrt()
        shift = weights[f"{name}.bn.bias"][:, None, None]
        return scaled * weights[f"{name}.bn.weight"][:, None, None] + shift

    def swish(values: Tensor) -> Tensor:
        return values / (1 + (-values).exp())

    def mix(values: Tensor, name: str) -> Tensor:
        return torch.einsum("oc,nchw->nohw", weights[name][:, :, 0, 0], values)

    hidden = swish(norm(mix(maps, "conv1.conv.weight"), "conv1"))
    depthwise = torch.zeros_like(hidden)
    padded = functional.pad(hidden, (1, 1, 1, 1))
    for row in range(3):
        for column in range(3):
            tap = weights["conv2.conv.weight"][:, 0, row, column][:, None, None]
            depthwise += tap * padded[:, :, row : row + 4, column : column + 4]
    hidden = swish(norm(depthwise, "conv2"))
    pooled = hidden.mean((2, 3), keepdim=True)
    squeezed = swish(mix(pooled, "se.fc1.weight") + weights["se.fc1.bias"][:, None, None])
    assert squeezed.shape[1] == reduced
    raised = mix(squeezed, "se.fc2.weight") + weights["se.fc2.bias"][:, None, None]
    hidden = hidden / (1 + (-raised).exp())
    hidden = norm(mix(hidden, "conv3.conv.weight"), "conv3")
    shortcut = maps
    if channels != 32:
        shortcut = norm(mix(maps, "downsample.conv.weight"), "downsample")
    torch.testing.assert_close(block(maps), swish(hidden + shortcut), atol=1e-4, rtol=1e-4)


@torch.no_grad()
def test_the_connector_is_the_weighted_sum_of_its_branches() -> None:
    connector = Connector(24, 32, 2)
    shaken(connector)
    patches = drawn(2, 4, 16, 24)
    maps = patches.transpose(2, 3).unflatten(3, (4, 4))
    assert torch.equal(maps[0, 0, :, 1, 2], patches[0, 0, 6])  # rows first
    branches = [connector.video(maps), connector.body(maps), connector.face(maps)]
    for weights in ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.2, 0.3, 0.5)):
        expected = sum(w * branch for w, branch in zip(weights, branches, strict=True))
        made = connector(patches, torch.tensor(weights))
        assert made.shape == (2, 16, 32)
        torch.testing.assert_close(made, expected, atol=1e-5, rtol=1e-5)
