"""Small data of our own: drawn faces, tones that sound like speech, models with random weights."""

from __future__ import annotations

import io
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from django.core.management import call_command
from numpy.typing import NDArray

from tests.media_files import write_wav
from tutor_emotion.nets import registry

TRAINED = {"data": {}, "code": "none", "seed": 0, "recipe": "random"}
RATE_HZ = 16_000


def evaluated(*arguments: str, **options: Any) -> dict[str, Any]:
    """What ``manage.py evaluate … --json`` prints: exactly one JSON object."""
    out = io.StringIO()
    call_command("evaluate", *arguments, "--json", stdout=out, **options)
    found: dict[str, Any] = json.loads(out.getvalue())
    return found


def drawn_face(mood: int, seed: int, px: int = 64) -> NDArray[np.uint8]:
    """A round face with eyes and a mouth that is bent by ``mood`` (-1, 0, 1); RGB (px, px, 3)."""
    draw = np.random.default_rng(seed)
    picture = np.full((px, px, 3), 60, np.uint8)
    skin = [int(v) for v in draw.integers(120, 220, 3)]
    middle = px // 2
    cv2.circle(picture, (middle, middle), int(px * 0.42), skin, -1)
    for side in (-1, 1):
        cv2.circle(picture, (middle + side * px // 6, int(px * 0.4)), px // 16, (20, 20, 20), -1)
    bend = int(mood * px * 0.12)
    points = [(int(px * 0.32), 0), (middle, bend), (int(px * 0.68), 0)]
    mouth = np.array([[x, int(px * 0.68) + y] for x, y in points], np.int32)
    cv2.polylines(picture, [mouth], False, (30, 20, 20), max(1, px // 24))
    grain = draw.normal(0, 4, picture.shape)
    return np.clip(picture + grain, 0, 255).astype(np.uint8)


def write_picture(path: Path, pixels: NDArray[np.uint8]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    assert cv2.imwrite(str(path), pixels[..., ::-1])
    return path


def picture_folder(root: Path, classes: Mapping[str, int], each: int = 4) -> Path:
    """A sub-folder for each class, with ``each`` drawn faces of that mood."""
    for at, (name, mood) in enumerate(classes.items()):
        for i in range(each):
            write_picture(root / name / f"{i}.png", drawn_face(mood, seed=100 * at + i))
    return root


def voiced(seed: int, hz: float = 140.0, seconds: float = 1.2) -> NDArray[np.int16]:
    """Vowel-like: harmonics of a gliding tone, louder and softer, over a little noise."""
    draw = np.random.default_rng(seed)
    t = np.arange(int(seconds * RATE_HZ)) / RATE_HZ
    glide = hz * (1 + 0.15 * np.sin(2 * np.pi * (1 + draw.random()) * t))
    phase = 2 * np.pi * np.cumsum(glide) / RATE_HZ
    tone = sum(np.sin(k * phase) / k for k in range(1, 9))
    loud = 0.25 + 0.2 * np.sin(2 * np.pi * 3 * t + draw.random() * 6)
    sound = tone * loud + draw.normal(0, 0.003, t.size)
    return np.asarray(sound * 9000, dtype=np.int16)


def write_sound(path: Path, sound: NDArray[np.int16], rate_hz: int = RATE_HZ) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    return write_wav(path, sound, rate_hz)


def write_lines(path: Path, lines: Iterable[str]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def expression_model(root: Path, *, temperature: float = 1.0) -> registry.Model:
    """A small net of random weights, whose answers vary from picture to picture."""
    import torch

    from tutor_emotion.nets.face.expression import (
        ARCHITECTURE,
        EXPRESSIONS,
        Expression,
        ExpressionShape,
    )
    from tutor_emotion.nets.modules import numbers

    torch.manual_seed(5)
    shape = ExpressionShape(widths=(8, 16, 16, 16), depths=(0, 1, 0, 0))
    net = Expression(shape)
    net.head.weight.data *= 20
    return registry.write_model(
        root,
        kind="expression",
        version="900",
        config={
            "architecture": ARCHITECTURE,
            "shape": shape.as_config(),
            "labels": list(EXPRESSIONS),
            "temperature": temperature,
            "trained": TRAINED,
        },
        tensors=numbers(net),
        card="Random weights, for tests.\n",
    )


def voice_model(
    root: Path, *, temperature: float = 1.0, data: Mapping[str, str] | None = None
) -> registry.Model:
    """A net of random weights over the real features."""
    from dataclasses import asdict

    import torch

    from tutor_emotion.nets.voice.emotion import ARCHITECTURE, EMOTIONS, EmotionNet, Shape

    torch.manual_seed(6)
    shape = Shape(members=2, first=16, second=8)
    net = EmotionNet(shape)
    return registry.write_model(
        root,
        kind="voice",
        version="900",
        config={
            "architecture": ARCHITECTURE,
            "shape": asdict(shape),
            "labels": list(EMOTIONS),
            "temperature": temperature,
            "trained": {**TRAINED, "data": dict(data or {})},
        },
        tensors={name: value.numpy() for name, value in net.state_dict().items()},
        card="Random weights, for tests.\n",
    )
