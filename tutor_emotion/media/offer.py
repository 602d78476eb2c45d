"""An SDP offer is vetted before aiortc sees it, and the answer says how little we want.

aiortc trusts what it parses: a thousand media sections block the loop for seconds, and what is
missing is found out by never connecting. So the text is bounded, checked and rewritten here.
"""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from typing import Literal

from aiortc import RTCIceCandidate
from aiortc.sdp import candidate_from_sdp

from tutor_emotion.core.types import Modality
from tutor_emotion.errors import BadInput
from tutor_emotion.protocol import MAX_SDP_BYTES

MAX_SECTIONS = 4
MAX_LINES = 600
MAX_LINE = 1024
MAX_CANDIDATES = 32
MODALITY_OF: dict[str, Modality] = {"audio": "voice", "video": "face"}
CODECS = {"audio": ("opus", "pcmu", "pcma", "g722"), "video": ("vp8", "h264")}
STATIC_AUDIO = {"0", "8", "9"}  # payload types of PCMU, PCMA and G722 need no rtpmap (RFC 3551)

_SECTION = re.compile(r"m=(audio|video) \d{1,5} UDP/TLS/RTP/SAVPF(( \d{1,3})+)$")
_DIRECTION = re.compile(r"a=(sendrecv|sendonly|recvonly|inactive)$")
_REQUIRED = {
    "ice-ufrag": re.compile(r"a=ice-ufrag:[A-Za-z0-9+/_-]{4,256}$"),
    "ice-pwd": re.compile(r"a=ice-pwd:[A-Za-z0-9+/_-]{22,256}$"),
    "fingerprint": re.compile(
        r"a=fingerprint:sha-(256|384|512)( [0-9A-Fa-f]{2}(:[0-9A-Fa-f]{2})+)$"
    ),
    "setup": re.compile(r"a=setup:(actpass|active|passive)$"),
}
_MID = re.compile(r"a=mid:[A-Za-z0-9_.-]{1,32}$")
_CANDIDATE = re.compile(r"(?:a=)?candidate:(.+)$")
_BROADCAST = ipaddress.ip_address("255.255.255.255")
_HIDDEN = re.compile(r"[0-9A-Za-z-]{1,64}\.local$")
_RTPMAP = re.compile(r"a=rtpmap:\d{1,3} ([A-Za-z0-9.-]+)/\d+")


@dataclass(frozen=True, slots=True)
class Offer:
    """A vetted offer: ``sdp`` for aiortc, and the modalities whose media will be received.

    ``hidden_candidates`` are those with a multicast name, which take a second to resolve.
    """

    sdp: str
    receiving: frozenset[Modality]
    hidden_candidates: tuple[RTCIceCandidate, ...] = ()


def bad_sdp(why: str) -> BadInput:
    return BadInput("bad_sdp", f"The SDP offer cannot be used: {why}.")


def vet_offer(sdp: str, allowed: frozenset[Modality]) -> Offer:
    """Check ``sdp``; turn off each section that is not ``allowed``, or not the first of its kind.

    Raises:
        BadInput: ``sdp_too_large``, ``too_many_tracks``, ``unsupported_codec``,
            ``media_not_allowed`` or ``bad_sdp``.
    """
    head, sections = _split(sdp)
    shared = {name for name, form in _REQUIRED.items() if any(map(form.match, head))}
    default = next((m[1] for m in map(_DIRECTION.match, head) if m), "sendrecv")
    receiving: set[Modality] = set()
    lines = list(head)
    mids: set[str] = set()
    hidden: list[RTCIceCandidate] = []
    for section in sections:
        kind = _check_section(section, shared)
        mid = next(line for line in section if line.startswith("a=mid:"))
        if mid in mids:
            raise bad_sdp("two sections have the same mid")
        mids.add(mid)
        modality = MODALITY_OF[kind]
        direction = next((m[1] for m in map(_DIRECTION.match, section) if m), default)
        wanted = modality in allowed and modality not in receiving and direction.startswith("send")
        if wanted:
            receiving.add(modality)
        named = _hidden_candidates(section, mid.removeprefix("a=mid:"))
        hidden += named
        lines += [line for line in section if not _left_out(line, bool(named))]
        lines.append("a=sendonly" if wanted else "a=inactive")
    if not _bundled(head) <= {mid.removeprefix("a=mid:") for mid in mids}:
        raise bad_sdp("its bundle names a section that is not there")
    if not receiving:
        raise BadInput(
            "media_not_allowed", "Nothing in this offer may be received in this session."
        )
    return Offer("\r\n".join(lines) + "\r\n", frozenset(receiving), tuple(hidden))


def _bundled(head: list[str]) -> set[str]:
    """The mids that share one transport; aiortc cannot even close what bundles with a stranger."""
    groups = [line.split() for line in head if line.startswith("a=group:BUNDLE")]
    return {mid for group in groups for mid in group[1:]}


