"""Names of tensors: as published, and as ours; and what a checkpoint lacks or has too much.

Our own checkpoints are written with the published names as well, so there is one layout on disk.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from tutor_emotion.nets.r1_omni.config import OmniConfig

Shape = tuple[int, ...]

# Ours → published, by what a name begins with. Where one begins with another, the longer is first.
_PREFIXES = (
    ("language.lm_head.", "lm_head."),
    ("vision.siglip.", "model.vision_tower.vision_tower.vision_model."),
    ("vision.body.", "model.vision_tower.expression."),  # ours alone: the expression net as tower
    ("audio.whisper.", "model.audio_tower.audio_tower.encoder."),
    ("projector.", "model.audio_projector."),
    ("gate.bert.", "model.bert_model."),
    ("gate.head.", "model.bert_gate."),
    ("gate.logits", "model.branch_gate.logits"),  # ours alone: a gate without BERT
    ("connector.face.mlp.", "model.mm_projector.mlp_2xgelu_face."),
    *(
        (f"connector.{branch}.{part}.", f"model.mm_projector.{part}_{branch}.")
        for branch in ("video", "body")
        for part in ("s1", "s2", "sampler", "readout")
    ),
    ("language.model.", "model."),
)
_OUR_BLOCK = re.compile(r"^(connector\.(?:video|body)\.s[12]\.)(\d+)\.")
_THEIR_BLOCK = re.compile(r"^(connector\.(?:video|body)\.s[12]\.)b(\d+)\.")

TIED, EMBEDDINGS = "lm_head.weight", "model.embed_tokens.weight"
_PARTS = (
    ("model.vision_tower.", "picture tower"),
    ("model.audio_tower.", "sound tower"),
    ("model.audio_projector.", "sound projector"),
    ("model.mm_projector.", "connector"),
    ("model.bert_", "gate"),
    ("model.branch_gate.", "gate"),
    ("", "language model"),
)


def to_published(ours: str) -> str:
    """The checkpoint's name of one of our tensors. Blocks count from 1 there."""
    for mine, theirs in _PREFIXES:
        if ours.startswith(mine):
            counted = _OUR_BLOCK.sub(lambda found: f"{found[1]}b{int(found[2]) + 1}.", ours)
            return theirs + counted[len(mine) :]
    raise ValueError(f"{ours} is no tensor of this model")


def to_ours(published: str) -> str | None:
    """Our name of a checkpoint's tensor; None for one whose place we do not know."""
    for mine, theirs in _PREFIXES:
        if published.startswith(theirs):
            name = mine + published[len(theirs) :]
            return _THEIR_BLOCK.sub(lambda found: f"{found[1]}{int(found[2]) - 1}.", name)
    return None


def is_junk(published: str, config: OmniConfig) -> bool:
    """Whether a published tensor is never computed with: the head that Whisper was loaded with,
    SigLIP beyond the layer that is read, counters, and rotary tables."""
    tower = "model.vision_tower.vision_tower.vision_model."
    beyond = f"{tower}encoder.layers.{config.vision.layers}."
    return published.startswith(
        (
            "model.audio_tower.audio_tower.projector.",
            "model.audio_tower.audio_tower.classifier.",
            f"{tower}post_layernorm.",
            f"{tower}head.",
            beyond,
        )
    ) or published.endswith((".position_ids", ".token_type_ids", ".rotary_emb.inv_freq"))


@dataclass(frozen=True, slots=True)
class Report:
    """Published names, sorted. ``misshapen`` and ``extra`` say what is wrong behind the name."""

    missing: tuple[str, ...] = ()
    extra: tuple[str, ...] = ()
    misshapen: tuple[str, ...] = ()
    ignored: tuple[str, ...] = ()

    @property
    def fits(self) -> bool:
        return not (self.missing or self.extra or self.misshapen)

    def lines(self, examples: int = 3) -> list[str]:
        """For a person: how many of which part, and the first few by name."""
        told = []
        for word in ("missing", "extra", "misshapen"):
            names: tuple[str, ...] = getattr(self, word)
            for part, count in Counter(map(_part, names)).items():
                some = [name for name in names if _part(name) == part][:examples]
                more = ", …" if count > examples else ""
                told.append(f"{word}: {count} of the {part} ({', '.join(some)}{more})")
        return told


def compare(
    expected: Mapping[str, Shape], found: Mapping[str, Shape], config: OmniConfig
) -> Report:
    """Shapes by published name: what the model needs, against what a checkpoint holds.

    A written-out ``lm_head.weight`` is ignored here; whether it is the embeddings again takes the
    numbers to tell.
    """
    unused = {name for name in found if name not in expected}
    ignored = {name for name in unused if name == TIED or is_junk(name, config)}
    return Report(
        missing=_sorted(name for name in expected if name not in found),
        extra=_sorted(unused - ignored),
        misshapen=_sorted(
            f"{name} is {_times(found[name])}, not {_times(shape)}"
            for name, shape in expected.items()
            if name in found and found[name] != shape
        ),
        ignored=_sorted(ignored),
    )


def _part(name: str) -> str:
    return next(part for prefix, part in _PARTS if name.startswith(prefix))


def _sorted(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(names))


def _times(shape: Shape) -> str:
    return "×".join(map(str, shape)) or "a number"
