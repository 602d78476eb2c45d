"""A simulated learner: what they know and feel makes what they do, and what is done to them.

Their script is a generator that lives one second at a time, so that an offer can reach them in the
middle of a thought.
"""

from __future__ import annotations

import math
from collections.abc import Generator
from typing import Literal, TypeAlias

from tutor_emotion.core.types import (
    Activity,
    Adaptation,
    AdaptationKind,
    Answer,
    Event,
    HintRequest,
    Idle,
    Outcome,
    StepShown,
    Visibility,
)
from tutor_emotion.simulate.school.figures import Figures
from tutor_emotion.simulate.school.item import (
    MOST_MISSES,
    Item,
    chance_hint,
    chance_learn,
    chance_right,
    thought_s,
)
from tutor_emotion.simulate.school.lesson import EASIER, HARDER, SKILLS, USUAL, Lesson
from tutor_emotion.simulate.school.mood import Mood
from tutor_emotion.simulate.school.traits import Dice, Traits

Reply: TypeAlias = Literal["taken", "dismissed", "ignored"]
Seconds: TypeAlias = Generator[None, None, None]

_HINTS = 3  # the last one gives the answer
_EASY_RUN = 4
_LEAST_GAP_S, _MORE_GAP_S = 31.0, 89.0


class Learner:
    """``said``: the events that nobody has heard yet; ``done``: every skill is mastered."""

    def __init__(self, traits: Traits, dice: Dice, figures: Figures) -> None:
        self.traits = traits
        self.mood = Mood(traits, dice, figures)
        self.lesson = Lesson()
        self.knows = list(traits.known)
        self.said: list[Event] = []
        self.now_s = 0
        self.pace = 0
        self.done = False
        self.replies: dict[Reply, int] = {"taken": 0, "dismissed": 0, "ignored": 0}
        self._dice = dice
        self._figures = figures
        self._offers: list[tuple[int, Adaptation]] = []
        self._choice: AdaptationKind | None = None  # taken, and not yet used
        self._for_items = 1
        self._reading_s = 0.0
        self._shown = 0
        self._item = Item(0, 0, "", USUAL, 0)
        self._script = self._learn()

    @property
    def knows_this(self) -> bool:
        """Whether the skill of the present item is truly known."""
        return self.knows[self._item.skill]

    def second(self, now_s: int) -> None:
        """Lives the second that ends at ``now_s``."""
        self.now_s = now_s
        self.mood.second(now_s)
        self._answer_offers()
        self.done = next(self._script, True) is not None

    def take_said(self) -> list[Event]:
        said, self.said = self.said, []
        return said

    def meet(self, adaptation: Adaptation) -> None:
        """An Adaptation reaches the learner; what goes to the teacher only does not."""
        if adaptation.mode == "offer":
            helping = self._figures.helping
            self.mood.disturbed(self.now_s, helping.disturbed)
            self._reading_s += helping.read_s
            self._offers.append((self.now_s + math.ceil(helping.read_s), adaptation))
        elif adaptation.kind == "hint_glow":
            self._item.glows = True
        elif adaptation.mode == "quiet":
            self.pace = adaptation.pace

    # --- offers ----------------------------------------------------------------------------------

    def _answer_offers(self) -> None:
        due = [offer for at_s, offer in self._offers if at_s <= self.now_s]
        self._offers = [pair for pair in self._offers if pair[0] > self.now_s]
        for offer in due:
            reply = self._reply()
            self.replies[reply] += 1
            choice = offer.choices[0] if reply == "taken" and offer.choices else None
            if reply != "ignored":
                self.said.append(Outcome(float(self.now_s), offer.id, reply, choice))
            if choice is not None:
                self.mood.eased(self.now_s, 0.0, self._figures.helping.kind_word)
                self._choice, self._for_items = choice, offer.items

    def _reply(self) -> Reply:
        helping, struggling = self._figures.helping, self.mood.struggling
        taken = helping.taken if struggling else helping.taken_idly
        fine = helping.fine if struggling else helping.fine_truly
        draw = self._dice.by_second("reply", self.now_s)
        return "taken" if draw < taken else "dismissed" if draw < taken + fine else "ignored"

    # --- the lesson ------------------------------------------------------------------------------

    def _learn(self) -> Seconds:
        while (skill := self.lesson.next_skill()) is not None:
            self._item = item = self._show(skill)
            while not item.over:
                help_ = yield from self._think(item)
                if help_ is None:
                    yield from self._try(item)
                else:
                    yield from self._be_helped(item, help_)
            if not item.left:
                self._practise(item)
            yield from self._pass(self._figures.working.feedback_s)

    def _show(self, skill: int) -> Item:
        lesson, about = self.lesson, SKILLS[skill]
        difficulty = lesson.next_difficulty()
        self._shown += 1
        if self._choice in ("hint", "worked_step"):
            self._choice = None  # it was for the step before
        item = Item(
            skill, lesson.items[skill], f"{about.name}-{self._shown}", difficulty, self.now_s
        )
        at_s = float(self.now_s)
        self.said.append(StepShown(at_s, item.step, about.name, difficulty, about.usual_s))
        if item.number == 0 and not self.knows[skill]:
            self.mood.faced(self.now_s)
        return item

    def _try(self, item: Item) -> Seconds:
        """An answer, and what follows upon it."""
        known, state = self.knows[item.skill], self.mood.state
        chance = chance_right(item, self.traits, known, state, self._figures)
        right = self._draw("right", item) < chance
        again = self._draw("same", item) < self._figures.working.same_wrong
        if not (right or (again and not known and item.wrong)):
            item.wrong += 1
        expected_p = self.lesson.expected_p(item.skill)
        if item.tries == 0:
            self.lesson.count(item.skill, right)
        item.tries += 1
        self._answer(item, right, expected_p)
        if right:
            self.mood.right(self.now_s, known and self.lesson.runs[item.skill] >= _EASY_RUN)
            item.over = True
            return
        self.mood.missed(self.now_s, item.tries, known)
        yield from self._pass(self._figures.working.feedback_s)
        wants = chance_hint(item, self.traits, self.mood.state, self._figures)
        if self._draw("hint", item) < wants:
            yield from self._ask(item)

    def _ask(self, item: Item) -> Seconds:
        item.hints = min(_HINTS, item.hints + 1) if item.tries < MOST_MISSES else _HINTS
        last = item.hints == _HINTS
        self.said.append(HintRequest(float(self.now_s), item.step, item.hints, last))
        yield from self._read(item, self._figures.working.hint_s)
        if last:
            self._answer(item, True, revealed=True)

    def _be_helped(self, item: Item, help_: AdaptationKind) -> Seconds:
        helping = self._figures.helping
        if help_ == "hint":
            item.hints = min(_HINTS - 1, item.hints + 1)
            self.said.append(HintRequest(float(self.now_s), item.step, item.hints))
            yield from self._read(item, self._figures.working.hint_s)
        elif help_ in ("worked_step", "extra_example"):
            item.factor = helping.example_learn
            shown = help_ == "worked_step"
            yield from self._read(item, helping.step_s if shown else helping.example_s)
            if shown:
                self._answer(item, True, revealed=True)
        elif help_ == "break":
            yield from self._rest()
        elif help_ == "segment":  # of this one item, as at one pace level less
            item.factor = max(item.factor, 1 + (helping.slow_learn - 1) / 2)
        else:
            item.over = item.left = True
            if help_ == "prerequisite_item":
                self.lesson.detour = self.lesson.prerequisite(item.skill)
            elif help_ in ("easier_item", "harder_item"):
                difficulty = HARDER if help_ == "harder_item" else EASIER
                self.lesson.set_difficulty(difficulty, self._for_items)

    def _answer(
        self, item: Item, right: bool, expected_p: float | None = None, *, revealed: bool = False
    ) -> None:
        at_s = float(self.now_s)
        took_s = max(1.0, at_s - item.since_s)
        name, said = SKILLS[item.skill].name, "right" if right else f"wrong {item.wrong}"
        self.said.append(
            Answer(at_s, item.step, name, right, took_s, said, expected_p, revealed=revealed)
        )
        self.said.append(Activity(at_s, "none"))
        item.since_s = self.now_s
        item.over = item.over or revealed

    def _practise(self, item: Item) -> None:
        """An item is behind the learner: they may have learned its skill."""
        state, figures = self.mood.state, self._figures
        chance = chance_learn(item, self.traits, self.knows, state, self.pace, figures)
        if self._draw("learn", item) < chance:
            self.knows[item.skill] = True

    def _draw(self, what: str, item: Item) -> float:
        return self._dice.by_try(what, item.skill, item.number, item.turn)

    # --- seconds ---------------------------------------------------------------------------------

    def _think(self, item: Item) -> Generator[None, None, AdaptationKind | None]:
        """Thinking and typing, until an answer or until help is taken."""
        item.turn += 1
        chance, draw = self._figures.working.idle_in[self.mood.state], self._draw("pause", item)
        if draw < chance:
            yield from self._dream(_LEAST_GAP_S + _MORE_GAP_S * draw / chance)
        known, state = self.knows[item.skill], self.mood.state
        item.rapid = self._draw("rapid", item) < self._figures.working.rapid_in[state]
        normal = self._dice.normal(item.skill, item.number, item.turn)
        left_s = thought_s(item, self.traits, known, state, self.pace, normal, self._figures)
        typing_s, typing = min(6.0, 0.3 * left_s), False
        while left_s > 0 or self._reading_s > 0:
            if self._choice is not None:
                help_, self._choice = self._choice, None
                return help_
            if self._reading_s <= 0 and left_s <= typing_s and not typing:
                typing = True
                self.said.append(Activity(float(self.now_s), "typing"))
            yield
            if self._reading_s > 0:
                self._reading_s -= 1
            else:
                left_s -= 1
        return None

    def _read(self, item: Item, seconds: float) -> Seconds:
        """Help is read; it may end confusion, and addresses the error."""
        yield from self._pass(seconds)
        item.helped = True
        helping = self._figures.helping
        resolves = helping.hint_resolves if item.factor == 1 else helping.step_resolves
        self.mood.eased(self.now_s, resolves, 0.0)

    def _rest(self) -> Seconds:
        self.said.append(Visibility(float(self.now_s), hidden=True))
        yield from self._pass(self._figures.helping.break_s)
        self.said.append(Visibility(float(self.now_s), hidden=False))
        ends = self._figures.helping.break_resolves
        self.mood.eased(self.now_s, ends, ends, ends)

    def _dream(self, seconds: float) -> Seconds:
        yield from self._pass(_LEAST_GAP_S)
        self.said.append(Idle(float(self.now_s), _LEAST_GAP_S))
        yield from self._pass(seconds - _LEAST_GAP_S)

    def _pass(self, seconds: float) -> Seconds:
        for _ in range(max(1, round(seconds))):
            yield
