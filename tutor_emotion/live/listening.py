"""Whether a classroom heard everything that was said to it: pure, time is an argument."""

from __future__ import annotations

SILENCE_S = 15.0  # three beats of a process (board.BEAT_S) were missed


class Listening:
    """The last number heard of each process that has sessions of the course."""

    def __init__(self) -> None:
        self._last: dict[str, int] = {}
        self._heard_s: dict[str, float] = {}

    def heard(self, origin: str, seq: int, now_s: float) -> bool:
        """Message ``seq`` of a process came. False: something before it was missed."""
        last = self._last.get(origin)
        self._note(origin, seq, now_s)
        return last is not None and seq <= last + 1

    def answered(self, origin: str, seq: int, now_s: float) -> None:
        """A process told all its rows as of message ``seq``, which may overtake this one."""
        self._note(origin, seq, now_s)

    def _note(self, origin: str, seq: int, now_s: float) -> None:
        self._last[origin] = max(seq, self._last.get(origin, 0))
        self._heard_s[origin] = now_s

    def fell_silent(self, now_s: float) -> bool:
        """Whether a process has stopped to say anything; that is told once."""
        silent = [o for o, at_s in self._heard_s.items() if now_s - at_s > SILENCE_S]
        for origin in silent:
            del self._last[origin], self._heard_s[origin]
        return bool(silent)
