"""all-MiniLM-L6-v2 in torch: sentences → unit vectors whose dot product says how alike they are.

BERT with six layers of 384 (Wang et al. 2020, fine-tuned on a billion pairs of English sentences by
the sentence-transformers project, Apache-2.0). The mean of the tokens is the sentence's vector.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load
from torch import Tensor, nn
from torch.nn import functional

from tutor_emotion.errors import Unavailable
from tutor_emotion.nets.text.wordpiece import WordPiece
from tutor_emotion.nets.weights import is_right, model_file, read_weights

WEIGHTS, TOKENIZER = "minilm_l6_v2.safetensors", "minilm_l6_v2_tokenizer.json"
WIDTH, LAYERS, HEADS, INNER = 384, 6, 12, 1536
VOCABULARY, POSITIONS, EPS = 30522, 512, 1e-12
MAX_TOKENS = 128  # as the tokenizer's file says
BATCH = 64


class Layer(nn.Module):
    """Self-attention and a small perceptron, each added to what came in and normalised after it."""

    def __init__(self) -> None:
        super().__init__()
        self.query, self.key, self.value, self.out = (nn.Linear(WIDTH, WIDTH) for _ in range(4))
        self.up, self.down = nn.Linear(WIDTH, INNER), nn.Linear(INNER, WIDTH)
        self.after_attention = nn.LayerNorm(WIDTH, eps=EPS)
        self.after_inner = nn.LayerNorm(WIDTH, eps=EPS)

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        """``x`` (n, tokens, WIDTH), ``mask`` (n, 1, 1, tokens) True where there is a token."""
        n, tokens, _ = x.shape
        q, k, v = (
            part(x).view(n, tokens, HEADS, WIDTH // HEADS).transpose(1, 2)
            for part in (self.query, self.key, self.value)
        )
        seen = functional.scaled_dot_product_attention(q, k, v, attn_mask=mask)
        x = self.after_attention(x + self.out(seen.transpose(1, 2).reshape(n, tokens, WIDTH)))
        found: Tensor = self.after_inner(x + self.down(functional.gelu(self.up(x))))
        return found


class Encoder(nn.Module):
    """Numbers of tokens (n, tokens) and a mask of the same shape → unit vectors (n, WIDTH)."""

    def __init__(self) -> None:
        super().__init__()
        self.words = nn.Embedding(VOCABULARY, WIDTH)
        self.places = nn.Embedding(POSITIONS, WIDTH)
        self.kinds = nn.Embedding(2, WIDTH)
        self.norm = nn.LayerNorm(WIDTH, eps=EPS)
        self.layers = nn.ModuleList(Layer() for _ in range(LAYERS))

    def forward(self, tokens: Tensor, mask: Tensor) -> Tensor:
        places = torch.arange(tokens.shape[1], device=tokens.device)
        x = self.norm(self.words(tokens) + self.places(places) + self.kinds.weight[0])
        for layer in self.layers:
            x = layer(x, mask[:, None, None, :])
        share = mask.unsqueeze(-1).to(x.dtype)
        mean = (x * share).sum(1) / share.sum(1)
        return functional.normalize(mean, dim=1)


class Sentences:
    """The encoder with its tokenizer, ready to run.

    Raises:
        Unavailable: ``weights_missing`` or ``weights_corrupt``.
        BadInput: ``bad_tokenizer``.
    """

    def __init__(self, weights_dir: Path, device: torch.device) -> None:
        self.device = device
        self.stamp = f"minilm+{model_file(WEIGHTS).sha256[:8]}"
        self._wordpiece = WordPiece(read_weights(weights_dir, TOKENIZER))
        self._encoder = read_encoder(read_weights(weights_dir, WEIGHTS)).to(device)

    @torch.inference_mode()
    def vectors(self, texts: Sequence[str]) -> Tensor:
        """(n, WIDTH) on the CPU, in the order of ``texts``; each stands for itself in any batch."""
        if not texts:
            return torch.empty(0, WIDTH)
        rows = [self._wordpiece.encode(text, MAX_TOKENS) for text in texts]
        parts = [self._some(rows[start : start + BATCH]) for start in range(0, len(rows), BATCH)]
        return torch.cat(parts).cpu()

    def _some(self, rows: Sequence[Sequence[int]]) -> Tensor:
        longest = max(map(len, rows))
        pad = self._wordpiece.pad
        tokens = torch.tensor([[*row, *[pad] * (longest - len(row))] for row in rows])
        lengths = torch.tensor([len(row) for row in rows])
        mask = torch.arange(longest)[None, :] < lengths[:, None]
        vectors: Tensor = self._encoder(tokens.to(self.device), mask.to(self.device))
        return vectors


def is_there(weights_dir: Path) -> bool:
    """Whether both files are present and right: they are optional, and nothing waits for them."""
    return all(
        is_right(Path(weights_dir) / file, model_file(file)) for file in (WEIGHTS, TOKENIZER)
    )


def read_encoder(data: bytes) -> Encoder:
    """Bytes of a BERT's ``model.safetensors`` → the encoder.

    Raises:
        Unavailable: ``weights_corrupt``, for tensors of another architecture.
    """
    encoder = Encoder()
    try:
        tensors = load(data)
        encoder.load_state_dict({ours: tensors[theirs] for ours, theirs in _names().items()})
    except (SafetensorError, KeyError, RuntimeError) as error:
        raise Unavailable(
            "weights_corrupt",
            f"The sentence encoder's file holds another architecture ({type(error).__name__}).",
            retry=False,
        ) from None
    return encoder.eval()


def _names() -> dict[str, str]:
    """Our name of each tensor → the name in the file."""
    both = {"weight", "bias"}
    names = {
        "words.weight": "embeddings.word_embeddings.weight",
        "places.weight": "embeddings.position_embeddings.weight",
        "kinds.weight": "embeddings.token_type_embeddings.weight",
        **{f"norm.{part}": f"embeddings.LayerNorm.{part}" for part in both},
    }
    of_layer = {
        "query": "attention.self.query",
        "key": "attention.self.key",
        "value": "attention.self.value",
        "out": "attention.output.dense",
        "after_attention": "attention.output.LayerNorm",
        "up": "intermediate.dense",
        "down": "output.dense",
        "after_inner": "output.LayerNorm",
    }
    for number in range(LAYERS):
        for ours, theirs in of_layer.items():
            for part in both:
                names[f"layers.{number}.{ours}.{part}"] = f"encoder.layer.{number}.{theirs}.{part}"
    return names
