"""``config.json`` of a checkpoint's folder: as R1-Omni and HumanOmni publish it, or as we do."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from tutor_emotion.errors import BadInput, Unavailable
from tutor_emotion.nets.r1_omni.config import FULL, Aspect, LanguageConfig, OmniConfig

CONFIG = "config.json"
MAX_CONFIG_BYTES = 1 << 20
PUBLISHED, OURS = "HumanOmni_qwen2", "tutor_emotion_omni"  # `model_type`


def read_config(folder: Path) -> OmniConfig:
    """The sizes by ``config.json``, in the published form or in ours.

    Raises:
        Unavailable: ``checkpoint_incomplete``, where it is missing.
        BadInput: ``checkpoint_bad_config``; ``checkpoint_other_model``.
    """
    path = Path(folder) / CONFIG
    if not path.is_file():
        raise Unavailable(
            "checkpoint_incomplete",
            f"The checkpoint has no {CONFIG}.",
            retry=False,
            hint="Download the whole folder again.",
        )
    try:
        with path.open("rb") as opened:
            raw = json.loads(opened.read(MAX_CONFIG_BYTES))
        kind = raw["model_type"]
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise _bad(f"{type(error).__name__}: {error}") from None
    try:
        if kind == OURS:
            return OmniConfig.model_validate_json(json.dumps(raw["omni"]))
        if kind == PUBLISHED:
            return _published(raw)
    except (ValidationError, KeyError, TypeError) as error:
        raise _bad(_first(error)) from None
    raise _other(f"its model_type is {str(kind)[:80]!r}")


def write_config(config: OmniConfig) -> str:
    """The text of our ``config.json``."""
    raw = {"model_type": OURS, "omni": config.model_dump(mode="json")}
    return json.dumps(raw, indent=2) + "\n"


def _published(raw: dict[str, Any]) -> OmniConfig:
    """The published config names the towers by path only; what it says of them has to fit ours."""
    fits = {
        "mm_projector_type": "all_in_one_small",
        "mm_hidden_size": FULL.vision.width,
        "audio_hidden_size": FULL.audio.width,
        "mm_audio_projector_type": "mlp2x_gelu",
        "mm_vision_select_layer": -2,
        "tie_word_embeddings": True,
        "hidden_act": "silu",
        "rope_scaling": None,
        "use_sliding_window": False,
    }
    for key, value in fits.items():
        if raw.get(key, value) != value:
            raise _other(f"its {key} is {str(raw[key])[:80]!r}, not {value!r}")
    language = LanguageConfig(
        width=raw["hidden_size"],
        layers=raw["num_hidden_layers"],
        heads=raw["num_attention_heads"],
        kv_heads=raw["num_key_value_heads"],
        ffn=raw["intermediate_size"],
        vocabulary=raw["vocab_size"],
        positions=raw["max_position_embeddings"],
        rope_theta=raw["rope_theta"],
        norm_eps=raw["rms_norm_eps"],
    )
    aspect: Aspect = "pad" if raw.get("image_aspect_ratio") == "pad" else "squash"
    return OmniConfig(
        language=language,
        gate=FULL.gate,
        policy=FULL.policy,
        num_frames=raw.get("num_frames", FULL.num_frames),
        aspect=aspect,
    )


def _first(error: Exception) -> str:
    if not isinstance(error, ValidationError):
        return f"{type(error).__name__}: {error}"
    first = error.errors(include_url=False, include_input=False)[0]
    return f"{'.'.join(str(part) for part in first['loc'])}: {first['msg']}"


def _bad(because: str) -> BadInput:
    return BadInput(
        "checkpoint_bad_config",
        f"{CONFIG} cannot be read: {because[:200]}.",
        hint="Download it again, as it was published.",
    )


def _other(because: str) -> BadInput:
    return BadInput(
        "checkpoint_other_model",
        f"This is not R1-Omni-0.5B or a relative of the same build: {because}.",
        hint="The folder of StarJiaxing/R1-Omni-0.5B or HumanOmni-0.5B is one.",
    )
