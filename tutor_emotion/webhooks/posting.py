"""One POST to an address of the settings, and to no machine of our own net.

The name is looked up once, every address that it has must be public, and the connection goes to the
very address that was looked at: a name that answers otherwise the second time gains nothing.
Redirects are not followed.
"""

from __future__ import annotations

import socket
import ssl
from collections.abc import Mapping
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from ipaddress import ip_address
from urllib.parse import urlsplit

from django.conf import settings

from tutor_emotion.errors import NotAllowed, Unavailable

TIMEOUT_S = 5.0
SCHEMES = {"https": 443, "http": 80}


def post(url: str, body: bytes, headers: Mapping[str, str]) -> None:
    """Deliver, once.

    Raises:
        NotAllowed: ``webhook_address`` (not https, or not a public address; both may be otherwise
            under DEBUG), ``webhook_refused`` (the receiver said that it wants no more: 410).
        Unavailable: ``webhook_failed``: no connection, no answer in time, any other status.
    """
    parts = urlsplit(url)
    if parts.scheme not in SCHEMES or (parts.scheme == "http" and not settings.DEBUG):
        raise _refused("it is not https")
    host, port = parts.hostname or "", parts.port or SCHEMES[parts.scheme]
    target = f"{parts.path or '/'}{f'?{parts.query}' if parts.query else ''}"
    connection = _connection(parts.scheme, host, port, _public_address(host, port))
    try:
        connection.request("POST", target, body=body, headers=dict(headers))
        status = connection.getresponse().status
    except (OSError, HTTPException) as error:
        raise Unavailable("webhook_failed", f"No answer ({type(error).__name__}).") from None
    finally:
        connection.close()
    if status == 410:
        raise NotAllowed("webhook_refused", "The receiver wants no more of these (410).")
    if not 200 <= status < 300:
        raise Unavailable("webhook_failed", f"The receiver answered {status}.")


def _public_address(host: str, port: int) -> str:
    """One of the host's addresses, all of which are public."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise Unavailable("webhook_failed", "The receiver's name leads nowhere.") from None
    addresses = [str(entry[4][0]) for entry in found]
    if not settings.DEBUG and not all(map(_is_public, addresses)):
        raise _refused("it leads into a private net")
    return addresses[0]


def _is_public(text: str) -> bool:
    address = ip_address(text.partition("%")[0])
    mapped = getattr(address, "ipv4_mapped", None)
    address = mapped or address
    return address.is_global and not address.is_multicast


def _connection(scheme: str, host: str, port: int, address: str) -> HTTPConnection:
    if scheme == "http":
        return HTTPConnection(address, port, timeout=TIMEOUT_S)
    return _Pinned(host, port, address)


class _Pinned(HTTPSConnection):
    """TLS for the name, over a connection to the address."""

    def __init__(self, host: str, port: int, address: str) -> None:
        self._tls = ssl.create_default_context()
        super().__init__(host, port, timeout=TIMEOUT_S, context=self._tls)
        self._address = address

    def connect(self) -> None:
        plain = socket.create_connection((self._address, self.port), TIMEOUT_S)
        self.sock = self._tls.wrap_socket(plain, server_hostname=self.host)


def _refused(why: str) -> NotAllowed:
    return NotAllowed("webhook_address", f"A webhook's address is refused: {why}.")
