"""TURN credentials for one browser, good for minutes, without a name in them.

The TURN REST scheme that coturn calls ``use-auth-secret`` (draft-uberti-behave-turn-rest-00): the
name begins with the time of expiry, the password is its HMAC-SHA1 under a secret that only we and
coturn know.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from typing import Any

from tutor_emotion.conf import Settings


def browser_ice_servers(settings: Settings, now_unix_s: float) -> list[dict[str, Any]]:
    """RTCIceServer dictionaries for the browser: the configured ones, and TURN where it is set."""
    servers = list(settings.ICE_SERVERS)
    if settings.TURN_URLS:
        # A name of its own for each browser: coturn counts its quota by name.
        name = f"{int(now_unix_s) + settings.TURN_LIFETIME_S}:{secrets.token_hex(6)}"
        mac = hmac.new(settings.TURN_SECRET.encode(), name.encode(), hashlib.sha1).digest()
        servers.append(
            {
                "urls": list(settings.TURN_URLS),
                "username": name,
                "credential": base64.b64encode(mac).decode(),
            }
        )
    return servers
