"""A clip's eight pictures and its sound, and what is no clip."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.evaluation.clips_made import pictures, write_clip
from tests.evaluation.making import voiced, write_sound
from tutor_emotion.core.types import SAMPLE_RATE_HZ
from tutor_emotion.errors import BadInput
from tutor_emotion.evaluation.clips import decode
from tutor_emotion.nets.r1_omni.prepare import frame_numbers

NUM_FRAMES = 8


def grey(level: int) -> np.ndarray:
    return np.full((64, 64, 3), level, np.uint8)


def test_pictures_over_the_whole_clip_and_its_sound(tmp_path: Path) -> None:
    levels = [20 + 5 * at for at in range(40)]
    clip = decode(
        write_clip(tmp_path / "a.mp4", [grey(level) for level in levels], voiced(1)), "video_audio"
    )
    seen = [float(picture.mean()) for picture in clip.pictures]
    assert seen == pytest.approx([levels[at] for at in frame_numbers(40, 8)], abs=4)
    assert clip.pictures[0].shape == (64, 64, 3)
    assert clip.at_s == pytest.approx([at / 10 for at in frame_numbers(40, 8)], abs=0.01)
    assert clip.sound is not None
    assert clip.sound.dtype == np.int16
    assert len(clip.sound) / SAMPLE_RATE_HZ == pytest.approx(1.2, abs=0.1)
    assert np.abs(clip.sound).max() > 1000
    assert clip.senses == "video_audio"


def test_as_many_as_the_model_takes(tmp_path: Path) -> None:
    path = write_clip(tmp_path / "a.mp4", pictures(1, 30))
    assert [len(decode(path, "video", count=count).pictures) for count in (1, 4, 16)] == [1, 4, 16]


def test_one_sense_of_a_clip_that_has_both(tmp_path: Path) -> None:
    path = write_clip(tmp_path / "a.mp4", pictures(1, 12), voiced(1))
    seen, heard = decode(path, "video"), decode(path, "audio")
    assert (seen.senses, len(seen.pictures), seen.sound) == ("video", NUM_FRAMES, None)
    assert (heard.senses, heard.pictures) == ("audio", ())


def test_without_a_sound_track_the_picture_is_read_alone(tmp_path: Path) -> None:
    assert decode(write_clip(tmp_path / "a.mp4", pictures(1, 12)), "video_audio").senses == "video"


def test_one_frame_is_eight_times_the_same(tmp_path: Path) -> None:
    clip = decode(write_clip(tmp_path / "a.mp4", pictures(0, 1)), "video")
    assert len(clip.pictures) == NUM_FRAMES
    assert all((picture == clip.pictures[0]).all() for picture in clip.pictures)


def test_a_sound_file(tmp_path: Path) -> None:
    clip = decode(write_sound(tmp_path / "a.wav", voiced(2)), "audio")
    assert clip.senses == "audio"
    assert clip.seconds == pytest.approx(1.2, abs=0.01)


def test_ten_minutes_are_seen_whole_and_heard_for_thirty_seconds(tmp_path: Path) -> None:
    faces = [grey(30 + at // 4) for at in range(600)]
    sound = np.tile(voiced(1, seconds=2.0), 20)
    clip = decode(write_clip(tmp_path / "a.mp4", faces, sound, fps=1), "video_audio")
    assert clip.at_s[-1] > 550
    assert clip.sound is not None
    assert len(clip.sound) == 30 * SAMPLE_RATE_HZ


# --- what it refuses -----------------------------------------------------------------------------


def cut(path: Path, share: float) -> Path:
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * share)])
    return path


def whole(tmp_path: Path, *, faststart: bool = False) -> Path:
    faces = pictures(1, 40)
    return write_clip(tmp_path / "a.mp4", faces, voiced(1, seconds=4.0), faststart=faststart)


def refused(path: Path, senses: str = "video_audio", *, named: bool = False) -> str:
    with pytest.raises(BadInput) as caught:
        decode(path, senses, named=named)  # type: ignore[arg-type]
    assert path.name in caught.value.message
    return caught.value.code


def test_a_clip_that_was_not_fetched_to_its_end(tmp_path: Path) -> None:
    assert refused(cut(whole(tmp_path), 0.6)) == "clip_unreadable"
    assert refused(cut(whole(tmp_path, faststart=True), 0.4)) == "clip_truncated"


def test_what_is_no_mp4(tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    assert refused(path) == "file_missing"
    for content in (b"", b"not a clip", b"#EXTM3U\n#EXTINF:1,\nother.mp4\n"):
        path.write_bytes(content)
        assert refused(path) == "clip_unreadable"
    write_clip(path, pictures(1, 8), form="matroska")
    assert refused(path) == "clip_unreadable"


def test_no_picture_no_sound(tmp_path: Path) -> None:
    assert refused(write_clip(tmp_path / "a.mp4", None, voiced(1))) == "clip_no_picture"
    assert refused(write_clip(tmp_path / "b.mp4", pictures(1, 3)), "audio") == "clip_no_sound"
    assert refused(write_sound(tmp_path / "c.wav", voiced(1, seconds=0.001))) == "sound_length"


def test_a_track_that_the_name_denies(tmp_path: Path) -> None:
    mute = write_clip(tmp_path / "a.mp4", pictures(1, 8))
    loud = write_clip(tmp_path / "b.mp4", pictures(1, 8), voiced(1))
    assert refused(mute, "video_audio", named=True) == "clip_not_as_named"
    assert refused(loud, "video", named=True) == "clip_not_as_named"
    assert decode(mute, "video", named=True).senses == "video"


def test_over_a_quarter_of_an_hour(tmp_path: Path) -> None:
    faces = [grey(80)] * 1000
    assert refused(write_clip(tmp_path / "a.mp4", faces, fps=1), "video") == "clip_length"
