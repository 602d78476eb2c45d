"""No combination of anything lets a modality through that its row of the table forbids."""

from __future__ import annotations

import itertools
import tomllib
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests import people
from tutor_emotion import privacy, services
from tutor_emotion.core.types import BIOMETRIC, MODALITIES, Modality
from tutor_emotion.jurisdictions import BANDS, FILE, profiles, read_profiles
from tutor_emotion.models import Course, DecisionSignature, MedicalDecision, Policy

# The table as it is written, read without our reader.
TABLE: dict[str, Any] = tomllib.loads(FILE.read_text(encoding="utf-8"))
AGES = ("", *BANDS)
YESES = ("learner", "guardian", "release")
ALL = frozenset(MODALITIES)
NONE: frozenset[Modality] = frozenset()
NOW, LATE = date(2026, 12, 1), date(2031, 1, 1)


def written(profile: str, modality: str, age: str) -> str:
    cell = TABLE[profile]["verdicts"][modality]
    return cell if isinstance(cell, str) else str(cell[age or "under_13"])


def lawful(profile: str, modality: str, age: str, world: dict[str, Any]) -> bool:
    """What the head of the table says, in other words than the gate's."""
    row, verdict = TABLE[profile], written(profile, modality, age)
    sensor = modality in ("face", "voice")
    return not (
        verdict == "forbidden"
        or (sensor and world["today"] > row["review_by"])
        or (sensor and row.get("approval") and not world["approval"])
        or (sensor and row.get("exception") and not world["decided"])
        or modality in world["off"]
        or world["paused"]
        or modality not in world["used"]
        or (verdict != "allowed" and verdict not in world["yeses"])
    )


