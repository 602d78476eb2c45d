"""The assembler: newest wins, the word says why, and what is not in use leaves no trace."""

from __future__ import annotations

import numpy as np
import pytest

from tutor_emotion.core.types import FaceCrop, Utterance, WindowSpec
from tutor_emotion.core.windows import FaceSeen, SoundHeard, WindowAssembler, face_word, voice_word

PIXELS = np.zeros((192, 192, 3), np.uint8)


def seen(at_s: float, word: str = "ok", others: int = 0) -> FaceSeen:
    crop = FaceCrop(at_s, at_s, PIXELS, 0.4, 0.0, 0.9) if word in ("ok", "turned_away") else None
    return FaceSeen(at_s, word, crop, others)


def said(end_s: float) -> Utterance:
    return Utterance(end_s - 1.0, end_s, np.zeros(16_000, np.int16))


@pytest.fixture
def assembler() -> WindowAssembler:
    made = WindowAssembler(WindowSpec())
    made.use(["face", "voice"])
    return made


def test_a_hop_of_faces_and_an_utterance_become_one_window(assembler):
    for at_s in (10.1, 10.3, 10.5, 10.7, 10.9):
        assembler.add_face(seen(at_s, others=1))
    assembler.add_utterance(said(10.8), "ok")
    window = assembler.cut(11.0)
    assert [crop.at_s for crop in window.crops] == [10.1, 10.3, 10.5, 10.7, 10.9]
    assert (window.seq, window.start_s, window.end_s) == (0, 10.0, 11.0)
    assert (window.face, window.voice, window.frames_sampled) == ("ok", "ok", 5)
    assert len(window.utterances) == window.other_faces == 1
    assert window.usable
    assert window.newest_media_s == 10.9


@pytest.mark.parametrize(("came", "sampled"), [(0, 0), (1, 4), (3, 4), (4, 4), (6, 6)])
def test_frames_that_were_due_and_lost_are_counted(assembler, came, sampled):
    """Five are due in a second, and one may fall into the next."""
    for n in range(came):
        assembler.add_face(seen(10.05 + 0.15 * n))
    assert assembler.cut(11.0).frames_sampled == sampled


def test_a_short_hop_has_fewer_that_were_due(assembler):
    assembler.cut(10.6)
    assembler.add_face(seen(10.8))
    assert assembler.cut(11.0).frames_sampled == 1


def test_windows_follow_each_other_and_share_nothing(assembler):
    assembler.add_face(seen(10.5))
    assembler.cut(11.0)
    second = assembler.cut(12.1)
    assert (second.seq, second.start_s, second.end_s) == (1, 11.0, 12.1)
    assert second.crops == ()
    assert (second.face, second.voice, second.usable) == ("no_frames", "no_sound", False)


def test_a_late_cut_takes_the_newest_and_not_the_backlog(assembler):
    for tenth in range(100, 200):
        assembler.add_face(seen(tenth / 10))
    window = assembler.cut(20.0)
    assert len(window.crops) == 6
    assert window.crops[-1].at_s == 19.9


def test_at_most_three_utterances_and_none_that_is_old(assembler):
    for end_s in (1.0, 5.0, 6.0, 7.0, 8.0):
        assembler.add_utterance(said(end_s), "ok")
    assert [u.end_s for u in assembler.cut(16.5).utterances] == [7.0, 8.0]


def test_what_is_not_in_use_is_off_and_forgotten(assembler):
    assembler.add_face(seen(10.5))
    assembler.add_utterance(said(10.8), "ok")
    assembler.use(["voice"])
    assembler.add_face(seen(10.6))
    window = assembler.cut(11.0)
    assert (window.face, window.crops) == ("off", ())
    assert len(window.utterances) == 1
    assembler.use([])
    assert assembler.cut(12.0).voice == "off"


def test_nobody_elses_face_is_taken_for_the_learners(assembler):
    for at_s, word in ((10.1, "ok"), (10.3, "ambiguous_face"), (10.5, "ambiguous_face")):
        assembler.add_face(seen(at_s, word))
    window = assembler.cut(11.0)
    assert (window.face, window.crops, window.frames_sampled) == ("ambiguous_face", (), 4)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ([], "no_frames"),
        (["ok", "no_face"], "ok"),
        (["ok", "no_face", "no_face"], "no_face"),
        (["ok", "ok", "too_dark", "blurred", "no_face"], "no_face"),  # of equals, the newest
        (["turned_away"] * 3 + ["ok"], "turned_away"),
    ],
)
def test_the_word_for_the_face(words, expected):
    assert face_word([seen(float(i), word) for i, word in enumerate(words)]) == expected


def test_the_word_for_the_voice():
    room = [SoundHeard(0.1, False, "silent")] * 5
    assert voice_word([], []) == "no_sound"
    assert voice_word(room, []) == "silent"
    assert voice_word([*room, SoundHeard(0.6, True, "noisy")], []) == "noisy"
    assert voice_word(room, [(said(1.0), "clipped")]) == "clipped"


def test_turned_away_keeps_its_crops_because_where_one_looks_is_news(assembler):
    for at_s in (10.1, 10.3):
        assembler.add_face(seen(at_s, "turned_away"))
    window = assembler.cut(11.0)
    assert (window.face, len(window.crops)) == ("turned_away", 2)


def test_a_caller_that_never_cuts_costs_no_memory(assembler):
    for i in range(5000):
        assembler.add_face(seen(float(i)))
        assembler.add_sound(SoundHeard(float(i), False, "silent"))
        assembler.add_utterance(said(float(i)), "ok")
    window = assembler.cut(4999.5)
    assert len(window.crops) <= 6
    assert len(window.utterances) <= 3
