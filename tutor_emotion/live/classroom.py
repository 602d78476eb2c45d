"""The class as one teacher's page knows it: pure bookkeeping, time is an argument."""

from __future__ import annotations

from collections.abc import Callable

from tutor_emotion.protocol import NEEDS, LearnerRow, Need

AWAY_ROUNDS = 2  # a session that misses so many roll calls is gone; after one it is away
SAME_SINCE_S = 2.0  # ``since_s`` grows by itself; only a jump larger than this is news
TIMELESS: frozenset[Need] = frozenset({"fine", "on_a_roll"})  # nobody has been waiting there


class Classroom:
    """Rows by session, and which of them the page has not seen yet."""

    def __init__(self) -> None:
        self._rows: dict[str, LearnerRow] = {}
        self._learners: dict[str, str] = {}
        self._heard_s: dict[str, float] = {}
        self._missed: dict[str, int] = {}
        self._silent: set[str] = set()
        self._changed: set[str] = set()
        self._left: set[str] = set()

    def __contains__(self, session: str) -> bool:
        return session in self._rows

    def heard(self, row: LearnerRow, now_s: float, learner: str = "") -> None:
        """A row of ``learner`` arrived. One that says nothing new is not shown again."""
        session = row.session
        self._silent.discard(session)
        self._missed.pop(session, None)
        self._left.discard(session)
        if not self._same(row, now_s):
            self._changed.add(session)
        self._rows[session] = row
        self._learners[session] = learner
        self._heard_s[session] = now_s

    def left(self, session: str) -> None:
        """A session ended."""
        if self._rows.pop(session, None) is not None:
            self._left.add(session)
        for kept in (self._learners, self._heard_s, self._missed):
            kept.pop(session, None)
        self._changed.discard(session)
        self._silent.discard(session)

    def keep_only(self, may_see: Callable[[str], bool]) -> None:
        """Rows of learners whom this teacher no longer sees go."""
        for session, learner in tuple(self._learners.items()):
            if not may_see(learner):
                self.left(session)

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
        """Every row, aged to ``now_s``, most in need first; nothing is news after it."""
        self._changed.clear()
        self._left.clear()
        rows = [self._aged(session, now_s) for session in self._rows]
        return sorted(rows, key=lambda row: NEEDS.index(row.need))

    def take_changes(self, now_s: float) -> tuple[list[LearnerRow], list[str]]:
        """The rows that the page does not know yet, and which sessions have left it."""
        changed = [self._aged(session, now_s) for session in self._rows if session in self._changed]
        left = sorted(self._left)
        self._changed.clear()
        self._left.clear()
        return changed, left

    def _aged(self, session: str, now_s: float) -> LearnerRow:
        row = self._rows[session]
        return row.model_copy(update={"since_s": self._since_s(row, now_s)})

    def _since_s(self, row: LearnerRow, now_s: float) -> float:
        passed_s = 0.0 if row.need in TIMELESS else now_s - self._heard_s[row.session]
        return row.since_s + passed_s

    def _same(self, row: LearnerRow, now_s: float) -> bool:
        known = self._rows.get(row.session)
        if known is None or abs(row.since_s - self._since_s(known, now_s)) > SAME_SINCE_S:
            return False
        return known == row.model_copy(update={"since_s": known.since_s})
