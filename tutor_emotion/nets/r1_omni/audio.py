"""The sound tower: Whisper's encoder, three positions pooled to one, and two linear layers."""

from __future__ import annotations

from torch import Tensor, nn
from torch.nn import functional
from transformers import WhisperConfig
from transformers.models.whisper.modeling_whisper import WhisperEncoder

from tutor_emotion.errors import BadInput
from tutor_emotion.nets.r1_omni.config import AudioConfig


class AudioTower(nn.Module):
    """Log-mel (batch, bins, frames) → (batch, frames // 2 // pool, width).

    The published model always reads 30 s. Fewer frames are an approximation: the same layers over
    the first positions only.
    """

    def __init__(self, config: AudioConfig) -> None:
        super().__init__()
        self.config = config
        self.whisper = WhisperEncoder(
            WhisperConfig(
                num_mel_bins=config.bins,
                d_model=config.width,
                encoder_layers=config.layers,
                encoder_attention_heads=config.heads,
                encoder_ffn_dim=config.ffn,
                max_source_positions=config.mel_frames // 2,
                # The decoder is never built; its sizes only have to be valid.
                decoder_layers=1,
                decoder_attention_heads=1,
            )
        )

    def forward(self, mel: Tensor) -> Tensor:
        """Raises ``BadInput`` ``bad_sound`` for a number of frames that it cannot take."""
        if not 2 * self.config.pool <= mel.shape[-1] <= self.config.mel_frames:
            raise BadInput(
                "bad_sound",
                f"The sound has {mel.shape[-1]} mel frames, not {2 * self.config.pool} to "
                f"{self.config.mel_frames}.",
            )
        # Not the encoder's own forward, which takes the full length only.
        hidden = functional.gelu(self.whisper.conv1(mel))
        hidden = functional.gelu(self.whisper.conv2(hidden)).transpose(1, 2)
        hidden = hidden + self.whisper.embed_positions.weight[: hidden.shape[1]]
        for layer in self.whisper.layers:
            hidden = layer(hidden, None)
        hidden = self.whisper.layer_norm(hidden)
        pooled = functional.avg_pool1d(hidden.transpose(1, 2), self.config.pool)
        return pooled.transpose(1, 2)


def projector(width: int, out: int) -> nn.Sequential:
    """``mlp2x_gelu``."""
    return nn.Sequential(nn.Linear(width, out), nn.GELU(), nn.Linear(out, out))
