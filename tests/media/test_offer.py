"""Offers: what is let through, turned off and refused, and what the answer asks for."""

from __future__ import annotations

import re
import time

import pytest
from aiortc.sdp import SessionDescription

from tests.media.senders import Call, Camera, Microphone
from tutor_emotion.errors import BadInput
from tutor_emotion.media.offer import modest_answer, parse_candidate, vet_offer

BOTH = frozenset({"face", "voice"})
HEAD = """v=0
o=- 1 2 IN IP4 127.0.0.1
s=-
t=0 0
a=group:BUNDLE 0 1"""
PRINT = ":".join(["AB"] * 32)
VIDEO = f"""m=video 9 UDP/TLS/RTP/SAVPF 96 97
c=IN IP4 0.0.0.0
a=ice-ufrag:abcd
a=ice-pwd:abcdefghijklmnopqrstuvwx
a=fingerprint:sha-256 {PRINT}
a=setup:actpass
a=mid:0
a=sendrecv
a=rtcp-mux
a=rtpmap:96 VP8/90000
a=rtpmap:97 rtx/90000
a=fmtp:97 apt=96"""
AUDIO = f"""m=audio 9 UDP/TLS/RTP/SAVPF 111
c=IN IP4 0.0.0.0
a=ice-ufrag:abcd
a=ice-pwd:abcdefghijklmnopqrstuvwx
a=fingerprint:sha-256 {PRINT}
a=setup:actpass
a=mid:1
a=sendrecv
a=rtcp-mux
a=rtpmap:111 opus/48000/2"""
LOCAL = "a=candidate:1 1 udp 2122194687 3a5f6d7e-aaaa-bbbb-cccc-0123456789ab.local 50000 typ host"
GOOD = "\r\n".join([HEAD, VIDEO, AUDIO]).replace("\r\n", "\n") + "\n"


def directions(sdp: str) -> list[str]:
    return [m.direction for m in SessionDescription.parse(sdp).media]


def test_an_honest_offer_is_received_and_never_answered_with_media():
    offer = vet_offer(GOOD, BOTH)
    assert offer.receiving == BOTH
    assert directions(offer.sdp) == ["sendonly", "sendonly"]


def test_what_is_not_allowed_is_turned_off_before_aiortc_sees_it():
    offer = vet_offer(GOOD, frozenset({"voice"}))
    assert offer.receiving == {"voice"}
    assert directions(offer.sdp) == ["inactive", "sendonly"]


def test_only_the_first_camera_is_received():
    second = VIDEO.replace("a=mid:0", "a=mid:2")
    offer = vet_offer("\n".join([HEAD, VIDEO, AUDIO, second]), BOTH)
    assert directions(offer.sdp) == ["sendonly", "sendonly", "inactive"]


def test_a_section_that_only_wants_to_receive_gets_nothing():
    offer = vet_offer(GOOD.replace("a=sendrecv", "a=recvonly", 1), BOTH)
    assert directions(offer.sdp) == ["inactive", "sendonly"]


def test_a_direction_of_the_session_counts_where_the_section_has_none():
    bare = GOOD.replace("a=sendrecv\n", "").replace("t=0 0\n", "t=0 0\na=recvonly\n")
    with pytest.raises(BadInput) as refused:
        vet_offer(bare, BOTH)
    assert refused.value.code == "media_not_allowed"


def test_names_of_multicast_are_left_for_later():
    offer = vet_offer(GOOD.replace("a=rtcp-mux", f"a=rtcp-mux\n{LOCAL}\na=end-of-candidates"), BOTH)
    assert [c.sdpMid for c in offer.hidden_candidates] == ["0", "1"]
    assert ".local" not in offer.sdp
    assert "end-of-candidates" not in offer.sdp


def without(pattern: str, text: str = GOOD) -> str:
    return re.sub(pattern, "", text)


