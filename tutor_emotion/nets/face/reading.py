"""The face of each Window: every crop of every learner in one batch, one Reading a Window."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from tutor_emotion.core.types import FaceCrop, Reading, Window
from tutor_emotion.nets import preprocess
from tutor_emotion.nets.face import pose
from tutor_emotion.nets.face.aligned import aligned_grey
from tutor_emotion.nets.face.blendshapes import NAMES, Blendshapes
from tutor_emotion.nets.face.expressing import Expressions
from tutor_emotion.nets.face.expression import EXPRESSIONS
from tutor_emotion.nets.face.mesh import FaceMesh
from tutor_emotion.nets.registry import Model
from tutor_emotion.nets.weights import read_weights

BUNDLE = "face_landmarker.task"
PRESENT_ABOVE = 0.5  # MediaPipe's own default for the same output
# Faces at once. On a CPU five stay in its cache, eight do not: 8 to 10 ms each against 11 to 12.
CHUNK = {"cpu": 5, "cuda": 64}

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Faces:
    """What the nets say of n crops: ``presence`` (n,), ``rotation`` (n, 3, 3), ``blendshapes``
    (n, 52), ``expressions`` (n, 8) probabilities, or (n, 0) without that net."""

    presence: Floats
    rotation: Floats
    blendshapes: Floats
    expressions: Floats

    def __getitem__(self, rows: slice | NDArray[np.bool_]) -> Faces:
        return Faces(
            self.presence[rows],
            self.rotation[rows],
            self.blendshapes[rows],
            self.expressions[rows],
        )


class FaceNets:
    """Mesh, blendshapes and, where there is a model of it, expression, on one device.

    Errors as ``nets.weights.read_weights`` and ``Expressions``.
    """

    def __init__(
        self, weights_dir: Path, device: torch.device, expression: Model | None = None
    ) -> None:
        self.device = device
        self.expressions = None if expression is None else Expressions(expression, device)
        self.mesh = FaceMesh.from_tflite(
            read_weights(weights_dir, BUNDLE, "face_landmarks_detector.tflite")
        ).to(device=device, memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.blendshapes = Blendshapes.from_tflite(
            read_weights(weights_dir, BUNDLE, "face_blendshapes.tflite")
        ).to(device)

    @torch.inference_mode()
    def look(self, crops: Sequence[FaceCrop]) -> Faces:
        """All crops, in chunks that suit the device."""
        step = CHUNK[self.device.type]
        parts = [self._look(crops[at : at + step]) for at in range(0, len(crops), step)]
        return Faces(
            np.concatenate([part.presence for part in parts]),
            np.concatenate([part.rotation for part in parts]),
            np.concatenate([part.blendshapes for part in parts]),
            np.concatenate([part.expressions for part in parts]),
        )

    def _look(self, crops: Sequence[FaceCrop]) -> Faces:
        pictures = preprocess.mesh_input([crop.pixels for crop in crops], self.device)
        mesh = self.mesh(pictures)
        blendshapes = self.blendshapes(mesh.points)
        if self.expressions is None:
            expressions = blendshapes.new_zeros(len(crops), 0)
        else:
            expressions = self.expressions.look(aligned_grey(pictures, mesh.points))
        points = mesh.points.double().cpu().numpy()
        return Faces(
            mesh.presence.double().cpu().numpy(),
            pose.head_rotation(points, np.array([crop.roll_deg for crop in crops])),
            blendshapes.double().cpu().numpy(),
            expressions.double().cpu().numpy(),
        )


def read_faces(nets: FaceNets, windows: Sequence[Window], model: str) -> Iterable[Reading | None]:
    """One face Reading a Window, in order; None where no crop of it can be read."""
    readable = [[crop for crop in w.crops if preprocess.is_readable(crop)] for w in windows]
    every = [crop for crops in readable for crop in crops]
    if not every:
        return [None] * len(windows)
    faces = nets.look(every)
    ends = np.cumsum([len(crops) for crops in readable])
    return [
        _reading(window, crops, faces[int(end) - len(crops) : int(end)], model)
        for window, crops, end in zip(windows, readable, ends, strict=True)
    ]


def _reading(window: Window, crops: Sequence[FaceCrop], faces: Faces, model: str) -> Reading | None:
    """Pose and gaze come of every face that is there, blendshapes of those that face the camera."""
    if not crops:
        return None
    sane = np.isfinite(faces.rotation).all((1, 2)) & np.isfinite(faces.blendshapes).all(1)
    sane &= np.isfinite(faces.expressions).all(1)
    present = sane & (faces.presence > PRESENT_ABOVE)
    measures: dict[str, float] = {}
    quality = 0.0
    if present.any():
        valid = faces[present]
        kept = [crop for crop, is_there in zip(crops, present, strict=True) if is_there]
        angles = pose.angles_deg(valid.rotation)
        frontal = pose.faces_camera(angles)
        measures = _measures(kept, valid, angles, frontal)
        worth = valid.presence * frontal * np.clip([crop.quality for crop in kept], 0.0, 1.0)
        quality = float(worth.sum() / max(window.frames_sampled, len(window.crops)))
    return Reading(
        "face", window.start_s, window.end_s, measures, quality, int(present.sum()), model
    )


def _measures(
    crops: Sequence[FaceCrop], faces: Faces, angles: Floats, frontal: NDArray[np.bool_]
) -> dict[str, float]:
    yaw, pitch, roll = angles.mean(0)
    measures = {
        "yaw_deg": float(yaw),
        "pitch_deg": float(pitch),
        "roll_deg": float(roll),
        "gaze_away": float(pose.gaze_away(angles, faces.blendshapes).mean()),
        "face_scale": float(np.mean([crop.scale for crop in crops])),
    }
    motion = pose.motion_deg_s(faces.rotation, np.array([crop.at_s for crop in crops]))
    if motion is not None:
        measures["motion"] = motion
    if frontal.any():
        shown = faces.blendshapes[frontal]
        measures["eyes_closed"] = float(pose.eyes_closed(shown).mean())
        means = shown.mean(0)
        measures |= {
            name: float(mean)
            for name, mean in zip(NAMES, means, strict=True)
            if not name.startswith("_")
        }
        # Empty without the net: then there are no such measures.
        likely = faces.expressions[frontal].mean(0)
        measures |= {
            f"expression_{label}": float(mean)
            for label, mean in zip(EXPRESSIONS, likely, strict=False)
        }
    return measures
