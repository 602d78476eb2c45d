"""What is no request, or an odd one: straight on a TCP connection, to pages and doors alike."""

from __future__ import annotations

import random
import socket
from collections.abc import Sequence
from urllib.parse import urlsplit

from tests.load.fuzz.http import LIMIT_S, Caller
from tests.load.fuzz.sockets import Tally

PATHS = (
    "/", "/tutor-emotion/setup/", "/tutor-emotion/sessions/", "/tutor-emotion/consents/",
    "/tutor-emotion/classroom/fractions/", "/tutor-emotion/classroom/fractions/report/",
    "/tutor-emotion/classroom/fractions/report.csv", "/lessons/fractions-1/", "/lessons/progress/",
    "/lessons/fractions-1/answer/", "/lessons/fractions-1/next/", "/sign-in/", "/lessons/",
    "/lessons/fractions-1/steps/shaded-part/", "/i18n/setlang/", "/admin/", "/admin/login/",
    "/admin/tutor_emotion/course/", "/static/tutor_emotion/dist/learner.js", "/healthz",
)  # fmt: skip
ODD_ENDS = (
    "", "?", "?a=%00", "?token=%ff%fe", "?language=%00", "?" + "a=1&" * 900,
    "%00", "%ff", "%2e%2e/",
    "../../../etc/passwd", "?page=-1", "?page=99999999999999999999", "?q=%27%22%3E", "?next=//evil",
    "?p=%00&o=1.2.3", "?from=%00&to=9999-99-99", "?class=%00", "?class=1e9", "?days=-1", "//", "é",
    "?" + "x" * 8000, "?days=99999999999",
    "?class=99999999999999999999999", "?next=%0d%0aSet-Cookie:a",
)  # fmt: skip
ODD_HEADERS = (
    "Content-Length: -1", "Content-Length: 99999999999", "Content-Length: x", "Host: evil.example",
    "Host: ", "Transfer-Encoding: chunked", "Transfer-Encoding: x", "Content-Type: \xff/\xfe",
    "Content-Type: multipart/form-data; boundary=", "Content-Type: application/json; charset=nope",
    "Content-Type: application/x-www-form-urlencoded; charset=utf-16", "Cookie: sessionid=\xff; =;",
    "Cookie: sessionid=" + "x" * 4000, "Accept-Language: " + "de-" * 500, "Accept-Language: \x00",
    "X-CSRFToken: \xe9", "Expect: 100-continue", "Upgrade: websocket\r\nConnection: Upgrade",
    "If-None-Match: \"x", "If-Modified-Since: never", "Range: bytes=99-1", "A" * 20_000 + ": x",
    "\x00: x", ": x", "Accept-Encoding: " + "gzip;q=é", "X-Forwarded-For: \x00", "Referer: \xff",
)  # fmt: skip
BODIES = (
    b"", b"{}", b"\xff" * 900, b"[" * 9000, b'{"token":"' + b"x" * 90_000 + b'"}', b"a=%00&b=%ff",
    b"username=%00&password=%00", b"username=" + b"x" * 9000 + b"&password=y", b"answer=%00",
    b"--x\r\nContent-Disposition: form-data; name=\"a\"; filename=\"../x\"\r\n\r\nb\r\n--x--\r\n",
    b"5\r\nhello\r\n0\r\n\r\n", b"ffffffffffffffff\r\n", b"language=%00&next=%00",
)  # fmt: skip
NO_REQUESTS = (
    b"", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", b"GET\r\n\r\n", b"\x00" * 300,
    b"GET / HTTP/9.9\r\n\r\n", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    b"GET http://[::1 HTTP/1.1\r\n\r\n",
    b"OPTIONS * HTTP/1.1\r\nHost: localhost\r\n\r\n",
    b"GET " + b"/" * 100_000, b"CONNECT localhost:1 HTTP/1.1\r\nHost: localhost\r\n\r\n",
    b"GET / HTTP/1.1\n\n",
)  # fmt: skip
WAIT_S = 1.0
METHODS = ("GET", "GET", "POST", "POST", "HEAD", "PUT", "DELETE", "OPTIONS", "TRACE", "BREW")
KINDS = (
    "application/json", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x",
    "text/html",
)  # fmt: skip


def raw_requests(
    url: str, callers: Sequence[Caller], count: int, rng: random.Random, tally: Tally
) -> None:
    """``count`` of them, straight on a TCP connection."""
    for _ in range(count):
        sent = _raw(rng, rng.choice(callers))
        tally.sent += 1
        try:
            status = _status(url, sent)
        except OSError as error:
            tally.fault(f"raw: {type(error).__name__}", sent)
            continue
        tally.said[status] += 1
        if status.startswith("5"):
            tally.fault(f"raw: {status}", sent)


def _unfinished(sent: bytes) -> bool:
    """Whether the server may well wait for the rest of it."""
    odd = (b"\nTransfer-Encoding", b"\nExpect", b"\nUpgrade", b"\nContent-Length: 9")
    return sent in NO_REQUESTS or sent.count(b"Content-Length") > 1 or any(o in sent for o in odd)


def _status(url: str, sent: bytes) -> str:
    where = urlsplit(url)
    with socket.create_connection((where.hostname, where.port), LIMIT_S) as wire:
        wire.settimeout(WAIT_S if _unfinished(sent) else LIMIT_S)
        try:
            wire.sendall(sent)
            first = wire.recv(64)
        except (ConnectionResetError, BrokenPipeError):
            return "closed"  # it did not want to hear the rest
        except TimeoutError:
            return "waits" if _unfinished(sent) else "599 silence"
    return first.split(b" ")[1].decode() if first.startswith(b"HTTP/1.") else "closed"


def _raw(rng: random.Random, caller: Caller) -> bytes:
    if rng.random() < 0.1:
        return rng.choice(NO_REQUESTS)
    method = rng.choice(METHODS)
    body = rng.choice(BODIES) if method in ("POST", "PUT", "DELETE") else b""
    lines = [
        f"{method} {rng.choice(PATHS)}{rng.choice(ODD_ENDS)} HTTP/1.1",
        f"Host: {rng.choice(['localhost', 'localhost', '127.0.0.1'])}",
        "Cookie: " + "; ".join(f"{k}={v}" for k, v in caller.cookies.items()),
        f"X-CSRFToken: {caller.csrf}",
        f"Content-Length: {len(body)}",
        f"Content-Type: {rng.choice(KINDS)}",
        *rng.sample(ODD_HEADERS, rng.randint(0, 2)),
        "Connection: close",
    ]
    return "\r\n".join(lines).encode("latin-1", "replace") + b"\r\n\r\n" + body
