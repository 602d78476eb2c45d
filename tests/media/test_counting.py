"""The metrics hear once a Window what became of frames and sound, and nothing twice."""

from __future__ import annotations

from prometheus_client import REGISTRY

from tutor_emotion.media.counting import Teller
from tutor_emotion.media.decoding import Arrivals


def dropped(why: str) -> float:
    return REGISTRY.get_sample_value("tutor_emotion_frames_dropped_total", {"why": why}) or 0.0


def value(name: str) -> float:
    return REGISTRY.get_sample_value(f"tutor_emotion_{name}_total") or 0.0


def test_what_is_new_is_counted_once():
    frames, paused, slow = value("frames"), dropped("paused"), dropped("replaced")
    face, teller = Arrivals(decoded=10, unused=2, overtaken=1, dropped=3), Teller()
    teller.tell({"face": face})
    teller.tell({"face": face})
    assert value("frames") == frames + 10
    assert dropped("paused") == paused + 2
    assert dropped("replaced") == slow + 4
    face.decoded += 5
    teller.tell({"face": face})
    assert value("frames") == frames + 15


def test_sound_is_told_in_seconds_and_is_no_frame():
    frames, heard = value("frames"), value("sound_seconds")
    Teller().tell({"voice": Arrivals(decoded=50, heard_s=0.98, gap_s=0.02)})
    assert value("frames") == frames
    assert abs(value("sound_seconds") - heard - 0.98) < 1e-9
