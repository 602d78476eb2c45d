"""Sizes of an omni model, as published or smaller.

Figures of ``FULL``: the anatomy of R1-Omni-0.5B, that is SigLIP base patch16-224 (arXiv 2303.15343)
without its last layer, the encoder of Whisper-large-v3 (arXiv 2212.04356), the language model of
Qwen2.5-0.5B (arXiv 2412.15115) and bert-base-uncased (arXiv 1810.04805).
"""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, model_validator

Aspect: TypeAlias = Literal["pad", "squash"]
Policy: TypeAlias = Literal["none", "r1-omni"]
Width = Annotated[int, Field(ge=1, le=65_536)]
Layers = Annotated[int, Field(ge=1, le=128)]
Many = Annotated[int, Field(ge=8, le=1_000_000)]


class _Sizes(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class VisionConfig(_Sizes):
    """A SigLIP tower. ``layers`` are those that are computed: one fewer than were trained.

    ``kind`` expression is the body of our own expression net instead, of a fixed shape: ``width``
    and ``patch_px`` are its channels and its stride, and nothing else is asked.
    """

    kind: Literal["siglip", "expression"] = "siglip"
    image_px: Annotated[int, Field(ge=8, le=1024)] = 224
    patch_px: Annotated[int, Field(ge=2, le=64)] = 16
    width: Width = 768
    layers: Layers = 11
    heads: Layers = 12
    ffn: Width = 3072

    @property
    def grid(self) -> int:
        """Patches along a side."""
        return self.image_px // self.patch_px

    @model_validator(mode="after")
    def _whole(self) -> VisionConfig:
        if self.image_px % (2 * self.patch_px):
            raise ValueError("`image_px` is not an even number of patches")
        if self.width % self.heads:
            raise ValueError("`width` is not a multiple of `heads`")
        return self


class AudioConfig(_Sizes):
    """A Whisper encoder. ``mel_frames`` are 10 ms each; ``pool`` positions become one token."""

    bins: Annotated[int, Field(ge=8, le=256)] = 128
    mel_frames: Annotated[int, Field(ge=2, le=3000, multiple_of=2)] = 3000
    width: Width = 1280
    layers: Layers = 32
    heads: Layers = 20
    ffn: Width = 5120
    pool: Layers = 3

    def tokens(self, mel_frames: int) -> int:
        """How many tokens so much sound becomes."""
        return mel_frames // 2 // self.pool

    @model_validator(mode="after")
    def _whole(self) -> AudioConfig:
        if self.width % self.heads or self.width % 2:
            raise ValueError("`width` is not a multiple of `heads`, or odd")
        if not self.tokens(self.mel_frames):
            raise ValueError("`mel_frames` give no token")
        return self


class LanguageConfig(_Sizes):
    """A Qwen2 decoder with tied embeddings."""

    width: Width = 896
    layers: Layers = 24
    heads: Layers = 14
    kv_heads: Layers = 2
    ffn: Width = 4864
    vocabulary: Many = 151_936
    positions: Many = 32_768
    rope_theta: Annotated[float, Field(gt=1, le=1e9)] = 1e6
    norm_eps: Annotated[float, Field(gt=0, le=1e-2)] = 1e-6

    @model_validator(mode="after")
    def _whole(self) -> LanguageConfig:
        if self.width % (2 * self.heads) or self.heads % self.kv_heads:
            raise ValueError("`width`, `heads` and `kv_heads` do not divide")
        return self


class ConnectorConfig(_Sizes):
    """``all_in_one_small``: three branches over the patches. ``blocks`` in each of its stages."""

    blocks: Layers = 2


class BertConfig(_Sizes):
    """The text encoder of the gate; the published one by default."""

    width: Width = 768
    layers: Layers = 12
    heads: Layers = 12
    ffn: Width = 3072
    vocabulary: Many = 30_522
    positions: Many = 512

    @model_validator(mode="after")
    def _whole(self) -> BertConfig:
        if self.width % self.heads:
            raise ValueError("`width` is not a multiple of `heads`")
        return self


class GateConfig(_Sizes):
    """How the three branches are weighted.

    With ``bert``, by the instruction, through a hidden layer of ``hidden``. Without, by three
    learned numbers; ``fixed_for`` are then the WordPiece numbers of the one instruction that they
    hold for (empty: any).
    """

    hidden: Width = 3584
    bert: BertConfig | None = None
    fixed_for: Annotated[tuple[int, ...], Field(max_length=512)] = ()


class OmniConfig(_Sizes):
    """All sizes of one model. ``policy``: whose usage policy it is under; what is trained from
    R1-Omni stays under R1-Omni's. ``aspect``: whether a picture is padded to a square (as in the
    published training) or squashed (as in the published inference script)."""

    vision: VisionConfig = VisionConfig()
    audio: AudioConfig = AudioConfig()
    language: LanguageConfig = LanguageConfig()
    connector: ConnectorConfig = ConnectorConfig()
    gate: GateConfig = GateConfig()
    policy: Policy = "none"
    num_frames: Annotated[int, Field(ge=1, le=64)] = 8
    aspect: Aspect = "pad"

    @property
    def video_tokens(self) -> int:
        """Tokens of a clip's pictures: a quarter of the patches, for each frame."""
        return self.num_frames * (self.vision.grid // 2) ** 2

    @property
    def audio_tokens(self) -> int:
        """Tokens of a clip's sound at its full length."""
        return self.audio.tokens(self.audio.mel_frames)


FULL = OmniConfig(gate=GateConfig(bert=BertConfig()), policy="r1-omni")
