"""What a session has told its learner, what came of it, and whom it has called."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Literal

from tutor_emotion.core.plans import CALLS, SAFETY_MESSAGE
from tutor_emotion.core.types import Adaptation, Outcome

# The page counts an offer's life by its own clock, and holds one that is just being looked at.
LATE_S = 15.0


@dataclass(frozen=True, slots=True)
class Call:
    """A person was called at ``at_s``; ``id`` is the flag's."""

    id: int
    why: Literal["safety", "distress"]
    at_s: float


@dataclass
class Told:
    """``last``: the newest that a teacher reads of; a quiet change does not hide an offer that
    waits for its answer. ``open``: until when an offer may be answered, by its id. ``call``: the
    last one that nobody has seen to yet."""

    last: Adaptation | None = None
    outcome: str | None = None
    open: dict[int, float] = field(default_factory=dict)
    call: Call | None = None

    def made(self, adaptation: Adaptation) -> None:
        """The engine decided this."""
        if adaptation.message in CALLS:
            why: Literal["safety", "distress"] = (
                "safety" if adaptation.message == SAFETY_MESSAGE else "distress"
            )
            self.call = Call(adaptation.id, why, adaptation.at_s)
        waits = self.last is not None and self.last.id in self.open
        if adaptation.mode == "teacher" or (adaptation.mode == "quiet" and waits):
            return
        self.last, self.outcome = adaptation, None
        if adaptation.mode == "offer":
            self.open[adaptation.id] = adaptation.expires_s

    def renumbered(self, old: int, new: int) -> None:
        """It was written down under another number than it was made with."""
        if self.last is not None and self.last.id == old:
            self.last = replace(self.last, id=new)
        if self.call is not None and self.call.id == old:
            self.call = replace(self.call, id=new)
        if old in self.open:
            self.open[new] = self.open.pop(old)

    def answered(self, outcome: Outcome) -> None:
        """The learner, or their page, answered an offer."""
        self.open.pop(outcome.adaptation, None)
        if self.last is not None and self.last.id == outcome.adaptation:
            self.outcome = outcome.outcome

    def expired(self, now_s: float) -> list[Outcome]:
        """The offers that nobody will answer any more; they are told once."""
        late = [number for number, end_s in self.open.items() if now_s > end_s + LATE_S]
        outcomes = [Outcome(now_s, number, "ignored") for number in late]
        for outcome in outcomes:
            self.answered(outcome)
        return outcomes
