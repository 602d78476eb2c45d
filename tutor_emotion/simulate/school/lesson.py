"""The lesson of the simulated school: six skills in a fixed order, each until three in a row."""

from __future__ import annotations

from dataclasses import dataclass, field

from tutor_emotion.core.knowledge import DEFAULT

MASTERY_RUN = 3  # three first answers right in a row (Beck and Gong 2013)
EASIER, USUAL, HARDER = 0.3, 0.5, 0.7


@dataclass(frozen=True, slots=True)
class Skill:
    """``needs``: the skills it builds on; ``usual_s``: the usual time of one of its items."""

    name: str
    needs: tuple[int, ...]
    usual_s: float


SKILLS = (
    Skill("halves", (), 20.0),
    Skill("same-denominator", (0,), 25.0),
    Skill("equivalent", (0,), 25.0),
    Skill("adding", (1, 2), 35.0),
    Skill("subtracting", (3,), 35.0),
    Skill("word-problems", (3,), 40.0),
)


@dataclass(slots=True)
class Lesson:
    """Where a learner stands in it, by what can be seen: the same rule in every configuration."""

    runs: list[int] = field(default_factory=lambda: [0] * len(SKILLS))
    items: list[int] = field(default_factory=lambda: [0] * len(SKILLS))
    mastered: list[bool] = field(default_factory=lambda: [False] * len(SKILLS))
    right: int = 0  # first answers
    believed: list[float] = field(default_factory=lambda: [DEFAULT.p_known] * len(SKILLS))
    spun: set[int] = field(default_factory=set)  # skills not mastered at the tenth opportunity
    difficulty: float = USUAL
    for_items: int = 0  # so many more items are of that difficulty
    detour: int | None = None

    def next_skill(self) -> int | None:
        """The skill of the next item; None when all are mastered."""
        if self.detour is not None:
            detour, self.detour = self.detour, None
            return detour
        return next((k for k, done in enumerate(self.mastered) if not done), None)

    def set_difficulty(self, difficulty: float, for_items: int) -> None:
        self.difficulty, self.for_items = difficulty, for_items

    def next_difficulty(self) -> float:
        if self.for_items == 0:
            return USUAL
        self.for_items -= 1
        return self.difficulty

    def expected_p(self, skill: int) -> float:
        """What the lesson expects of the next answer, as ours does; it decides nothing here."""
        return DEFAULT.predict(self.believed[skill])

    def count(self, skill: int, right: bool) -> None:
        """The first answer to an item."""
        self.items[skill] += 1
        self.right += right
        self.believed[skill] = DEFAULT.update(self.believed[skill], right)
        self.runs[skill] = self.runs[skill] + 1 if right else 0
        if self.runs[skill] >= MASTERY_RUN:
            self.mastered[skill] = True
        elif self.items[skill] >= 10 and not self.mastered[skill]:
            self.spun.add(skill)

    def prerequisite(self, skill: int) -> int:
        """What to practise instead: the skill that this one builds on, least sure first."""
        needs = SKILLS[skill].needs or (skill,)
        return min(needs, key=lambda k: self.runs[k])
