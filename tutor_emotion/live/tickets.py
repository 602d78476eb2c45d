"""A ticket for one socket: signed, for one person and one room, good for a minute and once.

A cookie says who somebody is, and every site that they visit can make their browser send it. A
ticket is fetched by our own page, and a copy of it, out of a log or a proxy, opens nothing any
more. It travels as the second subprotocol of the websocket, so that it is in no address.
"""

from __future__ import annotations

import secrets
from datetime import timedelta

import redis
from django.core import signing

from tutor_emotion import shared
from tutor_emotion.conf import get_settings
from tutor_emotion.errors import NotAllowed, messages_away
from tutor_emotion.models import LearnerId

SALT = "tutor_emotion.ticket"
# The separator is one that the name of a subprotocol may have in it.
_SIGNER = signing.TimestampSigner(sep=".", salt=SALT)


def issue(room: str, user_id: LearnerId) -> str:
    """A ticket of this person for ``session/<id>`` or ``classroom/<course>``."""
    held = {"r": room, "u": str(user_id), "n": secrets.token_urlsafe(9)}
    return _SIGNER.sign_object(held)


def redeem(ticket: str, room: str, user_id: LearnerId) -> None:
    """Take a ticket that fits; it never fits again.

    Raises:
        NotAllowed: ``bad_ticket``: none, forged, too old, used, of somebody else, for another room.
            Worth trying again, with a new one.
        Unavailable: ``messages_away``, nobody can say whether it was used.
    """
    max_age_s = get_settings().TICKET_MAX_AGE_S
    try:
        held = _SIGNER.unsign_object(ticket, max_age=timedelta(seconds=max_age_s))
    except (signing.BadSignature, ValueError):
        raise _bad() from None
    if (held["r"], held["u"]) != (room, str(user_id)):
        raise _bad()
    try:
        unused = shared.first(f"ticket:{held['n']}", max_age_s + 1)
    except redis.RedisError:
        raise messages_away() from None
    if not unused:
        raise _bad()


def _bad() -> NotAllowed:
    return NotAllowed(
        "bad_ticket",
        "This socket's ticket is missing, used or too old.",
        hint="Fetch a new one and connect again.",
        retry=True,
    )
