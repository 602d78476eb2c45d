"""A file becomes packets once: VP8 and Opus, at a learner's size, in a loop."""

from __future__ import annotations

from pathlib import Path

import av
import pytest

from tests import media_files
from tutor_emotion.errors import BadInput
from tutor_emotion.simulate.clips import Clip, has_sound, sound_clip, video_clip


def decoded(clip: Clip, codec: str) -> list[av.VideoFrame]:
    decoder = av.CodecContext.create(codec, "r")
    return [frame for packet in clip.packets for frame in decoder.decode(av.Packet(packet))]


def test_a_video_becomes_one_packet_a_tenth_of_a_second() -> None:
    clip = video_clip(media_files.video("face", ".mp4", seconds=3, fps=25, width=640, height=480))
    assert (clip.kind, clip.clock_hz, clip.ticks) == ("video", 90_000, 9000)
    assert clip.seconds == pytest.approx(3.0, abs=0.2)
    frames = decoded(clip, "libvpx")
    assert len(frames) == len(clip.packets)
    assert {(frame.width, frame.height) for frame in frames} == {(320, 240)}
    bits_per_s = 8 * sum(len(packet) for packet in clip.packets) / clip.seconds
    assert bits_per_s < 400_000


def test_the_shape_of_a_wide_picture_is_kept() -> None:
    clip = video_clip(media_files.video("face", ".mp4", seconds=1, width=640, height=360))
    assert {(f.width, f.height) for f in decoded(clip, "libvpx")} == {(320, 180)}


def test_a_picture_that_went_missing_is_back_within_two_seconds() -> None:
    """A VP8 packet whose first bit is 0 is a keyframe (RFC 6386, section 9.1)."""
    packets = video_clip(media_files.video("face", seconds=6)).packets
    keys = [n for n, packet in enumerate(packets) if not packet[0] & 1]
    assert keys[0] == 0
    assert max(b - a for a, b in zip(keys, [*keys[1:], len(packets)], strict=True)) <= 20


def test_sound_becomes_packets_of_20_ms_at_any_rate() -> None:
    for rate_hz in (8_000, 48_000):
        clip = sound_clip(media_files.speech_wav(3.0, rate_hz))
        assert (clip.kind, clip.clock_hz, clip.ticks) == ("audio", 48_000, 960)
        assert clip.seconds == pytest.approx(3.0, abs=0.1)


def test_the_sound_of_a_video_can_be_used() -> None:
    with_sound = media_files.video("face", ".webm", seconds=3, sound=True)
    assert has_sound(with_sound)
    assert sound_clip(with_sound).seconds == pytest.approx(3.0, abs=0.2)
    assert not has_sound(media_files.video("face", ".webm", seconds=4))


def test_files_that_are_no_use_are_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="no_file"):
        video_clip(tmp_path / "nothing.mp4")
    (tmp_path / "letter.mp4").write_text("Dear Sir or Madam")
    with pytest.raises(BadInput, match=r"bad_media: letter\.mp4"):
        video_clip(tmp_path / "letter.mp4")
    with pytest.raises(BadInput, match="no_video"):
        video_clip(media_files.speech_wav(3.0))
    with pytest.raises(BadInput, match="no_sound"):
        sound_clip(media_files.video("face", ".webm", seconds=4))
    with pytest.raises(BadInput, match="no_file"):
        has_sound(tmp_path)
