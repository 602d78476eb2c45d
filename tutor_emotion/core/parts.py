"""The engine's parameters by stage, frozen.

Figures that no study gives are marked [D] (a design default, chosen here or in §9). Units, bounds
and sources of all of them stand in ``parameters.py``.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TypeAlias

from tutor_emotion.core.types import Modality

Five: TypeAlias = tuple[float, float, float, float, float]


@dataclass(frozen=True, slots=True)
class PerModality:
    """One number for each modality."""

    face: float
    voice: float
    interaction: float
    text: float
    self_report: float

    def of(self, modality: Modality) -> float:
        value: float = getattr(self, modality)
        return value


@dataclass(frozen=True, slots=True)
class FusionConfig:
    """§9.3 (caps, tempering, held budget) and §9.4 (forward filter).

    ``jumps`` are relative rates of going from one state (row) to another (column), its diagonal
    is not used; with ``prior`` and ``dwell_s`` they are balanced so that the prior is stationary.
    """

    cap_nats: PerModality = PerModality(1.0, 1.0, 1.5, 1.5, 3.0)
    budget_nats: PerModality = PerModality(0.6, 0.8, 2.5, 2.5, 4.0)
    leak_s: float = 60.0
    face_window_s: float = 20.0
    prior: Five = (0.58, 0.13, 0.05, 0.06, 0.18)  # Baker 2010, rounded
    dwell_s: Five = (120.0, 60.0, 45.0, 150.0, 45.0)  # [D] §9.4
    jumps: tuple[Five, Five, Five, Five, Five] = (
        (0.0, 0.002507, 0.000506, 0.000213, 0.005107),
        (0.008514, 0.0, 0.003928, 0.000184, 0.004040),
        (0.009851, 0.004173, 0.0, 0.001369, 0.006830),
        (0.001934, 0.000393, 0.001487, 0.0, 0.002853),
        (0.017322, 0.002668, 0.001211, 0.001022, 0.0),
    )
    max_predict_s: float = 300.0
    abstain_below_nats: float = 0.15
    ambiguous_below: float = 0.40
    coverage_s: int = 60
    event_covers_s: float = 20.0  # the time grain of all good labels, §4


@dataclass(frozen=True, slots=True)
class BaselineConfig:
    """§6: causal robust baseline, shrunk by n/(n+kappa). Kappas are [D], the items' 5 is of §3."""

    face_s: float = 90.0
    items: int = 5
    utterances: int = 5
    kappa_face_s: float = 10.0
    kappa_items: float = 5.0
    kappa_utterances: float = 5.0
    z_clip: float = 3.0


@dataclass(frozen=True, slots=True)
class EstimatorsConfig:
    """§9.2 and the quality gates of §1.2 and §2. The weights are data: ``states.py``."""

    face_needs_s: float = 8.0
    face_max_yaw_deg: float = 40.0
    face_max_pitch_deg: float = 30.0
    face_frames_a_second: float = 3.0  # [D] this many crops make a second fully valid
    face_jaw_open_max: float = 0.12  # [D] above it the mouth units speak of speech or a yawn
    smile_after_correct_s: float = 5.0
    voice_min_s: float = 0.8
    voice_max_s: float = 10.0
    voice_min_voiced_s: float = 0.6
    onset_max_s: float = 30.0  # [D] speech later than this is not the answer to the prompt
    rapid_share: float = 0.10  # NT10: under 10 % of the item's usual time
    fast_z: float = -1.0
    idle_s: float = 30.0
    success_run: int = 3
    surprise_below: float = -0.35
    easy_up_to: float = 0.4  # [D] difficulty
    demand_gap_s: float = 2.0  # hints this close ask for the answer, §3 hint_latency
    hedge_s: float = 10.0  # [D] a hedge belongs to a correct answer this near


@dataclass(frozen=True, slots=True)
class Level:
    """A Schmitt trigger: raised at ``on`` after ``dwell_s``, cleared under ``off``."""

    on: float
    off: float
    dwell_s: float
    cooldown_s: float

    def raised_at(self, on: float) -> Level:
        """The same trigger with another threshold; ``off`` keeps its share of ``on``."""
        return replace(self, on=on, off=self.off * on / self.on)


