"""Which numbers of an omni model learn: whole parts of it, or low-rank additions (LoRA)."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Literal, TypeAlias, cast

import torch
from peft import LoraConfig, LoraModel
from torch import Tensor, nn
from transformers import Qwen2ForCausalLM

from tutor_emotion.errors import BadInput
from tutor_emotion.nets.r1_omni.model import Omni

Part: TypeAlias = Literal["vision", "connector", "gate", "audio", "projector", "language"]
PROJECTIONS = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]


@dataclass(frozen=True, slots=True)
class Tuning:
    """``parts`` learn in full; by default what R1-Omni trained, all but the towers. With a
    ``lora_rank`` only low-rank additions to the language model's projections learn (Hu et al. 2021,
    arXiv 2106.09685), scaled by ``lora_alpha`` over the rank.
    """

    parts: tuple[Part, ...] = ("connector", "gate", "projector", "language")
    lora_rank: int = 0
    lora_alpha: float = 32.0

    def __post_init__(self) -> None:
        if not 0 <= self.lora_rank <= 1024 or not 0 < self.lora_alpha <= 4096:
            raise BadInput("bad_recipe", "The rank has to be 0 to 1024, alpha above 0, up to 4096.")
        if not self.parts and not self.lora_rank:
            raise BadInput("bad_recipe", "Nothing of the model would learn.")


class Student:
    """``model``, of which the chosen part learns; and how it was at the start, if ``keep_start``.

    Full tuning keeps a second copy for that. With LoRA the additions are switched off instead.
    """

    def __init__(
        self, model: Omni, tuning: Tuning, *, keep_start: bool = False, seed: int = 0
    ) -> None:
        self.model = model.requires_grad_(False)
        self._lora: LoraModel | None = None
        self._start: Omni | None = None
        if tuning.lora_rank:
            self._lora = _add_lora(model.language, tuning, seed)
        else:
            self._start = copy.deepcopy(model).eval() if keep_start else None
            for part in tuning.parts:
                getattr(model, part).requires_grad_(True)

    @property
    def learns(self) -> dict[str, nn.Parameter]:
        """By name."""
        return {name: p for name, p in self.model.named_parameters() if p.requires_grad}

    def load(self, numbers: dict[str, Tensor]) -> None:
        """The numbers of ``learns``, as they were kept."""
        with torch.no_grad():
            for name, parameter in self.learns.items():
                parameter.copy_(numbers[name])

    @contextmanager
    def start(self) -> Iterator[Omni]:
        """The model as it was when training began.

        Raises:
            ValueError: where it was not kept.
        """
        if self._lora is None:
            if self._start is None:
                raise ValueError("the start was not kept")
            yield self._start
            return
        self._lora.disable_adapter_layers()
        try:
            yield self.model
        finally:
            self._lora.enable_adapter_layers()

    def finished(self) -> Omni:
        """The model with what was learned in its own weights. It does not learn on after this."""
        if self._lora is not None:
            self.model.language = cast(Qwen2ForCausalLM, self._lora.merge_and_unload())
            self._lora = None
        return self.model.requires_grad_(False).eval()


def _add_lora(language: Qwen2ForCausalLM, tuning: Tuning, seed: int) -> LoraModel:
    config = LoraConfig(
        r=tuning.lora_rank,
        lora_alpha=tuning.lora_alpha,  # type: ignore[arg-type]
        target_modules=PROJECTIONS,
        lora_dropout=0.0,
    )
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)  # the same additions in every process
        return LoraModel(language, {"default": config}, "default")
