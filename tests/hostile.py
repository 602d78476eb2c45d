"""What nobody should send: websocket messages and SDP offers, without end, from one seed."""

from __future__ import annotations

import json
import random
import uuid
from collections.abc import Callable, Iterator
from typing import Any, TypeAlias

from tests.media.test_offer import AUDIO, GOOD, LOCAL, VIDEO

# Text, or the bytes of a binary message.
Sent: TypeAlias = str | bytes
Row: TypeAlias = dict[str, Any]

LEARNERS: tuple[Row, ...] = (
    {"type": "ping", "sent_s": 1.5},
    {"type": "step_shown", "step": "s", "skill": "k", "title": "A", "difficulty": 0.5},
    {"type": "answer", "step": "s", "skill": "k", "correct": False, "took_s": 3, "answer": "1/2"},
    {"type": "hint_request", "step": "s", "level": 1},
    {"type": "idle", "idle_s": 30},
    {"type": "activity", "busy": "typing"},
    {"type": "visibility", "hidden": True},
    {"type": "text", "text": "I do not get this at all"},
    {"type": "self_report", "feeling": "stuck"},
    {"type": "outcome", "adaptation": 1, "outcome": "taken", "choice": "hint"},
    {"type": "media_pause", "paused": True},
    {"type": "media_sending", "sensors": ["voice"]},
    {"type": "media_stop"},
    {"type": "rtc_candidate", "candidate": "candidate:1 1 udp 1 127.0.0.1 9 typ host"},
)
TEACHERS: tuple[Row, ...] = (
    {"type": "ping", "sent_s": 1.5},
    {"type": "acknowledge", "session": str(uuid.UUID(int=5)), "on_it": True},
    {"type": "resync"},
)
ODD: tuple[Any, ...] = (
    None, True, -1, 0, 2**31, 2**63, 2**64, 10**400, -0.0, 5e-324, 1.7e308, "", " ", "\x00",
    "a\x00b", "x" * 101, "x" * 2001, "é\u202e\ud83d\ude00", "\ud800", "../../etc/passwd",
    "' OR 1=1 --",
    "{{7*7}}", "%s%n", "<script>", [], {}, [[]], {"a": {}}, ["x"] * 500, {"__proto__": 1},
    "NaN", "1e999", "\u0661\u0662", "\r\n\r\n", "🫥" * 400,
)  # fmt: skip
MAX_SENT = 80 * 1024  # above what a message may have, under what the server reads at all


def mutated(text: str, rng: random.Random) -> str:
    """``text`` with a few of its letters changed."""
    letters = list(text)
    for _ in range(rng.randint(1, 6)):
        at = rng.randrange(len(letters))
        letters[at] = rng.choice(["", "\x00", "9" * 400, '"', "{", "[", "é", "\\ud800", "e99", "-"])
    return "".join(letters)


# --- messages -------------------------------------------------------------------------------------


def messages(valid: tuple[Row, ...], rng: random.Random) -> Iterator[Sent]:
    """Hostile, broken and merely odd messages around those of ``valid``; some are acceptable."""
    ways: tuple[Callable[[Row, random.Random], Sent], ...] = (
        lambda row, r: mutated(json.dumps(row), r),
        lambda row, _: json.dumps(row),
        _odd_value, _field_gone, _field_more, _bare_value, _cut, _large, _deep, _binary,
    )  # fmt: skip
    weights = (6, 3, 8, 2, 2, 1, 1, 1, 1, 1)
    while True:
        (way,) = rng.choices(ways, weights)
        yield way(dict(rng.choice(valid)), rng)


def _odd_value(row: Row, rng: random.Random) -> str:
    row[rng.choice(list(row))] = rng.choice(ODD)
    return json.dumps(row)


def _field_gone(row: Row, rng: random.Random) -> str:
    del row[rng.choice(list(row))]
    return json.dumps(row)


def _field_more(row: Row, rng: random.Random) -> str:
    row[rng.choice(["learner", "session", "grade", "__class__", "type ", ""])] = rng.choice(ODD)
    return json.dumps(row)


def _bare_value(_: Row, rng: random.Random) -> str:
    return json.dumps(rng.choice(ODD))


def _cut(row: Row, rng: random.Random) -> str:
    text = json.dumps(row)
    return text[: rng.randrange(len(text))]


def _large(row: Row, rng: random.Random) -> str:
    row["text"] = rng.choice(["x", "é", "\x00", "\\"]) * rng.choice([3_000, 30_000, 35_000])
    return json.dumps(row)[:MAX_SENT]


def _deep(_: Row, rng: random.Random) -> str:
    return rng.choice(["[", '{"type":', '{"a":[']) * rng.choice([50, 1_000, 10_000])


def _binary(row: Row, rng: random.Random) -> bytes:
    return rng.choice([json.dumps(row).encode(), rng.randbytes(64), b"", rng.randbytes(20_000)])


# --- offers ---------------------------------------------------------------------------------------

MAX_SDP = 60 * 1024


