"""The watchdog, in virtual time: what is known and the time give the status."""

from __future__ import annotations

import pytest

from tutor_emotion.media.status import PeerStatus, Watch


@pytest.fixture
def watch() -> Watch:
    return Watch(100.0, 15.0, 3.0, 20.0, wanted={"face", "voice"})


def flow(watch: Watch, until_s: float, *modalities: str, since_s: float = 101.0) -> None:
    for modality in modalities:
        watch.saw(modality, since_s)
        watch.saw(modality, until_s)


def test_connecting_then_live_when_media_arrives(watch):
    assert watch.status(101.0) == PeerStatus("connecting")
    watch.connect(101.0)
    assert watch.status(101.5) == PeerStatus("connecting")
    flow(watch, 102.0, "face", "voice")
    assert watch.status(102.1) == PeerStatus("live", frozenset({"face", "voice"}))


def test_a_peer_that_never_connects_fails_after_the_limit(watch):
    assert watch.status(114.9).media == "connecting"
    assert watch.status(115.1) == PeerStatus("failed", reason="connect_timeout")
    watch.connect(115.2)
    assert watch.status(115.3).media == "failed"  # an end stands


def test_no_frame_for_three_seconds_is_stalled_and_frames_bring_it_back(watch):
    watch.connect(101.0)
    flow(watch, 110.0, "face", "voice")
    assert watch.status(112.9).media == "live"
    assert watch.status(113.0) == PeerStatus("stalled", reason="no_frames")
    watch.saw("voice", 114.0)
    assert watch.status(114.1) == PeerStatus("live", frozenset({"voice"}), "no_video")
    watch.saw("face", 114.2)
    assert watch.status(114.3) == PeerStatus("live", frozenset({"face", "voice"}))


def test_connected_but_no_media_at_all_is_stalled_too(watch):
    watch.connect(101.0)
    assert watch.status(104.1) == PeerStatus("stalled", reason="no_frames")


def test_stalled_too_long_is_closed(watch):
    watch.connect(101.0)
    flow(watch, 110.0, "face", "voice")
    assert watch.status(129.9).media == "stalled"
    assert watch.status(130.1) == PeerStatus("closed", reason="stalled_too_long")


def test_one_silent_track_is_named_and_does_not_stall_the_other(watch):
    watch.connect(101.0)
    for second in range(102, 160):
        watch.saw("face", float(second))
    assert watch.status(159.5) == PeerStatus("live", frozenset({"face"}), "no_sound")


def test_a_long_pause_is_not_a_stall(watch):
    watch.connect(101.0)
    flow(watch, 110.0, "face", "voice")
    watch.pause(True, 110.5)
    assert watch.status(400.0) == PeerStatus("paused")
    watch.pause(False, 400.0)
    assert watch.status(400.1) == PeerStatus("connecting")
    watch.saw("face", 400.2)
    assert watch.status(400.3) == PeerStatus("live", frozenset({"face"}))
    assert watch.status(403.5).media == "stalled"


def test_paused_twice_or_resumed_twice_changes_nothing(watch):
    watch.connect(101.0)
    flow(watch, 110.0, "face", "voice")
    watch.pause(False, 110.0)
    assert watch.status(110.1).media == "live"


def test_nothing_left_in_use_is_closed(watch):
    watch.connect(101.0)
    flow(watch, 110.0, "face", "voice")
    watch.wanted.clear()
    assert watch.status(110.1) == PeerStatus("closed", reason="revoked")


def test_the_first_end_stands(watch):
    watch.end("failed", "connection_failed")
    watch.end("closed", "connection_closed")
    assert watch.status(101.0) == PeerStatus("failed", reason="connection_failed")


# --- a page that sends less than was agreed to ----------------------------------------------------


def test_what_the_page_keeps_back_is_not_missing(watch):
    watch.connect(101.0)
    flow(watch, 110.0, "face", "voice")
    watch.sends(frozenset({"voice"}), 110.0)
    watch.saw("voice", 120.0)
    assert watch.status(120.1) == PeerStatus("live", frozenset({"voice"}))


def test_what_it_sends_again_has_a_moment_to_come(watch):
    watch.connect(101.0)
    flow(watch, 110.0, "face", "voice")
    watch.sends(frozenset({"voice"}), 110.0)
    watch.sends(frozenset({"face", "voice"}), 120.0)
    watch.saw("voice", 124.0)
    assert watch.status(122.9).reason == ""
    assert watch.status(124.0) == PeerStatus("live", frozenset({"voice"}), "no_video")


def test_sound_that_stops_while_it_is_all_there_is_stalls(watch):
    watch.connect(101.0)
    flow(watch, 110.0, "face", "voice")
    watch.sends(frozenset({"voice"}), 110.0)
    watch.saw("face", 112.0)  # was on its way
    assert watch.status(113.1) == PeerStatus("stalled", reason="no_frames")
    assert watch.status(133.0) == PeerStatus("closed", reason="stalled_too_long")


def test_a_page_cannot_ask_for_more_than_was_agreed_to(watch):
    watch.wanted.discard("face")
    watch.sends(frozenset({"face", "voice"}), 110.0)
    assert watch.due == {"voice"}
