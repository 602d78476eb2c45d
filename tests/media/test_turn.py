"""TURN credentials: those of the scheme, new for each learner, none where none is configured."""

from __future__ import annotations

import base64
import hashlib
import hmac

from tutor_emotion.conf import Settings
from tutor_emotion.media.turn import browser_ice_servers

NOW = 1_800_000_000.7
URLS = ["turn:turn.example.org:3478?transport=udp", "turn:turn.example.org:3478?transport=tcp"]


def test_a_browser_gets_a_name_that_expires_and_its_mac() -> None:
    settings = Settings(TURN_URLS=URLS, TURN_SECRET="between us and coturn")
    (server,) = browser_ice_servers(settings, NOW)
    assert server["urls"] == URLS
    assert int(server["username"].split(":")[0]) == int(NOW) + 600
    expected = hmac.digest(b"between us and coturn", server["username"].encode(), hashlib.sha1)
    assert base64.b64decode(server["credential"]) == expected


def test_two_learners_of_the_same_second_share_no_name() -> None:
    """coturn counts its quota by name, and a whole class begins at once."""
    settings = Settings(TURN_URLS=URLS, TURN_SECRET="one")
    names = {browser_ice_servers(settings, NOW)[0]["username"] for _ in range(30)}
    assert len(names) == 30


def test_the_configured_servers_stay_first() -> None:
    stun = {"urls": ["stun:stun.example.org"]}
    settings = Settings(ICE_SERVERS=[stun], TURN_URLS=URLS, TURN_SECRET="s")
    assert browser_ice_servers(settings, NOW)[0] == stun


def test_without_turn_there_is_nothing_to_give() -> None:
    assert browser_ice_servers(Settings(), NOW) == []


def test_the_secret_is_not_in_the_settings_own_words() -> None:
    assert "between us" not in repr(Settings(TURN_SECRET="between us"))
