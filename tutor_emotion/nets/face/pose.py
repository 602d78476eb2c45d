"""What a face does as a whole: head pose, gaze, closed eyes, motion.

The pose is the rotation that lays MediaPipe's canonical face over the points (weighted orthogonal
Procrustes, Kabsch 1976). Angles are as the learner would say: yaw is positive towards their own
left, pitch upwards, roll towards their own left shoulder (clockwise in the picture, as
``FaceCrop.roll_deg``).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from tutor_emotion.nets.face.blendshapes import INDEX

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

# Point, its place on the canonical face (cm: x to the picture's right, y up, z to the camera), its
# weight: the Procrustes basis in ``geometry_pipeline_metadata_landmarks.binarypb`` of the .task.
_BASIS = np.array([
    (4, 0.000, -0.463, 7.587, 0.0709), (6, 0.000, 2.473, 5.789, 0.0321),
    (10, 0.000, 8.262, 4.482, 0.0084), (33, -4.446, 2.664, 3.173, 0.0587),
    (54, -6.279, 6.615, 1.426, 0.0077), (67, -3.524, 8.006, 3.729, 0.0091),
    (117, -5.259, 0.946, 2.974, 0.0098), (119, -3.301, 0.862, 3.873, 0.0146),
    (121, -1.821, 1.468, 4.224, 0.0186), (127, -7.743, 2.365, -2.005, 0.0052),
    (129, -1.786, -0.978, 4.850, 0.1206), (132, -7.271, -2.891, -2.252, 0.0056),
    (133, -1.856, 2.585, 3.758, 0.0533), (136, -5.085, -7.179, 0.715, 0.0669),
    (143, -6.408, 2.236, 1.561, 0.0148), (147, -6.235, -1.944, 1.664, 0.0143),
    (198, -1.247, 0.230, 5.681, 0.0255), (205, -3.833, -1.537, 4.138, 0.0473),
    (263, 4.446, 2.664, 3.173, 0.0587), (284, 6.279, 6.615, 1.426, 0.0077),
    (297, 3.524, 8.006, 3.729, 0.0091), (346, 5.259, 0.946, 2.974, 0.0098),
    (348, 3.301, 0.862, 3.873, 0.0146), (350, 1.821, 1.468, 4.224, 0.0186),
    (356, 7.743, 2.365, -2.005, 0.0052), (358, 1.786, -0.978, 4.850, 0.1206),
    (361, 7.271, -2.891, -2.252, 0.0056), (362, 1.856, 2.585, 3.758, 0.0533),
    (365, 5.085, -7.179, 0.715, 0.0669), (372, 6.408, 2.236, 1.561, 0.0148),
    (376, 6.235, -1.944, 1.664, 0.0143), (420, 1.247, 0.230, 5.681, 0.0255),
    (425, 3.833, -1.537, 4.138, 0.0473),
])  # fmt: skip
BASIS_POINTS = _BASIS[:, 0].astype(np.intp)
CANONICAL = _BASIS[:, 1:4]
_WEIGHTS = _BASIS[:, 4:] / _BASIS[:, 4].sum()
_CENTRED = CANONICAL - (_WEIGHTS * CANONICAL).sum(0)

# Beyond these the expression nets are not to be trusted (py-feat's training filter).
MAX_YAW_DEG, MAX_PITCH_DEG = 40.0, 30.0
# How far an eye turns at a full eyeLook output. A round figure of ours, not a measurement.
EYE_YAW_DEG, EYE_PITCH_DEG = 30.0, 25.0
# A screen at arm's length spans about 15 degrees to each side of its camera and 25 below it; the
# rest is room for where the camera stands and for what the estimate does not know. Ours as well.
AWAY_SIDE_DEG, AWAY_UP_DEG, AWAY_DOWN_DEG = 30.0, 25.0, 40.0
CLOSED_ABOVE = 0.5  # of eyeBlink


def head_rotation(points: Floats, roll_deg: Floats) -> Floats:
    """Mesh points (n, 478, 3) and the roll taken out of each crop (n,) → rotations (n, 3, 3).

    A rotation takes the canonical face to the head as the camera saw it (y up, z to the camera);
    it is NaN where the points are.
    """
    rotation = np.full((len(points), 3, 3), np.nan)
    sane = np.isfinite(points).all((1, 2))
    seen = points[sane][:, BASIS_POINTS] * (1.0, -1.0, -1.0)
    seen = seen - (_WEIGHTS * seen).sum(1, keepdims=True)
    u, _, vt = np.linalg.svd(seen.transpose(0, 2, 1) @ (_WEIGHTS * _CENTRED))
    u[:, :, 2] *= np.sign(np.linalg.det(u @ vt))[:, None]  # a turn, never a mirror image
    rotation[sane] = _in_picture(-roll_deg[sane]) @ u @ vt
    return rotation


def _in_picture(degrees: Floats) -> Floats:
    """Rotations (n, 3, 3) about the camera's axis, anticlockwise as one sees the picture."""
    cos, sin = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    rotation = np.zeros((len(degrees), 3, 3))
    rotation[:, 0, 0] = rotation[:, 1, 1] = cos
    rotation[:, 1, 0], rotation[:, 0, 1] = sin, -sin
    rotation[:, 2, 2] = 1.0
    return rotation


