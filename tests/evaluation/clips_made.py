"""Clips and data sets of our own, as small as they can be: drawn faces that speak."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

from tests.evaluation.making import RATE_HZ, drawn_face, voiced, write_lines, write_sound

PX, FPS = 64, 10
MOODS = {"03": 1, "04": -1, "01": 0}


def pictures(mood: int, n: int, seed: int = 0, px: int = PX) -> list[NDArray[np.uint8]]:
    return [drawn_face(mood, seed + at, px) for at in range(n)]


def write_clip(
    path: Path,
    frames: Sequence[NDArray[np.uint8]] | None,
    sound: NDArray[np.int16] | None = None,
    *,
    form: str = "mp4",
    fps: int = FPS,
    faststart: bool = False,
) -> Path:
    """A file of what is given: picture, sound or both; MPEG-4 and AAC, whatever its name says."""
    path.parent.mkdir(parents=True, exist_ok=True)
    options = {"movflags": "faststart"} if faststart else {}
    with av.open(str(path), "w", format=form, options=options) as out:
        video = voice = None
        if frames is not None:
            video = out.add_stream("mpeg4", rate=fps)
            video.height, video.width = frames[0].shape[:2]
            video.pix_fmt = "yuv420p"
        if sound is not None:
            voice = out.add_stream("aac" if form == "mp4" else "libopus", rate=48_000)
            voice.layout = "mono"
        if video is not None and frames is not None:
            for pixels in frames:
                out.mux(video.encode(av.VideoFrame.from_ndarray(pixels, format="rgb24")))
            out.mux(video.encode(None))
        if voice is not None and sound is not None:
            frame = av.AudioFrame.from_ndarray(sound[None], format="s16", layout="mono")
            frame.sample_rate = RATE_HZ
            for part in av.AudioResampler(format="fltp", layout="mono", rate=48_000).resample(
                frame
            ):
                out.mux(voice.encode(part))
            out.mux(voice.encode(None))
    return path


def ravdess_clip(root: Path, name: str, *, folder: str = "", seconds: float = 1.0) -> Path:
    """The file that a RAVDESS name promises."""
    modality, _, emotion, *_, actor = name.split("-")
    at = root / (folder or f"Actor_{actor}") / f"{name}.{'wav' if modality == '03' else 'mp4'}"
    seed = int(emotion) * 100 + int(actor)
    sound = None if modality == "02" else voiced(seed, 120 + 10 * int(emotion), seconds)
    if modality == "03":
        assert sound is not None
        return write_sound(at, sound)
    return write_clip(at, pictures(MOODS.get(emotion, 0), int(seconds * FPS), seed), sound)


def ravdess(root: Path, names: Sequence[str]) -> Path:
    for name in names:
        ravdess_clip(root, name)
    return root


def dfew(root: Path, labels: Mapping[int, str], *, fold: int = 1, parts: bool = True) -> Path:
    """A clip for each number, and the list of one fold."""
    for number in labels:
        folder = root / "Clip" / "original" / (f"part_{1 + number // 1600}" if parts else "")
        write_clip(folder / f"{number}.mp4", pictures(number % 3 - 1, 9, number), voiced(number))
    lines = ["video_name,label", *(f"{number},{label}" for number, label in labels.items())]
    write_lines(root / "EmoLabel_DataSplit" / "test(single-labeled)" / f"set_{fold}.csv", lines)
    return root


def mafw(root: Path, labels: Mapping[int, str], *, fold: int = 1) -> Path:
    for number in labels:
        write_clip(
            root / "data" / "clips" / f"{number:05d}.mp4",
            pictures(number % 3 - 1, 9, number),
            voiced(number),
        )
    lines = [f"{number:05d}.mp4 {label}" for number, label in labels.items()]
    folder = root / "Train & Test Set" / "single" / "no_caption" / f"set_{fold}"
    write_lines(folder / "test.txt", lines)
    return root