def parse_candidate(text: str) -> RTCIceCandidate:
    """An ICE candidate line, with or without ``a=``.

    Raises:
        BadInput: ``bad_candidate``.
    """
    bad = BadInput("bad_candidate", "The ICE candidate cannot be read.")
    match = _CANDIDATE.match(text.strip())
    if match is None or len(text) > MAX_LINE or not text.isascii():
        raise bad
    try:
        parsed = candidate_from_sdp(match[1])
        if not _HIDDEN.match(parsed.ip):
            address = ipaddress.ip_address(parsed.ip)
            # Whoever names an address has us send to it: a few packets, and never to many at once.
            if address.is_multicast or address.is_unspecified or address == _BROADCAST:
                raise bad
    except (AssertionError, ValueError, IndexError) as error:
        raise bad from error
    known = parsed.type in ("host", "srflx", "prflx", "relay") and 1 <= parsed.component <= 256
    if not (known and 0 <= parsed.port <= 65_535 and 0 <= parsed.priority < 2**32):
        raise bad
    return parsed


def _hidden_candidates(section: list[str], mid: str) -> list[RTCIceCandidate]:
    """The section's candidates with a multicast name; every one is checked."""
    hidden = []
    for line in section:
        if line.startswith("a=candidate:"):
            try:
                candidate = parse_candidate(line)
            except BadInput as error:
                raise bad_sdp("a candidate cannot be read") from error
            if candidate.ip.endswith(".local"):
                candidate.sdpMid = mid
                hidden.append(candidate)
    return hidden


def _left_out(line: str, later_candidates: bool) -> bool:
    """Directions are written anew; hidden candidates come later, so that this is not their end."""
    if _DIRECTION.match(line):
        return True
    return later_candidates and (
        line == "a=end-of-candidates" or (line.startswith("a=candidate:") and ".local " in line)
    )


def _split(sdp: str) -> tuple[list[str], list[list[str]]]:
    """Session lines and media sections, bounded and printable."""
    if not isinstance(sdp, str):
        raise bad_sdp("it is not text")
    if len(sdp.encode("utf-8", "replace")) > MAX_SDP_BYTES:
        raise BadInput("sdp_too_large", f"An SDP offer has at most {MAX_SDP_BYTES} bytes.")
    lines = [line for line in re.split(r"\r\n|\n", sdp) if line]
    if len(lines) > MAX_LINES or any(len(line) > MAX_LINE for line in lines):
        raise BadInput("sdp_too_large", f"An SDP offer has at most {MAX_LINES} short lines.")
    if not lines or lines[0] != "v=0":
        raise bad_sdp("it does not begin with v=0")
    if any(not line.isascii() or not line.isprintable() or line[1:2] != "=" for line in lines):
        raise bad_sdp("it has a line that is not SDP")
    if sum(line.startswith("a=candidate:") for line in lines) > MAX_CANDIDATES:
        raise bad_sdp(f"it has more than {MAX_CANDIDATES} candidates")
    starts = [at for at, line in enumerate(lines) if line.startswith("m=")]
    if not starts:
        raise bad_sdp("it has no media section")
    if len(starts) > MAX_SECTIONS:
        raise BadInput("too_many_tracks", f"An offer has at most {MAX_SECTIONS} media sections.")
    ends = [*starts[1:], len(lines)]
    sections = [lines[a:b] for a, b in zip(starts, ends, strict=True)]
    return lines[: starts[0]], sections


def _check_section(section: list[str], shared: set[str]) -> Literal["audio", "video"]:
    """The kind of a media section that can be answered."""
    if (opening := _SECTION.match(section[0])) is None:
        raise bad_sdp("a media section is neither audio nor video over DTLS")
    kind: Literal["audio", "video"] = "audio" if opening[1] == "audio" else "video"
    for name, form in _REQUIRED.items():
        given = [line for line in section if line.startswith(f"a={name}:")]
        if any(not form.match(line) for line in given) or not (given or name in shared):
            raise bad_sdp(f"{name} is missing or malformed")
    if sum(bool(_MID.match(line)) for line in section) != 1:
        raise bad_sdp("mid is missing or malformed")
    if "a=rtcp-mux" not in section:
        raise bad_sdp("rtcp-mux is missing")
    named = {m[1].lower() for m in map(_RTPMAP.match, section) if m}
    static = kind == "audio" and STATIC_AUDIO & set(opening[2].split())
    if not (named & set(CODECS[kind]) or static):
        known = ", ".join(CODECS[kind])
        raise BadInput("unsupported_codec", f"No codec for {kind} that we know: {known}.")
    return kind


def modest_answer(sdp: str, *, video_kbps: int, audio_kbps: int, ptime_ms: int) -> str:
    """aiortc's answer, asking the browser for little: bitrate by b=AS and b=TIAS, mono Opus."""
    lines: list[str] = []
    kind = ""
    for line in sdp.splitlines():
        if line.startswith("m="):
            kind = line[2:].split(" ", 1)[0]
        lines.append(line)
        if line.startswith("c=") and kind:
            kbps, headers = (video_kbps, 0) if kind == "video" else (audio_kbps, 16)
            lines += [f"b=AS:{kbps + headers}", f"b=TIAS:{kbps * 1000}"]
        if opus := re.match(r"a=rtpmap:(\d+) opus/48000", line):
            lines.append(
                f"a=fmtp:{opus[1]} minptime=10;stereo=0;sprop-stereo=0;useinbandfec=0;"
                f"maxaveragebitrate={audio_kbps * 1000}"
            )
            lines += [f"a=ptime:{ptime_ms}", f"a=maxptime:{ptime_ms}"]
            lines.append(f"a=rtcp-fb:{opus[1]} nack")  # browsers keep sound to send again if asked
    return "\r\n".join(lines) + "\r\n"
