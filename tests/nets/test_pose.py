"""Head pose, gaze and motion."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from tests.nets.conftest import Picture, crop
from tutor_emotion.nets.compact import CompactRunner
from tutor_emotion.nets.face import pose
from tutor_emotion.nets.face.blendshapes import INDEX
from tutor_emotion.nets.face.reading import FaceNets

Floats = NDArray[np.float64]


def turned(yaw: float, pitch: float, roll: float) -> Floats:
    """The canonical face as a mesh (1, 478, 3), turned by these degrees: built by hand."""
    y, p, r = np.radians((yaw, -pitch, -roll))
    about_y = np.array([[np.cos(y), 0, np.sin(y)], [0, 1, 0], [-np.sin(y), 0, np.cos(y)]])
    about_x = np.array([[1, 0, 0], [0, np.cos(p), -np.sin(p)], [0, np.sin(p), np.cos(p)]])
    about_z = np.array([[np.cos(r), -np.sin(r), 0], [np.sin(r), np.cos(r), 0], [0, 0, 1]])
    points = np.zeros((1, 478, 3))
    world = pose.CANONICAL @ (about_y @ about_x @ about_z).T
    points[0, pose.BASIS_POINTS] = world * (9.0, -9.0, -9.0) + (128, 120, 5)  # px, y down
    return points


def angles(points: Floats, roll_deg: float = 0.0) -> Floats:
    return pose.angles_deg(pose.head_rotation(points, np.full(len(points), roll_deg)))


@pytest.mark.parametrize("yaw", [-50, 0, 20])
@pytest.mark.parametrize("pitch", [-30, 0, 45])
@pytest.mark.parametrize("roll", [-25, 0, 10])
def test_known_angles_are_found(yaw: float, pitch: float, roll: float):
    assert angles(turned(yaw, pitch, roll))[0] == pytest.approx((yaw, pitch, roll), abs=1e-6)


def test_the_roll_that_the_ingest_took_out_is_put_back():
    assert angles(turned(0, 0, 4), roll_deg=20)[0] == pytest.approx((0, 0, 24), abs=1e-6)


def test_points_that_are_no_numbers_give_no_pose_and_harm_nobody():
    both = np.concatenate([turned(10, 5, 0), np.full((1, 478, 3), np.nan)])
    found = angles(both)
    assert found[0] == pytest.approx((10, 5, 0), abs=1e-6)
    assert np.isnan(found[1]).all()


def look(runner: CompactRunner, picture: Picture, roll_deg: float = 0.0) -> Floats:
    nets: FaceNets = runner._faces
    return pose.angles_deg(nets.look([crop(picture, roll_deg=roll_deg)]).rotation)[0]


def test_a_mirrored_face_is_turned_the_other_way(runner: CompactRunner, face: Picture):
    plain, mirrored = look(runner, face), look(runner, np.ascontiguousarray(face[:, ::-1]))
    assert mirrored == pytest.approx(plain * (-1, 1, -1), abs=4.0)


def test_a_face_that_tilts_in_the_picture_has_that_roll(runner: CompactRunner, face: Picture):
    """Anticlockwise in the picture is towards the right shoulder: negative."""
    turn = cv2.getRotationMatrix2D((95.5, 95.5), 20, 1.0)
    tilted = np.asarray(cv2.warpAffine(face, turn, (192, 192)), dtype=np.uint8)
    assert look(runner, tilted)[2] - look(runner, face)[2] == pytest.approx(-20, abs=4.0)
    # The ingest levels the eyes; then the same face must come out as it was.
    assert look(runner, face, roll_deg=-20)[2] - look(runner, face)[2] == pytest.approx(-20, abs=1)


def blendshapes(**values: float) -> Floats:
    row = np.zeros((1, 52))
    for name, value in values.items():
        row[0, INDEX[name]] = value
    return row


LEFT = {"eyeLookOutLeft": 1.0, "eyeLookInRight": 1.0}
DOWN = {"eyeLookDownLeft": 0.7, "eyeLookDownRight": 0.7}


@pytest.mark.parametrize(
    ("yaw", "pitch", "eyes", "away"),
    [
        (0, 0, {}, False),
        (35, 0, {}, True),
        (-35, 0, {}, True),
        (-25, 0, LEFT, False),  # the head turns right, the eyes stay on the screen
        (15, 0, LEFT, True),
        (0, -15, DOWN, False),  # reading the lower half of a screen
        (0, -30, DOWN, True),
        (0, 30, {}, True),
    ],
)
def test_gaze_is_the_head_and_the_eyes_together(
    yaw: float, pitch: float, eyes: dict[str, float], away: bool
):
    found = pose.gaze_away(np.array([[yaw, pitch, 0.0]]), blendshapes(**eyes))
    assert found.tolist() == [away]


def test_eyes_are_closed_only_when_both_are():
    assert pose.eyes_closed(blendshapes(eyeBlinkLeft=0.8, eyeBlinkRight=0.7)).all()
    assert not pose.eyes_closed(blendshapes(eyeBlinkLeft=0.9)).any()


def test_motion_is_degrees_a_second():
    points = np.concatenate([turned(yaw, 0, 0) for yaw in (0, 4, 8, 4)])
    rotation = pose.head_rotation(points, np.zeros(4))
    assert pose.motion_deg_s(rotation, np.arange(4) * 0.2) == pytest.approx(20.0, abs=1e-4)
    assert pose.motion_deg_s(rotation[[0, 0]], np.array([0.0, 0.2])) == pytest.approx(0, abs=1e-4)


def test_one_frame_or_one_time_has_no_motion():
    rotation = pose.head_rotation(turned(0, 0, 0), np.zeros(1))
    assert pose.motion_deg_s(rotation, np.array([1.0])) is None
    assert pose.motion_deg_s(rotation[[0, 0]], np.array([1.0, 1.0])) is None
