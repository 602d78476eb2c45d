"""What a webcam does to a face: the same again by seed, still a picture, and it does something."""

from __future__ import annotations

from dataclasses import fields, replace

import pytest
import torch

from tutor_emotion.training.augment import Augmentation, augmented

STILL = Augmentation(0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0)


def _pictures() -> torch.Tensor:
    line = torch.linspace(0, 1, 48)
    return (line.view(1, 1, 1, 48) * line.view(1, 1, 48, 1)).repeat(64, 1, 1, 1)


def _seeded(seed: int = 3) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def test_the_same_seed_gives_the_same_pictures_and_another_seed_others():
    first = augmented(_pictures(), Augmentation(), _seeded())
    assert torch.equal(first, augmented(_pictures(), Augmentation(), _seeded()))
    assert not torch.equal(first, augmented(_pictures(), Augmentation(), _seeded(4)))


def test_what_comes_out_is_a_picture():
    out = augmented(torch.rand(64, 1, 48, 48), Augmentation(), _seeded())
    assert out.shape == (64, 1, 48, 48)
    assert torch.isfinite(out).all()
    assert out.min() >= 0
    assert out.max() <= 1


def test_without_any_of_it_a_picture_is_only_mirrored():
    pictures = torch.rand(64, 1, 48, 48)
    out = augmented(pictures.clone(), STILL, _seeded())
    same = (out - pictures).abs().amax((1, 2, 3)) < 1e-3
    mirrored = (out - pictures.flip(3)).abs().amax((1, 2, 3)) < 1e-3
    assert (same | mirrored).all()
    assert same.any()
    assert mirrored.any()


@pytest.mark.parametrize("name", [f.name for f in fields(Augmentation) if f.name.startswith("p_")])
def test_each_change_alone_changes_the_share_that_it_should(name):
    pictures = torch.rand(400, 1, 48, 48)
    pictures = (pictures + pictures.flip(3)) / 2  # mirrored, they are the same
    out = augmented(pictures.clone(), replace(STILL, **{name: 0.5}), _seeded())
    changed = ((out - pictures).abs().amax((1, 2, 3)) > 1e-3).float().mean()
    assert 0.35 < changed < 0.65


def test_blocks_are_those_of_jpeg():
    """A flat 8x8 block has one coefficient only, so it comes back flat."""
    flat = torch.rand(32, 1, 6, 1, 6, 1).expand(32, 1, 6, 8, 6, 8).reshape(32, 1, 48, 48)
    out = augmented(flat.clone(), replace(STILL, p_blocks=1.0), _seeded())
    tiles = out.view(32, 6, 8, 6, 8)
    assert tiles.std((2, 4)).max() < 1e-4
    # JPEG at quality 12 rounds a block's mean to steps of 16 * 50 / 12 / 8 = 8 grey levels of 255.
    gap = torch.minimum((out - flat).abs(), (out - flat.flip(3)).abs()).max()
    assert 0 < gap < 5 / 255
