"""Sound of any rate lands on one 16 kHz line, each frame where its timestamp says."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from av import AudioFrame

from tutor_emotion.media.placing import SoundPlacer, contiguous


def frames(seconds: float, rate: int = 48_000, layout: str = "mono", hz: float = 300, ms: int = 20):
    """A tone in frames of ``ms``: (frame, arrival), 0.1 s late on a clock that began at 50."""
    size = rate * ms // 1000
    made = []
    for index in range(round(seconds * 1000 / ms)):
        t = (np.arange(size) + index * size) / rate
        tone = (9000 * np.sin(2 * np.pi * hz * t)).astype(np.int16)
        packed = np.repeat(tone, 2 if layout == "stereo" else 1).reshape(1, -1)
        frame = AudioFrame.from_ndarray(packed, format="s16", layout=layout)
        frame.sample_rate, frame.pts, frame.time_base = rate, index * size, Fraction(1, rate)
        made.append((frame, 50.1 + (index + 1) * ms / 1000))
    return made


def place(pieces, placer=None):
    placer = placer or SoundPlacer()
    return [placed for frame, at_s in pieces if (placed := placer.place(frame, at_s)) is not None]


def line(placed) -> np.ndarray:
    return np.concatenate([p.samples for p in placed])


@pytest.mark.parametrize("rate", [8_000, 16_000, 24_000, 44_100, 48_000])
@pytest.mark.parametrize("layout", ["mono", "stereo"])
def test_any_rate_becomes_16_khz_of_the_same_pitch(rate, layout):
    sound = line(place(frames(2.0, rate, layout)))
    assert abs(sound.size - 32_000) < 200
    spectrum = np.abs(np.fft.rfft(sound[1000:17_000] * np.hanning(16_000)))
    assert spectrum.argmax() == pytest.approx(300, abs=1)
    assert np.abs(sound[1000:-1000]).max() == pytest.approx(9000, rel=0.05)


def test_the_first_sample_is_on_the_session_clock():
    placed = place(frames(0.5))
    assert placed[0].fresh
    assert placed[0].start_s == pytest.approx(50.1, abs=0.002)
    assert placed[10].start_s == pytest.approx(50.3, abs=0.005)
    assert not placed[10].fresh


def test_a_late_burst_does_not_move_the_line():
    pieces = frames(1.0)
    pieces[20:25] = [(frame, at_s + 0.4) for frame, at_s in pieces[20:25]]
    starts = [p.start_s for p in place(pieces)]
    assert np.allclose(np.diff(starts), 0.02, atol=0.002)


def test_lost_frames_are_silence_of_their_own_length_and_counted():
    pieces = frames(1.0)
    placed = place(pieces[:20] + pieces[25:])
    assert [p.gap for p in placed if p.gap] == [pytest.approx(1600, abs=40)]
    sound = line(placed)
    assert sound.size == pytest.approx(16_000, abs=100)
    assert not sound[6_450:7_900].any()
    assert np.abs(sound[8_100:]).max() > 8000


def test_a_long_loss_in_many_pieces_does_not_drift():
    pieces = frames(10.0)
    kept = [piece for index, piece in enumerate(pieces) if index % 3]
    placed = place(kept)
    assert line(placed).size == pytest.approx(160_000, abs=400)
    assert sum(p.gap for p in placed) == pytest.approx(160_000 / 3, rel=0.02)


def test_a_frame_whose_time_has_passed_is_dropped():
    pieces = frames(0.2)
    assert len(place([*pieces, pieces[3]])) == len(pieces)


def test_a_hole_too_long_to_be_silence_is_a_new_beginning():
    pieces = frames(6.0)
    placed = place(pieces[:50] + pieces[250:])
    assert [p.fresh for p in placed].count(True) == 2
    assert sum(p.gap for p in placed) == 0


def test_timestamps_that_jump_are_new_beginnings_and_never_a_gigabyte():
    placer = SoundPlacer()
    total = 0
    for pts in (0, 2**40, 5, 2**50, -(2**40)):
        [(frame, at_s)] = frames(0.02)
        frame.pts = pts
        placed = placer.place(frame, at_s)
        assert placed is not None
        assert placed.fresh
        total += placed.samples.size
    assert total < 5 * 400


def test_the_rate_may_change_midway():
    first, second = frames(0.5, 48_000), frames(0.5, 8_000)
    for frame, _ in second:
        frame.pts += 4_000  # half a second later on its own clock
    sound = line(place([*first, *((f, a + 0.5) for f, a in second)]))
    assert sound.size == pytest.approx(16_000, abs=150)


def test_a_frame_without_a_time_is_ignored():
    [(frame, at_s)] = frames(0.02)
    frame.pts = None
    assert place([(frame, at_s)]) == []


# --- joined frames ------------------------------------------------------------------------------


@pytest.mark.parametrize("rate", [8_000, 44_100, 48_000])
@pytest.mark.parametrize("layout", ["mono", "stereo"])
def test_joined_frames_are_the_same_sound_at_the_same_time(rate, layout):
    one_by_one = place(frames(1.0, rate, layout))
    pieces = frames(1.0, rate, layout)
    joined = place([both for at in range(0, 50, 5) for both in contiguous(pieces[at : at + 5])])
    assert len(joined) == 10
    size = min(line(joined).size, line(one_by_one).size)
    assert np.array_equal(line(joined)[:size], line(one_by_one)[:size])
    assert [p.start_s for p in joined] == pytest.approx([p.start_s for p in one_by_one[::5]])


def test_the_least_delay_of_joined_frames_counts():
    pieces = frames(0.1)
    late = [
        (frame, at_s + (0.0 if index == 2 else 0.3)) for index, (frame, at_s) in enumerate(pieces)
    ]
    [(whole, at_s)] = contiguous(late)
    assert whole.samples == 4_800
    assert at_s == pytest.approx(50.2)


def test_what_does_not_continue_is_not_joined():
    pieces = frames(0.2)
    other, _ = frames(0.02, 16_000)[0]
    other.pts = pieces[3][0].pts + 960
    timeless = frames(0.02)[0]
    timeless[0].pts = None
    parts = contiguous([*pieces[:2], *pieces[3:4], (other, 50.2), timeless, *pieces[8:]])
    assert [frame.samples for frame, _ in parts] == [1920, 960, 320, 960, 1920]