class World:
    """What the gate asks for, in memory: the rows have their own tests below."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
        self.settings, self.plain = settings, settings.TUTOR_EMOTION
        self.now: dict[str, Any] = {}
        for name, answer in {
            "age_band_of": lambda _: self.now["age"],
            "decided": lambda *_: BIOMETRIC if self.now["decided"] else NONE,
            "decided_somewhere": lambda: BIOMETRIC if self.now["decided"] else NONE,
            "switched_off": lambda _: self.now["off"],
            "live_consents": lambda *_, by="learner": ALL if by in self.now["yeses"] else NONE,
            "policy_of": lambda _: self._policy(),
        }.items():
            monkeypatch.setattr(privacy, name, answer)
        monkeypatch.setattr(privacy.timezone, "localdate", lambda: self.now["today"])

    def _policy(self) -> Policy:
        uses = {f"use_{m}": m in self.now["used"] for m in MODALITIES}
        return Policy(paused=self.now["paused"], **uses)

    def rules(self, profile: str, age: str, world: dict[str, Any]) -> list[privacy.Rule]:
        self.now = {**world, "age": age}
        approval = "REC 2026/17" if world["approval"] else ""
        chosen = {"JURISDICTION": profile, "ETHICS_APPROVAL": approval}
        if self.plain | chosen != self.settings.TUTOR_EMOTION:
            self.settings.TUTOR_EMOTION = self.plain | chosen
        return privacy.rules(Course(pk=1), 1)


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch, settings: Any) -> World:
    return World(monkeypatch, settings)


def worlds() -> Iterator[dict[str, Any]]:
    yes = [c for n in range(4) for c in itertools.combinations(YESES, n)]
    offs = (NONE, ALL, frozenset({"face"}), frozenset({"text", "voice"}))
    used = (ALL, ALL - {"face"}, NONE)
    for approval, decided, today in itertools.product((True, False), (True, False), (NOW, LATE)):
        for paused, off, uses, yeses in itertools.product((False, True), offs, used, yes):
            yield {
                "approval": approval,
                "decided": decided,
                "today": today,
                "paused": paused,
                "off": off,
                "used": uses,
                "yeses": yeses,
            }


@pytest.mark.parametrize("profile", sorted(TABLE))
def test_the_whole_table_in_every_world(world: World, profile: str) -> None:
    seen = 0
    for now in worlds():
        for age in AGES:
            for rule in world.rules(profile, age, now):
                right = lawful(profile, rule.modality, age, now)
                assert rule.permitted == right, (age, rule, now)
                assert bool(rule.reason) != rule.permitted
                seen += 1
    assert seen == 8 * 2 * 4 * 3 * 8 * len(AGES) * len(MODALITIES)


MINE = """
[mine]
title = "x"
region = "x"
institution = "x"
purpose = "x"
reason = ""
review_by = 2027-01-01
[[mine.facts]]
says = "x"
source = "y"
date = 2026-11-22
[mine.verdicts]
"""
CELLS = st.tuples(*[st.sampled_from(("allowed", "forbidden", "guardian", "release"))] * len(BANDS))


@given(st.tuples(*[CELLS] * len(MODALITIES)))
def test_whatever_table_is_read_says_what_was_written(rows: tuple[tuple[str, ...], ...]) -> None:
    cells = {m: dict(zip(BANDS, row, strict=True)) for m, row in zip(MODALITIES, rows, strict=True)}
    lines = [f'{m}.{band} = "{verdict}"' for m in cells for band, verdict in cells[m].items()]
    here = read_profiles(FILE.read_text(encoding="utf-8") + MINE + "\n".join(lines))["mine"]
    assert {m: dict(here.verdicts[m]) for m in MODALITIES} == cells
    for modality, row in cells.items():
        assert here.verdict(modality, "") == row["under_13"]
        assert here.ever(modality) == any(verdict != "forbidden" for verdict in row.values())


def test_each_refusal_has_its_own_code(world: World) -> None:
    fine = {"approval": True, "decided": True, "today": NOW, "paused": False, "off": NONE}
    fine |= {"used": ALL, "yeses": YESES}

    def face(profile: str, age: str = "adult", **other: Any) -> str:
        return world.rules(profile, age, fine | other)[0].reason

    assert face("us_school", "13_15") == ""
    assert face("us_school", "13_15", yeses=("learner", "release")) == "needs_guardian"
    assert face("us_illinois_school", yeses=("learner", "guardian")) == "needs_release"
    assert face("eu_home", "16_17") == "forbidden_by_law"
    assert face("us_school", today=LATE) == "profile_expired"
    assert face("research_ethics", approval=False) == "approval_missing"
    assert face("eu_medical_or_safety", decided=False) == "decision_missing"
    assert face("us_school", off=ALL) == "switched_off"
    assert face("us_school", paused=True) == "course_paused"
    assert face("us_school", used=NONE) == "off_in_course"


# --- the same with real rows ----------------------------------------------------------------------


@pytest.mark.django_db
def test_with_everything_in_its_favour_a_forbidden_modality_stays_forbidden(settings: Any) -> None:
    course = people.course()
    signers = [people.person(name, is_superuser=True) for name in ("one", "two")]
    for modality in BIOMETRIC:
        decision = MedicalDecision.objects.create(
            document="D-1", reason="x", modality=modality, course=course,
            ends_on=services.last_day(),
        )  # fmt: skip
        for signer in signers:
            DecisionSignature.objects.create(decision=decision, by=signer)
    learners = {age: people.person(f"aged-{age}", age=age) for age in AGES}
    for learner in learners.values():
        for by in YESES:
            said = services.Said(privacy.CONSENT_TEXT_VERSION, by=by)
            services.record_choices(course, learner.pk, dict.fromkeys(MODALITIES, True), said)
    plain = settings.TUTOR_EMOTION
    for name in profiles():
        settings.TUTOR_EMOTION = plain | {"JURISDICTION": name, "ETHICS_APPROVAL": "REC 1"}
        for age, learner in learners.items():
            through = privacy.allowed(course, learner.pk)
            assert through == {m for m in MODALITIES if written(name, m, age) != "forbidden"}
