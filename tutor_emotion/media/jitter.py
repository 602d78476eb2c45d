"""What was lost on the way: what to ask for again, and until when the rest waits for it.

Pure; time is an argument. aiortc's own buffers count packets and ask once: measured with 5 % of the
packets lost, that costs 25 % of the sound and freezes the picture for seconds. Here everything is
measured in time, what is missing is asked for again and again, and a picture that cannot be
repaired waits for the next key frame, which is asked for early. It never waits longer than that:
a Window needs what is new, not all that was.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

LAPSE = 3_000  # packets; a greater jump in the numbering is a new stream
FIRST_ASK_S = (0.02, 0.25)  # a packet that is only late comes by itself
AGAIN_S = 0.1
MOST_ASKS = 8
MOST_MISSING = 128
WORTH_S = 1.5  # what is older is of no use to anybody
SOUND_WAITS_S = 0.4
KEY_AFTER_S = 0.3
KEY_EVERY_S = 0.5
KEPT_S = 2.0
MOST_KEPT = 512


# Tuples where one is made for each packet: a frozen dataclass takes three times as long.
class Piece(NamedTuple):
    """One RTP packet without its wrapping. ``number``: its 16 bits.

    ``last``: a picture ends with it. ``key``: a key frame begins with it.
    """

    number: int
    timestamp: int
    data: bytes
    last: bool = False
    key: bool = False


class Coded(NamedTuple):
    """One frame for a decoder; ``timestamp`` in RTP units (32 bits)."""

    data: bytes
    timestamp: int


def unwrapped(number: int, near: int) -> int:
    """The count nearest to ``near`` that ends in these 16 bits."""
    return near + ((number - near + 0x8000) & 0xFFFF) - 0x8000


@dataclass(slots=True)
class _Asked:
    noticed_s: float
    asked_s: float = 0.0
    times: int = 0


class Missing:
    """Which packets to ask for again. The first time only when mere lateness is past.

    How late packets come is learnt: one that came by itself shortly before we would have asked
    makes us wait longer, up to a quarter of a second; each that came in order a little shorter.
    """

    def __init__(self) -> None:
        self._newest: int | None = None
        self._asked: dict[int, _Asked] = {}
        self.patience_s = FIRST_ASK_S[0]

    def saw(self, number: int, now_s: float) -> None:
        if self._newest is None or abs(unwrapped(number, self._newest) - self._newest) > LAPSE:
            self._newest = number
            self._asked.clear()
            return
        count = unwrapped(number, self._newest)
        if count <= self._newest:
            self._came_late(count, now_s)
            return
        self.patience_s = max(FIRST_ASK_S[0], 0.995 * self.patience_s)
        for lost in range(max(self._newest + 1, count - MOST_MISSING), count):
            self._asked[lost] = _Asked(now_s)
        self._newest = count

    def due(self, now_s: float) -> list[int]:
        """The 16 bits of those to ask for now; they count as asked for."""
        if not self._asked:
            return []
        self._asked = {n: a for n, a in self._asked.items() if not _given_up(a, now_s)}
        while len(self._asked) > MOST_MISSING:
            del self._asked[next(iter(self._asked))]
        due = [n for n, asked in self._asked.items() if self._is_due(asked, now_s)]
        for count in due:
            asked = self._asked[count]
            asked.asked_s, asked.times = now_s, asked.times + 1
        return [count & 0xFFFF for count in due]

    def _is_due(self, asked: _Asked, now_s: float) -> bool:
        if asked.times == 0:
            return now_s - asked.noticed_s >= self.patience_s
        return now_s - asked.asked_s >= AGAIN_S * (1 + asked.times / 4)

    def _came_late(self, count: int, now_s: float) -> None:
        asked = self._asked.pop(count, None)
        if asked and not asked.times and now_s - asked.noticed_s > 0.7 * self.patience_s:
            self.patience_s = min(FIRST_ASK_S[1], 1.5 * self.patience_s)


def _given_up(asked: _Asked, now_s: float) -> bool:
    return asked.times >= MOST_ASKS or now_s - asked.noticed_s > WORTH_S


class _Held(NamedTuple):
    piece: Piece
    came_s: float


class _Line:
    """Packets in the order of their numbers, from the next that is wanted."""

    def __init__(self) -> None:
        self._held: dict[int, _Held] = {}
        self._next: int | None = None  # nothing before it is wanted any more
        self._newest = 0

    def _hold(self, piece: Piece, now_s: float) -> bool:
        """False if its time has passed."""
        count = unwrapped(piece.number, self._newest)
        if self._next is None or abs(count - self._newest) > LAPSE:
            self._held.clear()
            self._next = self._newest = count = piece.number
            self._begin(now_s)
        if count < self._next:
            return False
        self._newest = max(self._newest, count)
        self._held[count] = _Held(piece, now_s)
        return True

    def _begin(self, now_s: float) -> None:
        """A new stream."""

    def _waits_s(self, now_s: float) -> float:
        """For how long what is here has waited for what is not."""
        return now_s - min((held.came_s for held in self._held.values()), default=now_s)


class SoundLine(_Line):
    """A packet is a frame. A hole is waited for, and then left to be placed as silence."""

    def add(self, piece: Piece, now_s: float, patience_s: float = 0.0) -> list[Coded]:
        """What can be heard now. ``patience_s``: how late packets come on this path."""
        if not self._hold(piece, now_s):
            return []
        ready = [*self._in_order()]
        while self._held and self._waits_s(now_s) >= SOUND_WAITS_S + patience_s:
            self._next = min(self._held)
            ready += self._in_order()
        return ready

    def _in_order(self) -> Iterator[Coded]:
        while self._next is not None and (held := self._held.pop(self._next, None)) is not None:
            self._next += 1
            if held.piece.data:
                yield Coded(held.piece.data, held.piece.timestamp)


class PictureLine(_Line):
    """Only pictures that can be decoded: each whole, each after the one that it is made from."""

    def __init__(self) -> None:
        super().__init__()
        self._needs_key = True
        self._froze_s = 0.0
        self._asked_s = float("-inf")

    def add(self, piece: Piece, now_s: float, patience_s: float = 0.0) -> tuple[list[Coded], bool]:
        """What can be seen now, and whether to ask for a key frame."""
        ready: list[Coded] = []
        if self._hold(piece, now_s):
            ready = [*self._pictures(now_s)]
            self._let_go(now_s)
        return ready, self._asks(now_s, KEY_AFTER_S + patience_s)

    def _begin(self, now_s: float) -> None:
        self._needs_key, self._froze_s = True, now_s

    def _pictures(self, now_s: float) -> Iterator[Coded]:
        while self._held:
            end = None if self._needs_key else self._end_of(self._next or 0)
            if end is None and (key := self._whole_key()) is not None:
                self._skip_to(key)
                self._needs_key = False
                end = self._end_of(key)
            if end is None:
                return
            yield from self._take(end)

    def _take(self, end: int) -> Iterator[Coded]:
        pieces = [self._held.pop(n).piece for n in range(self._next or 0, end)]
        self._next = end
        if data := b"".join(piece.data for piece in pieces):  # padding is no picture
            yield Coded(data, pieces[0].timestamp)

    def _end_of(self, start: int) -> int | None:
        """Where the picture ends that begins at ``start``; None while it is not whole."""
        stop, whole = self._walk(start)
        return stop if whole else None

    def _walk(self, start: int) -> tuple[int, bool]:
        """Where the picture ends that begins at ``start``, or the hole before; whether whole."""
        first = self._held.get(start)
        if first is None:
            return start, False
        if not first.piece.data:
            return start + 1, True
        count = start
        while (held := self._held.get(count)) is not None:
            if held.piece.timestamp != first.piece.timestamp:
                return count, True
            count += 1
            if held.piece.last:
                return count, True
        return count, False

    def _whole_key(self) -> int | None:
        hole = 0
        for n in sorted(n for n, held in self._held.items() if held.piece.key):
            if n < hole:  # of the same picture: a sender may call each of its packets a key
                continue
            hole, whole = self._walk(n)
            if whole:
                return n
        return None

    def _skip_to(self, count: int) -> None:
        self._next = count
        self._held = {n: held for n, held in self._held.items() if n >= count}

    def _let_go(self, now_s: float) -> None:
        """What has waited too long will not be seen, and no picture that is made from it."""
        if self._waits_s(now_s) < KEPT_S and len(self._held) < MOST_KEPT:
            return
        if not self._needs_key:
            self._needs_key, self._froze_s = True, now_s - KEPT_S
        old = [n for n, held in self._held.items() if now_s - held.came_s >= KEPT_S / 2]
        self._skip_to(max(old, default=self._newest) + 1)

    def _asks(self, now_s: float, after_s: float) -> bool:
        waits_s = now_s - self._froze_s if self._needs_key else self._waits_s(now_s)
        if waits_s < after_s or now_s - self._asked_s < KEY_EVERY_S:
            return False
        self._asked_s = now_s
        return True


def begins_key_frame(codec: str, payload: bytes, data: bytes) -> bool:
    """Whether a key frame begins with this packet. ``payload`` as sent, ``data`` for the decoder.

    VP8: the start of partition 0 (RFC 7741 §4.2), and P is 0 in the frame's header (RFC 6386
    §9.1). H264: an IDR slice or the parameter sets before it (RFC 6184 §1.3).
    """
    if not payload or not data:
        return False
    if codec == "VP8":
        return payload[0] & 0x1F == 0x10 and not data[0] & 1
    if codec == "H264":
        return data[:4] == b"\x00\x00\x00\x01" and len(data) > 4 and data[4] & 0x1F in (5, 7)
    return False