def offers(rng: random.Random, real: str = GOOD) -> Iterator[str]:
    """Mutations of a browser's offer (``real``), of which some are still acceptable."""
    ways: tuple[Callable[[list[str], random.Random], list[str]], ...] = (
        _lines_gone, _lines_again, _lines_elsewhere, _letters, _cut_short, _ports, _ice_flood,
        _sections, _odd_attribute, _line_long, _ends, lambda lines, _: lines,
    )  # fmt: skip
    while True:
        lines = rng.choice([real, GOOD]).splitlines()
        for way in rng.choices(ways, k=rng.choice([1, 1, 1, 2, 3])):
            lines = way(lines, rng)
        yield rng.choice(["\r\n", "\n", "\r\n"]).join(lines)[:MAX_SDP] + "\r\n"


ODD_LINES = (
    LOCAL,
    "a=sctp-port:5000",
    "a=rtcp-fb:* " + "x" * 900,
    "a=fmtp:96 " + "a=1;" * 200,
    "a=rtpmap:96 VP9/90000",
    "a=rtpmap:96 VP8/0",
    "a=rtpmap:999 VP8/90000",
    "a=extmap:0 urn:x",
    "a=extmap:99999 urn:x",
    "a=ssrc:-1 cname:x",
    "a=ssrc:1",
    "a=ssrc-group:FID 1 2 3 4",
    "a=setup:holdconn",
    "a=fingerprint:md5 00",
    "a=ice-options:trickle " + "x" * 500,
    "a=rtcp:99999 IN IP4 0.0.0.0",
    "a=mid:é",
    "a=max-message-size:-1",
    "b=AS:-99999999999",
    "a=group:BUNDLE " + "9 " * 200,
    "a=group:LS 0",
    "c=IN IP6 ::",
    "c=IN IP4 999.999.999.999",
    "a=msid:- \x00",
    "=",
    "a=",
    "\x00",
    "\u2028",
    "\ud83d\ude00" * 50,

    "m=application 9 UDP/DTLS/SCTP webrtc-datachannel", "m=video",
    "a=simulcast:recv 1;2",
    "a=rid:1 send",
    "a=crypto:1 AES_CM_128 inline:x",
)  # fmt: skip
Lines: TypeAlias = list[str]


def _at(lines: Lines, rng: random.Random) -> int:
    return rng.randrange(len(lines)) if lines else 0


def _lines_gone(lines: Lines, rng: random.Random) -> Lines:
    at = _at(lines, rng)
    return lines[:at] + lines[at + rng.randint(1, 3) :]


def _lines_again(lines: Lines, rng: random.Random) -> Lines:
    at = _at(lines, rng)
    return lines[:at] + lines[at : at + 1] * rng.choice([2, 3, 40, 700]) + lines[at + 1 :]


def _lines_elsewhere(lines: Lines, rng: random.Random) -> Lines:
    return rng.sample(lines, len(lines))


def _letters(lines: Lines, rng: random.Random) -> Lines:
    return mutated("\n".join(lines) or "v", rng).split("\n")


def _cut_short(lines: Lines, rng: random.Random) -> Lines:
    text = "\n".join(lines)
    return text[: rng.randrange(len(text) + 1)].split("\n")


def _ports(lines: Lines, rng: random.Random) -> Lines:
    port = rng.choice(["0", "1", "65535", "65536", "-1", "99999999999", "9/2", "", "nine", "\x00"])
    return [line.replace(" 9 ", f" {port} ") if line.startswith("m=") else line for line in lines]


def _ice_flood(lines: Lines, rng: random.Random) -> Lines:
    """Many candidates, of addresses where nothing should be sent to."""
    where = [
        "127.0.0.1", "0.0.0.0", "255.255.255.255", "224.0.0.1", "10.0.0.1", "::1", "ff02::1",
        "fe80::1", "169.254.169.254", "nobody.local", "example.invalid", "999.1.1.1", "\x00", "é",
    ]  # fmt: skip
    flood = [
        f"a=candidate:{n} {rng.choice(['1', '2', '0', '-1', 'x'])} "
        f"{rng.choice(['udp', 'UDP', 'tcp', 'sctp'])} {rng.choice(['1', '2122260223', '-5', 'é'])} "
        f"{rng.choice(where)} {rng.choice(['9', '0', '65536', '50000', 'x'])} typ "
        f"{rng.choice(['host', 'srflx', 'relay', 'prflx', 'moon'])}"
        for n in range(rng.choice([1, 3, 30, 33, 500]))
    ]
    at = _at(lines, rng)
    return lines[:at] + flood + lines[at:]


def _sections(lines: Lines, rng: random.Random) -> Lines:
    count = rng.choice([1, 2, 3, 5, 60])
    return lines + [
        line.replace("a=mid:0", f"a=mid:{n + 5}").replace("a=mid:1", f"a=mid:{n + 5}")
        for n in range(count)
        for line in rng.choice([AUDIO, VIDEO]).split("\n")
    ]


def _odd_attribute(lines: Lines, rng: random.Random) -> Lines:
    odd = rng.choice(ODD_LINES)
    at = _at(lines, rng)
    return [*lines[:at], odd, *lines[at:]]


def _line_long(lines: Lines, rng: random.Random) -> Lines:
    at = _at(lines, rng)
    return (
        lines[:at] + [line + rng.choice("x9 é") * 5_000 for line in lines[at : at + 1]] + lines[at:]
    )


def _ends(lines: Lines, rng: random.Random) -> Lines:
    return [line + rng.choice(["\r", "\x00", " ", "\t", "\n"]) for line in lines]
