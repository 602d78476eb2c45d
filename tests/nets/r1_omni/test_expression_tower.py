"""Our expression net as the picture tower: the same convolutions, over a picture with room."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from torch.nn import functional

from tests.nets.r1_omni.tiny import TINY, bytes_tokenizer, tiny
from tutor_emotion.errors import BadInput
from tutor_emotion.nets.face.expression import Expression, ExpressionShape, fused, standardised
from tutor_emotion.nets.r1_omni import vision
from tutor_emotion.nets.r1_omni.checkpoint import load, save
from tutor_emotion.nets.r1_omni.config import VisionConfig
from tutor_emotion.nets.r1_omni.tokens import Tokens

CONFIG = VisionConfig(kind="expression", image_px=64, patch_px=8, width=192)


def test_it_gives_the_nets_last_map_place_by_place() -> None:
    torch.manual_seed(0)
    net = fused(Expression(ExpressionShape()))
    assert isinstance(net, Expression)
    tower = vision.build(CONFIG).eval()
    tower.load_state_dict({f"body.{name}": value for name, value in net.body.state_dict().items()})
    grey = torch.rand(2, 1, 64, 64)
    with torch.no_grad():
        seen = tower((grey * 2 - 1).expand(-1, 3, -1, -1))
        maps = net.body(standardised(grey))
    assert seen.shape == (2, CONFIG.grid**2, CONFIG.width)
    wanted = functional.layer_norm(maps[:, :, 3, 5], (192,))
    assert torch.allclose(seen[:, 3 * 8 + 5], wanted, atol=1e-4)


def test_a_checkpoint_with_it_is_written_and_read_back(tmp_path: Path) -> None:
    model = tiny(TINY.model_copy(update={"vision": CONFIG}))
    tokens = Tokens(bytes_tokenizer(tmp_path / "tokenizer"))
    save(tmp_path / "checkpoint", model, tokens, today="2026-11-28")
    loaded = load(tmp_path / "checkpoint")
    assert loaded.config.vision == CONFIG
    for name, values in model.vision.state_dict().items():
        assert torch.equal(loaded.model.vision.state_dict()[name], values)


@pytest.mark.parametrize("sizes", [{"width": 96}, {"patch_px": 16}])
def test_sizes_that_the_net_has_not_are_refused(sizes: dict[str, int]) -> None:
    with pytest.raises(BadInput) as refused:
        vision.build(CONFIG.model_copy(update=sizes))
    assert refused.value.code == "checkpoint_bad_config"
