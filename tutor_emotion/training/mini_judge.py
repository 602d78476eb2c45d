"""What a model says of clips, counted: is it right, in form, and was its reason there?"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import torch

from tutor_emotion.core.claims import claims, grounded
from tutor_emotion.core.emotion_words import meant
from tutor_emotion.nets.r1_omni.answers import parse
from tutor_emotion.nets.r1_omni.model import Omni
from tutor_emotion.nets.r1_omni.tokens import Tokens
from tutor_emotion.training.completions import asked
from tutor_emotion.training.mini_clips import CONDITIONS, ClipSet
from tutor_emotion.training.mini_data import LABELS

BATCH, MAX_TOKENS = 64, 64


@dataclass(frozen=True, slots=True)
class Judged:
    """Of ``n`` answers: ``war`` the share that is right, ``uar`` the mean recall of the labels,
    ``form`` the share in form; of ``claims`` claims an answer, ``grounded`` is the share that the
    measures bear out, of those that they can tell of (None without any), and ``untold`` the share
    that they cannot."""

    n: int
    war: float
    uar: float
    form: float
    claims: float
    grounded: float | None
    untold: float


def judge(
    model: Omni, tokens: Tokens, clips: ClipSet, conditions: Iterable[str]
) -> dict[str, dict[str, Any]]:
    """``Judged`` by condition, the likeliest answer to each clip taken."""
    return {name: asdict(judged(model, tokens, CONDITIONS[name](clips))) for name in conditions}


def judged(model: Omni, tokens: Tokens, clips: ClipSet) -> Judged:
    """One condition."""
    texts = answers(model, tokens, clips)
    truth = np.array([clip.label for clip in clips.clips])
    said = np.array([_label(text) for text in texts])
    held = [
        grounded(claim, clips.measures(index))
        for index, text in enumerate(texts)
        for claim in claims(parse(text).thinking or "")
    ]
    told = [one for one in held if one is not None]
    right = said == truth
    return Judged(
        len(texts),
        float(right.mean()),
        float(np.mean([right[truth == label].mean() for label in np.unique(truth)])),
        float(np.mean([parse(text).well_formed for text in texts])),
        len(held) / len(texts),
        float(np.mean(told)) if told else None,
        1 - len(told) / len(held) if held else 0.0,
    )


@torch.inference_mode()
def answers(model: Omni, tokens: Tokens, clips: ClipSet) -> list[str]:
    """What it says of each clip, in order."""
    model.eval()
    texts: list[str] = []
    for at in range(0, len(clips), BATCH):
        drawn = [clips.plain(index) for index in range(at, min(at + BATCH, len(clips)))]
        (part,) = asked(drawn, tokens, torch.device("cpu"), BATCH)
        prefix = model.prefix(part.media, part.prompt)
        texts += [
            tokens.decode(ids)
            for ids in model.generate(prefix, max_new_tokens=MAX_TOKENS, eos=tokens.eos)
        ]
    return texts


def _label(text: str) -> int:
    """Its place in LABELS, -1 where it says none of them."""
    said = meant(parse(text).label or "", LABELS)
    return -1 if said is None else LABELS.index(said)
