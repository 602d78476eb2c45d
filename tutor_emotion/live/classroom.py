"""The class as one teacher's page knows it: pure bookkeeping, time is an argument."""

from __future__ import annotations

from tutor_emotion.protocol import LearnerRow, LearnersMessage

AWAY_ROUNDS = 2  # a session that misses so many roll calls is gone; after one it is away
SAME_SINCE_S = 2.0  # ``since_s`` grows by itself; only a jump larger than this is news


class Classroom:
    """Rows by session, and which of them the page has not seen yet."""

    def __init__(self) -> None:
        self._rows: dict[str, LearnerRow] = {}
        self._heard_s: dict[str, float] = {}
        self._missed: dict[str, int] = {}
        self._silent: set[str] = set()
        self._changed: set[str] = set()
        self._left: set[str] = set()

    def __contains__(self, session: str) -> bool:
        return session in self._rows

    def heard(self, row: LearnerRow, now_s: float) -> None:
        """A row arrived. One that says nothing new is not shown again."""
        session = row.session
        self._silent.discard(session)
        self._missed.pop(session, None)
        self._left.discard(session)
        if not self._same(row, now_s):
            self._changed.add(session)
        self._rows[session] = row
        self._heard_s[session] = now_s

    def left(self, session: str) -> None:
        """A session ended."""
        if self._rows.pop(session, None) is not None:
            self._left.add(session)
        self._changed.discard(session)
        self._missed.pop(session, None)
        self._silent.discard(session)

    def begin_roll_call(self) -> None:
        """Everyone is asked for their row."""
        self._silent = set(self._rows)

    def end_roll_call(self) -> None:
        """Who did not answer is shown as away; who misses it again has left."""
        for session in tuple(self._silent):
            self._missed[session] = self._missed.get(session, 0) + 1
            if self._missed[session] >= AWAY_ROUNDS:
                self.left(session)
            elif self._rows[session].connected:
                away = self._rows[session].model_copy(update={"connected": False})
                self._rows[session] = away
                self._changed.add(session)
        self._silent = set()

    def take_all(self, now_s: float) -> list[LearnerRow]:
        """Every row, aged to ``now_s``; nothing is news after it."""
        self._changed.clear()
        self._left.clear()
        return [self._aged(session, now_s) for session in self._rows]

    def take_changes(self, now_s: float) -> LearnersMessage | None:
        """What the page does not know yet, or None."""
        if not self._changed and not self._left:
            return None
        changed = [self._aged(session, now_s) for session in self._rows if session in self._changed]
        message = LearnersMessage(changed=changed, left=sorted(self._left))
        self._changed.clear()
        self._left.clear()
        return message

    def _aged(self, session: str, now_s: float) -> LearnerRow:
        row = self._rows[session]
        return row.model_copy(update={"since_s": row.since_s + now_s - self._heard_s[session]})

    def _same(self, row: LearnerRow, now_s: float) -> bool:
        known = self._rows.get(row.session)
        if known is None:
            return False
        expected_s = known.since_s + now_s - self._heard_s[row.session]
        if abs(row.since_s - expected_s) > SAME_SINCE_S:
            return False
        return known == row.model_copy(update={"since_s": known.since_s})
