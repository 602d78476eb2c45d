"""What was lost, by scripts: what is asked for, what is waited for, what is let go. No clock."""

from __future__ import annotations

import itertools
import random

import pytest

from tutor_emotion.media.jitter import (
    KEPT_S,
    KEY_AFTER_S,
    KEY_EVERY_S,
    MOST_KEPT,
    MOST_MISSING,
    SOUND_WAITS_S,
    Missing,
    PictureLine,
    Piece,
    SoundLine,
    begins_key_frame,
    unwrapped,
)

# --- numbers that count to 65535 and begin again ---


@pytest.mark.parametrize(
    ("number", "near", "count"),
    [(5, 3, 5), (3, 5, 3), (0, 65_535, 65_536), (65_535, 65_536, 65_535), (2, 131_071, 131_074)],
)
def test_a_number_is_the_nearest_count(number, near, count):
    assert unwrapped(number, near) == count


# --- what to ask for again ---


def test_a_lost_packet_is_asked_for_again_and_again_and_then_given_up():
    missing = Missing()
    asked = []
    for tick in range(40):
        now_s = tick * 0.06
        if tick != 3:
            missing.saw(tick, now_s)
        asked += [(number, round(now_s, 2)) for number in missing.due(now_s)]
    assert {number for number, _ in asked} == {3}
    times = [at for _, at in asked]
    assert 4 <= len(times) <= 8
    assert times[0] <= 0.3, "with the second packet behind the hole"
    assert all(b - a >= 0.1 for a, b in itertools.pairwise(times))
    assert times[-1] < 2.0


def test_one_that_comes_is_not_asked_for_any_more():
    missing = Missing()
    for number in (0, 1, 3):
        missing.saw(number, 0.0)
    assert missing.due(0.05) == [2]
    missing.saw(2, 0.06)
    assert missing.due(1.0) == []


def test_where_packets_are_late_by_nature_it_learns_to_wait():
    """Of 2,000 packets up to 0.2 s late few are asked for needlessly, once it has learnt."""
    dice = random.Random(3)
    arrivals = sorted((n * 0.03 + dice.random() * 0.2, n) for n in range(2_000))
    missing, late = Missing(), 0
    for now_s, number in arrivals:
        missing.saw(number & 0xFFFF, now_s)
        asked = missing.due(now_s)
        late += len(asked) if number > 500 else 0
    assert missing.patience_s > 0.1
    assert late < 150


def test_the_numbering_may_wrap_and_may_begin_anew():
    missing = Missing()
    for number in (65_533, 65_534, 1):
        missing.saw(number, 0.0)
    assert missing.due(0.05) == [65_535, 0]
    missing.saw(30_000, 0.1)
    assert missing.due(0.5) == [], "another stream: nothing of it is missing"


def test_a_hostile_numbering_costs_no_memory():
    missing = Missing()
    for burst in range(50):
        missing.saw((burst * 2_900) & 0xFFFF, 0.0)
        assert len(missing.due(0.1)) <= MOST_MISSING


# --- sound ---


def sound(number: int) -> Piece:
    return Piece(number & 0xFFFF, (960 * number) & 0xFFFFFFFF, b"%d" % number)


def heard(line: SoundLine, script) -> list[int]:
    """``script``: (number, seconds). What came out, in order."""
    return [int(c.data) for number, at in script for c in line.add(sound(number), at)]


def test_sound_in_order_is_not_held_up():
    line = SoundLine()
    for number in range(5):
        assert [int(c.data) for c in line.add(sound(number), number * 0.02)] == [number]


def test_sound_out_of_order_comes_in_order():
    assert heard(SoundLine(), [(0, 0), (2, 0.02), (3, 0.04), (1, 0.05)]) == [0, 1, 2, 3]


def test_a_hole_that_stays_is_left_as_a_hole():
    script = [(n, 0.02 * n) for n in range(60) if n != 10]
    assert heard(SoundLine(), script) == [n for n in range(60) if n != 10]


def test_the_rest_waits_for_a_hole_only_so_long():
    line = SoundLine()
    script = [(n, 0.02 * n) for n in range(60) if n != 10]
    out = []
    for number, at in script:
        out += [(int(c.data), at) for c in line.add(sound(number), at)]
    waited = {number: at - 0.02 * number for number, at in out}
    assert max(waited.values()) == pytest.approx(SOUND_WAITS_S, abs=0.03)
    assert waited[59] == pytest.approx(0), "and afterwards nothing lags behind"


def test_what_comes_too_late_or_twice_is_dropped():
    line = SoundLine()
    script = [(0, 0), (2, 0.0), (3, 1.0), (1, 1.1), (3, 1.2), (4, 1.3)]
    assert heard(line, script) == [0, 2, 3, 4]


def test_a_sender_that_begins_anew_is_heard():
    assert heard(SoundLine(), [(0, 0), (1, 0.02), (40_000, 0.04), (40_001, 0.06)]) == [
        0,
        1,
        40_000,
        40_001,
    ]


def test_sound_over_the_end_of_the_numbers():
    script = [(n, 0.02 * n) for n in (65_533, 65_534, 65_536, 65_535, 65_537)]
    assert heard(SoundLine(), script) == [65_533, 65_534, 65_535, 65_536, 65_537]


# --- pictures ---


def picture(at: int, first: int, packets: int = 1, key: bool = False) -> list[Piece]:
    """The packets of picture ``at``, numbered from ``first``."""
    return [
        Piece(first + i, 9_000 * at, b"%d." % at, i == packets - 1, key and i == 0)
        for i in range(packets)
    ]


def shown(line: PictureLine, pieces, at_s: float) -> list[int]:
    return [int(c.timestamp / 9_000) for p in pieces for c in line.add(p, at_s)[0]]


