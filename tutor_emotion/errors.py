"""One family of errors: each knows its code, what to do about it, and whether to try again.

They are raised where the fault is found, caught at the edge (consumer, view, command, task)
and shown there as they are.
"""

from __future__ import annotations


class TutorEmotionError(Exception):
    """A fault that a person or a client can act on.

    Args:
        code: stable, machine-readable, ``snake_case``; part of the public protocol.
        message: one sentence in plain words; carries no personal data.
        hint: what to do about it, or empty.
        retry: whether the same request may work later without being changed.
    """

    def __init__(self, code: str, message: str, *, hint: str = "", retry: bool = False) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.hint = hint
        self.retry = retry

    def __str__(self) -> str:
        return f"{self.code}: {self.message}" + (f" ({self.hint})" if self.hint else "")


class BadInput(TutorEmotionError):
    """The client or the file sent something that can never be accepted."""


class NotAllowed(TutorEmotionError):
    """The privacy gate, the law's profile or a permission says no."""


class Unavailable(TutorEmotionError):
    """Something that we need is away (broker, weights, worker); worth trying again."""

    def __init__(self, code: str, message: str, *, hint: str = "", retry: bool = True) -> None:
        super().__init__(code, message, hint=hint, retry=retry)


class TooFast(Unavailable):
    """Somebody, or an address, came more often than a door permits. ``wait_s``: seconds."""

    def __init__(self, wait_s: int, message: str = "That was too often in a minute.") -> None:
        super().__init__("too_fast", message, hint="Wait a moment, then try again.")
        self.wait_s = wait_s


def messages_away() -> Unavailable:
    """The broker of live messages is away."""
    return Unavailable("messages_away", "Live messages cannot be delivered just now.")


def database_away() -> Unavailable:
    """The database is away, locked or full; nothing of the request was kept."""
    text = "Nothing can be written down just now."
    return Unavailable("database_away", text, hint="Send the same again in a moment.")