def angles_deg(rotation: Floats) -> Floats:
    """Rotations (n, 3, 3) → yaw, pitch, roll (n, 3) in degrees, turned in this order."""
    forward = rotation[:, :, 2]
    yaw = np.arctan2(forward[:, 0], forward[:, 2])
    pitch = np.arcsin(np.clip(forward[:, 1], -1.0, 1.0))
    roll = -np.arctan2(rotation[:, 1, 0], rotation[:, 1, 1])
    angles: Floats = np.degrees(np.stack([yaw, pitch, roll], axis=1))
    return angles


def faces_camera(angles: Floats) -> Flags:
    """Whether each pose (n, 3) is one in which the blendshapes mean something."""
    turned: Flags = (np.abs(angles[:, 0]) > MAX_YAW_DEG) | (np.abs(angles[:, 1]) > MAX_PITCH_DEG)
    return ~turned


def gaze_away(angles: Floats, blendshapes: Floats) -> Flags:
    """Whether the eyes of each frame point away from the screen: head turn plus eye turn."""

    def both(one: str, other: str) -> Floats:
        return (blendshapes[:, INDEX[one]] + blendshapes[:, INDEX[other]]) / 2

    to_left = both("eyeLookOutLeft", "eyeLookInRight") - both("eyeLookInLeft", "eyeLookOutRight")
    up = both("eyeLookUpLeft", "eyeLookUpRight") - both("eyeLookDownLeft", "eyeLookDownRight")
    yaw = angles[:, 0] + EYE_YAW_DEG * to_left
    pitch = angles[:, 1] + EYE_PITCH_DEG * up
    away: Flags = (np.abs(yaw) > AWAY_SIDE_DEG) | (pitch > AWAY_UP_DEG) | (pitch < -AWAY_DOWN_DEG)
    return away


def eyes_closed(blendshapes: Floats) -> Flags:
    """Whether both eyes of each frame are closed (mean eyeBlink above a half)."""
    pair = blendshapes[:, [INDEX["eyeBlinkLeft"], INDEX["eyeBlinkRight"]]]
    closed: Flags = pair.mean(1) > CLOSED_ABOVE
    return closed


def motion_deg_s(rotation: Floats, at_s: Floats) -> float | None:
    """Mean speed at which the head turns from frame to frame; None below two frames."""
    gap_s = np.diff(at_s)
    later = gap_s > 0
    if not later.any():
        return None
    turn = rotation[:-1].transpose(0, 2, 1) @ rotation[1:]
    cosine = (np.trace(turn, axis1=1, axis2=2) - 1.0) / 2.0
    angle = np.degrees(np.arccos(np.clip(cosine, -1.0, 1.0)))
    return float(angle[later].sum() / gap_s[later].sum())