def begun() -> PictureLine:
    line = PictureLine()
    assert shown(line, picture(0, 0, 3, key=True), 0.0) == [0]
    return line


def test_a_picture_is_there_with_its_last_packet():
    line = begun()
    first, second = picture(1, 3, 2)
    assert line.add(first, 0.1) == ([], False)
    ready, ask = line.add(second, 0.1)
    assert ([c.data for c in ready], ask) == ([b"1.1."], False)


def test_a_sender_that_marks_no_end_is_understood_by_the_next_picture():
    line = begun()
    one, two = (Piece(3, 9_000, b"1"), Piece(4, 18_000, b"2", True))
    assert shown(line, [one], 0.1) == []
    assert shown(line, [two], 0.2) == [1, 2]


def test_padding_is_no_picture():
    line = begun()
    assert shown(line, [Piece(3, 0, b""), *picture(1, 4)], 0.1) == [1]


def test_a_hole_that_is_filled_loses_nothing():
    line = begun()
    assert shown(line, picture(2, 4), 0.2) == []
    assert shown(line, picture(3, 5), 0.3) == []
    assert shown(line, picture(1, 3), 0.35) == [1, 2, 3]


def test_a_hole_that_stays_asks_for_a_key_frame_early_and_not_too_often():
    line, asked = begun(), []
    for at in range(2, 15):
        for piece in picture(at, at + 2):  # number 3 never comes
            ready, ask = line.add(piece, at / 10)
            assert ready == []
            asked += [at / 10] if ask else []
    assert asked[0] == pytest.approx(0.2 + KEY_AFTER_S, abs=0.11)
    assert all(b - a >= KEY_EVERY_S for a, b in itertools.pairwise(asked))
    assert len(asked) == 2


def test_a_key_frame_ends_the_wait_at_once():
    line = begun()
    shown(line, picture(2, 4), 0.2)
    key = picture(3, 5, 3, key=True)
    assert shown(line, key[:2], 0.3) == [], "only when it is whole"
    assert shown(line, key[2:], 0.3) == [3]
    assert shown(line, picture(1, 3), 0.4) == [], "what was before it is past"
    assert shown(line, picture(4, 8), 0.5) == [4]


def test_nothing_is_shown_before_the_first_key_frame():
    line = PictureLine()
    assert shown(line, picture(0, 0), 0.0) == []
    ready, ask = line.add(picture(1, 1)[0], KEY_AFTER_S)
    assert (ready, ask) == ([], True)
    assert shown(line, picture(2, 2, 2, key=True), 0.4) == [2]


def test_what_waited_too_long_is_let_go_and_only_a_key_frame_helps():
    line = begun()
    for at in range(2, 60):
        assert shown(line, picture(at, at + 2), at / 10) == []
        assert len(line._held) <= 10 * KEPT_S + 2
    assert shown(line, picture(60, 62, key=True), 6.0) == [60]
    assert shown(line, picture(61, 63), 6.1) == [61]


def test_a_flood_costs_no_memory():
    line = begun()
    for number in range(4, 5_000):
        line.add(Piece(number, 9_000 * number, b"x", True), 0.1)
        assert len(line._held) <= MOST_KEPT


class CountedLooks(dict):
    looks = 0

    def get(self, *args):
        self.looks += 1
        return super().get(*args)


@pytest.mark.parametrize("begins", [PictureLine, begun])
def test_a_picture_whose_every_packet_calls_itself_a_key_is_walked_once_a_packet(begins):
    line = begins()
    line._held = held = CountedLooks(line._held)
    for number in range(4, 4 + MOST_KEPT - 1):  # no end, and no other picture
        before = held.looks
        assert line.add(Piece(number, 9_000, b"x", key=True), 0.1)[0] == []
        assert held.looks - before <= len(held) + 3
    assert len(held) == MOST_KEPT - 1


def test_keys_behind_a_hole_are_looked_at_all_the_same():
    line = PictureLine()
    torn = [Piece(number, 0, b"x", key=True) for number in (0, 1, 3, 4)]
    assert shown(line, torn, 0.1) == []
    assert shown(line, picture(1, 6, 2, key=True), 0.2) == [1]


def test_a_picture_over_the_end_of_the_numbers():
    line = PictureLine()
    pieces = [Piece(n & 0xFFFF, 0, b"k", n == 65_537, n == 65_534) for n in range(65_534, 65_538)]
    assert shown(line, pieces, 0.0) == [0]
    assert shown(line, [Piece(2, 9_000, b"d", True)], 0.1) == [1]


# --- which packets begin a key frame ---


@pytest.mark.parametrize(
    ("codec", "payload", "data", "key"),
    [
        ("VP8", b"\x10\x90", b"\x90", True),
        ("VP8", b"\x90\x80\x01\x90", b"\x90", True),  # with a picture's number
        ("VP8", b"\x10\x91", b"\x91", False),  # P = 1: made from another
        ("VP8", b"\x00\x90", b"\x90", False),  # in the middle
        ("VP8", b"\x11\x90", b"\x90", False),  # another partition
        ("H264", b"\x67\x42", b"\x00\x00\x00\x01\x67\x42", True),
        ("H264", b"\x7c\x85", b"\x00\x00\x00\x01\x65", True),
        ("H264", b"\x41\x9a", b"\x00\x00\x00\x01\x41\x9a", False),
        ("H264", b"\x7c\x05\x67", b"\x67", False),  # goes on with what was begun
        ("VP8", b"", b"", False),
        ("opus", b"\x10", b"\x10", False),
    ],
)
def test_which_packets_begin_a_key_frame(codec, payload, data, key):
    assert begins_key_frame(codec, payload, data) is key