HOSTILE = {
    "empty": ("", "bad_sdp"),
    "garbage": ("hello, camera", "bad_sdp"),
    "nulls": ("\0" * 500, "bad_sdp"),
    "binary": ("".join(map(chr, range(256))) * 20, "bad_sdp"),
    "json": ('{"sdp": "v=0"}', "bad_sdp"),
    "not text": (None, "bad_sdp"),
    "bytes": (GOOD.encode(), "bad_sdp"),
    "only the head": (HEAD, "bad_sdp"),
    "surrogates": ("v=0\n\ud800=1\n", "bad_sdp"),
    "right to left": (GOOD.replace("s=-", "s=\u202e"), "bad_sdp"),
    "megabytes": (GOOD + "a=x:" + "y" * 2_000_000, "sdp_too_large"),
    "one long line": (GOOD + "a=x:" + "y" * 5_000, "sdp_too_large"),
    "a thousand lines": (GOOD + "a=x:y\n" * 1_000, "sdp_too_large"),
    "a thousand cameras": (
        "\n".join([HEAD, *["m=video 9 UDP/TLS/RTP/SAVPF 96"] * 500]),
        "too_many_tracks",
    ),
    "five tracks": ("\n".join([HEAD, *[VIDEO] * 5]), "too_many_tracks"),
    "no ufrag": (without(r"a=ice-ufrag:\w+\n"), "bad_sdp"),
    "no password": (without(r"a=ice-pwd:\w+\n"), "bad_sdp"),
    "short password": (GOOD.replace("abcdefghijklmnopqrstuvwx", "abc"), "bad_sdp"),
    "no fingerprint": (without(r"a=fingerprint:.*\n"), "bad_sdp"),
    "md5 fingerprint": (GOOD.replace("sha-256", "md5"), "bad_sdp"),
    "odd fingerprint": (GOOD.replace(PRINT, "XYZ"), "bad_sdp"),
    "no setup": (without(r"a=setup:\w+\n"), "bad_sdp"),
    "odd setup": (GOOD.replace("actpass", "holdconn"), "bad_sdp"),
    "no mid": (without(r"a=mid:0\n"), "bad_sdp"),
    "one mid twice": (GOOD.replace("a=mid:1", "a=mid:0"), "bad_sdp"),
    "no rtcp-mux": (without(r"a=rtcp-mux\n"), "bad_sdp"),
    "plain RTP": (GOOD.replace("UDP/TLS/RTP/SAVPF", "RTP/AVP"), "bad_sdp"),
    "a data channel": (
        GOOD + "m=application 9 UDP/DTLS/SCTP webrtc-datachannel\na=mid:2\n",
        "bad_sdp",
    ),
    "text media": (GOOD.replace("m=video", "m=text"), "bad_sdp"),
    "payload type of letters": (GOOD.replace("SAVPF 96 97", "SAVPF abc"), "bad_sdp"),
    "no payload type": (GOOD.replace("SAVPF 96 97", "SAVPF"), "bad_sdp"),
    "only AV1": (GOOD.replace("VP8/90000", "AV1/90000"), "unsupported_codec"),
    "an unknown voice": (GOOD.replace("opus/48000/2", "speex/16000"), "unsupported_codec"),
    "a bundle of strangers": (GOOD.replace("BUNDLE 0 1", "BUNDLE 7 0 1"), "bad_sdp"),
    "a bad candidate": (GOOD + "a=candidate:1 1 udp x 127.0.0.1 5 typ host\n", "bad_sdp"),
    "too many candidates": (GOOD + "a=candidate:1 1 udp 1 127.0.0.1 5 typ host\n" * 40, "bad_sdp"),
}
# What only aiortc can refuse: the text is well-formed, the meaning is not.
ABSURD = {
    "payload type 300": GOOD.replace("SAVPF 96 97", "SAVPF 300"),
    "forbidden payload type": GOOD.replace("SAVPF 96 97", "SAVPF 72"),
    "rtpmap without a rate": GOOD.replace("VP8/90000", "VP8/90000\na=rtpmap:98 VP9"),
    "feedback of nobody": GOOD.replace("a=fmtp:97", "a=rtcp-fb:120 nack\na=fmtp:97"),
    "apt of letters": GOOD.replace("apt=96", "apt=many"),
    "extmap without a name": GOOD.replace("a=rtcp-mux", "a=rtcp-mux\na=extmap:1"),
    "ssrc of letters": GOOD.replace("a=rtcp-mux", "a=rtcp-mux\na=ssrc:abc cname:x"),
    "an address that is none": GOOD.replace("IN IP4 0.0.0.0", "IN IP9 x"),
    "an empty attribute": GOOD.replace("a=rtcp-mux", "a=rtcp-mux\na=fingerprint"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_offer_is_refused_with_a_code(name):
    sdp, code = HOSTILE[name]
    began = time.thread_time()
    with pytest.raises(BadInput) as refused:
        vet_offer(sdp, BOTH)
    assert refused.value.code == code
    assert time.thread_time() - began < 0.1


def test_nothing_allowed_is_refused():
    for allowed in (frozenset(), frozenset({"text", "interaction"})):
        with pytest.raises(BadInput) as refused:
            vet_offer(GOOD, allowed)
        assert refused.value.code == "media_not_allowed"


async def test_the_answer_asks_for_little():
    async with Call(Camera(), Microphone(b"")) as call:
        offer = SessionDescription.parse(await call.offer())
    text = modest_answer(str(offer), video_kbps=150, audio_kbps=24, ptime_ms=20)
    video, audio = text.split("m=audio")
    assert "b=AS:150\r\nb=TIAS:150000\r\n" in video
    assert "b=AS:40\r\nb=TIAS:24000\r\n" in audio  # with 16 kbit/s of headers, and without
    assert "stereo=0" in audio
    assert "maxaveragebitrate=24000" in audio
    assert "a=ptime:20\r\n" in audio
    assert re.search(r"a=rtcp-fb:(\d+) nack\r\n", audio), "lost sound may be asked for again"
    assert len(SessionDescription.parse(text).media) == 2


@pytest.mark.parametrize(
    "line",
    [
        "candidate:1 1 udp 2122194687 127.0.0.1 50000 typ host",
        "a=candidate:1 1 udp 2122194687 ::1 50000 typ host generation 0 ufrag abcd",
        "candidate:1 1 tcp 1518280447 10.0.0.7 9 typ host tcptype active",
        LOCAL,
    ],
)
def test_candidates_of_browsers_are_read(line):
    assert parse_candidate(line).type == "host"


@pytest.mark.parametrize(
    "line",
    [
        "hello",
        "candidate:",
        "candidate:1 1 udp 1 127.0.0.1",
        "candidate:1 1 udp x 127.0.0.1 5 typ host",
        "candidate:1 1 udp 1 metadata.internal 80 typ host",
        "candidate:1 1 udp 1 127.0.0.1 99999 typ host",
        "candidate:1 1 udp 1 127.0.0.1 5 typ magic",
        "candidate:1 1 udp -7 127.0.0.1 5 typ host",
        "candidate:1 1 udp 1 ../../x.local 5 typ host",
        "candidate:1 1 udp 1 127.0.0.1 5 typ host" + " x" * 1000,
        "candidate:\u0661 1 udp 1 127.0.0.1 5 typ host",
    ],
)
def test_other_candidates_are_refused(line):
    with pytest.raises(BadInput) as refused:
        parse_candidate(line)
    assert refused.value.code == "bad_candidate"