@dataclass(frozen=True, slots=True)
class DetectorConfig:
    """§9.5."""

    suspect: Level = Level(0.45, 0.30, 10.0, 120.0)
    strong: Level = Level(0.60, 0.40, 10.0, 180.0)
    # [D] not in §9.5; never makes an offer by itself
    confused: Level = Level(0.35, 0.22, 10.0, 120.0)
    frustrated: Level = Level(0.35, 0.22, 15.0, 180.0)
    bored: Level = Level(0.40, 0.26, 60.0, 600.0)
    frustrated_to_confused: float = 0.8
    frustrated_misses: int = 2
    cue_s: float = 60.0
    cue_min_nats: float = 0.2  # [D] just under the least single log cue of §9.2
    bored_cue_s: float = 120.0  # [D] the dwell and as much again
    unresolved_on: float = 0.40
    unresolved_for_s: int = 90
    unresolved_of_s: int = 120
    unresolved_misses: int = 3
    unresolved_turns: int = 2
    unresolved_cooldown_s: float = 180.0
    wheelspin_warn_after: int = 6
    wheelspin_confirmed_after: int = 10
    wheelspin_accuracy: float = 0.40
    wheelspin_accuracy_after: int = 4
    mastery_run: int = 3
    recovered_below: float = 0.25
    recovered_for_s: float = 20.0
    recovered_answer_s: float = 60.0  # [D] how fresh the correct answer must be
    rule_confidence: float = 0.9  # a counted fact; precision .935 of the early rule, §4


@dataclass(frozen=True, slots=True)
class PacingConfig:
    """§9.6. What is offered in which situation is the table of ``plans.py``.

    The four of five values are by pace level, slowest (-2) first: the share of a segment's usual
    length, the share of an item's usual time before a hint is offered unasked, worked examples
    before practice, and items before one of review.
    """

    low_below: float = 0.50
    high_from: float = 0.80
    known_after_answers: int = 3
    act_after_s: float = 45.0
    act_after_misses: int = 2
    level_every_s: float = 60.0
    back_after_correct: int = 3
    faster_after_correct: int = 5
    segment_share: Five = (0.5, 0.75, 1.0, 1.25, 1.5)
    wait_share: Five = (2.0, 1.5, 1.0, 0.75, 0.5)
    examples_first: Five = (2, 1, 1, 0, 0)
    items_before_review: Five = (8, 6, 5, 4, 3)  # [D]
    wait_least_s: float = 45.0  # [D] as long as early confusion is left alone
    wait_unknown_s: float = 60.0  # [D] an item whose usual time nobody has told
    easier_items: int = 2
    overtaxed_below: float = 0.35  # [D] bored by work that is too hard, not too easy
    hard_line_every_s: float = 600.0
    twice_in_s: float = 600.0
    break_after_s: float = 1200.0
    same_step_again_s: float = 300.0  # [D] the same situation on the same step
    flag_again_s: float = 300.0  # [D]
    safety_again_s: float = 60.0  # [D] words of danger in one breath are one call
    safety_hold_s: float = 600.0  # [D] nothing automatic while a person is being called
    distress_after_s: float = 480.0  # [D] ten mean dwells of frustration; four offers had room
    distress_gap_s: float = 60.0  # [D] trouble that is gone for shorter goes on
    distress_active_s: float = 120.0  # [D] who does nothing is idle, not in distress
    distress_messages: int = 3  # [D]
    distress_messages_in_s: float = 600.0  # [D]


@dataclass(frozen=True, slots=True)
class InterruptionConfig:
    """§9.7. ``quiet_answers``: items are counted as answers, so that a learner who is stuck on the
    first item is not left alone with it."""

    offer_every_s: float = 120.0
    offers_in_10_min: int = 3
    offers_in_hour: int = 8
    quiet_start_s: float = 120.0
    quiet_answers: int = 3
    pause_s: float = 3.0
    kind_cooldown_s: float = 120.0
    kind_cooldown_max_s: float = 1200.0
    dismissals_off: int = 3
    offer_lives_s: float = 60.0  # [D]
    busy_forgotten_s: float = 60.0  # [D] typing or speaking that was never said to end
    playing_forgotten_s: float = 600.0  # [D]
