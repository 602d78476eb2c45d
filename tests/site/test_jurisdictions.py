"""The table of the law: what it says, what it rests on, and what it refuses to be."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.core.checks import run_checks

from tutor_emotion import jurisdictions
from tutor_emotion.core.types import BIOMETRIC, MODALITIES
from tutor_emotion.errors import BadInput
from tutor_emotion.jurisdictions import BANDS, FILE, profiles, read_profiles
from tutor_emotion.models import AGE_BANDS

SHIPPED = {
    "camera_free",
    "eu_institution",
    "eu_medical_or_safety",
    "eu_home",
    "uk_school",
    "us_school",
    "us_illinois_school",
    "us_new_york_school",
    "research_ethics",
    "adult_demonstration",
}
TABLE = FILE.read_text(encoding="utf-8")


def face(profile: str) -> list[str]:
    return [profiles()[profile].verdict("face", band) for band in ("", *BANDS)]


def test_a_deployment_has_these_to_choose_from() -> None:
    assert set(profiles()) == SHIPPED


def test_ages_are_the_ones_that_a_learner_can_have() -> None:
    assert [band for band, _ in AGE_BANDS] == ["", *BANDS]


@pytest.mark.parametrize(
    ("profile", "verdicts"),
    [
        # unknown, under 13, 13 to 15, 16 or 17, adult
        ("camera_free", ["forbidden"] * 5),
        ("eu_institution", ["forbidden"] * 5),
        ("eu_home", ["forbidden"] * 4 + ["allowed"]),
        ("eu_medical_or_safety", ["guardian"] * 4 + ["allowed"]),
        ("uk_school", ["forbidden"] * 4 + ["allowed"]),
        ("us_school", ["guardian"] * 4 + ["allowed"]),
        ("us_illinois_school", ["release"] * 5),
        ("us_new_york_school", ["forbidden"] * 5),
        ("research_ethics", ["guardian"] * 4 + ["allowed"]),
        ("adult_demonstration", ["forbidden"] * 4 + ["allowed"]),
    ],
)
def test_what_the_table_says_of_a_face(profile: str, verdicts: list[str]) -> None:
    assert face(profile) == verdicts
    here = profiles()[profile]
    # A voice is no less than a face, in any of them.
    assert here.verdicts["voice"] == here.verdicts["face"]


def test_an_unknown_age_is_never_better_off_than_a_known_one() -> None:
    ranks = {"allowed": 0, "guardian": 1, "release": 2, "forbidden": 3}
    for here in profiles().values():
        for modality in MODALITIES:
            row = [ranks[here.verdict(modality, band)] for band in ("", *BANDS)]
            assert row == sorted(row, reverse=True), (here.name, modality)


def test_each_profile_says_what_it_rests_on_and_until_when() -> None:
    for here in profiles().values():
        assert here.facts
        assert here.source
        read = max(fact.date for fact in here.facts)
        assert read < here.review_by <= read + timedelta(days=3 * 366)
        assert not here.expired(here.review_by)
        assert here.expired(here.review_by + timedelta(days=1))


def test_an_age_that_no_table_knows_is_the_youngest() -> None:
    assert profiles()["us_school"].verdict("face", "forty-two") == "guardian"


def cut(line: str) -> Callable[[str], str]:
    return lambda text: text.replace(line + "\n", "", 1)


def put(old: str, new: str) -> Callable[[str], str]:
    return lambda text: text.replace(old, new, 1)


@pytest.mark.parametrize(
    ("break_it", "row"),
    [
        (put('face = "forbidden"', 'face = "perhaps"'), "camera_free.verdicts.face.under_13"),
        (put('face = "forbidden"', 'gait = "forbidden"'), "camera_free.verdicts.gait"),
        (put('face = "forbidden"', "face = 3"), "camera_free.verdicts.face"),
        (cut('voice = "forbidden"'), "camera_free.verdicts.voice"),
        (put("13_15 =", "12_15 ="), "eu_medical_or_safety.verdicts.face.12_15"),
        (put(', adult = "allowed" }', " }"), "eu_medical_or_safety.verdicts.face.adult"),
        (put('adult = "allowed"', "adult = []"), "eu_medical_or_safety.verdicts.face.adult"),
        (cut('source = "Default of this plugin"'), "camera_free.facts[1].source"),
        (put('"Default of this plugin"', '"  "'), "camera_free.facts[1].source"),
        (cut("date = 2026-11-22"), "camera_free.facts[1].date"),
        (put("date = 2026-11-22", 'date = "soon"'), "camera_free.facts[1].date"),
        (put("date = 2026-11-22", "date = 2026-11-22\nby = 1"), "camera_free.facts[1]"),
        (put("[[camera_free.facts]]", "[camera_free.fact]"), "camera_free.fact"),
        (cut("review_by = 2029-11-22"), "camera_free.review_by"),
        (put("review_by = 2029-11-22", "review_by = 2029-11-22T00:00:00"), "camera_free.review_by"),
        (put('exception = "medical_or_safety"', 'exception = "sport"'), "medical_or_safety.exc"),
        (put("approval = true", 'approval = "yes"'), "research_ethics"),
        (cut('region = "EU"'), "eu_institution.region"),
        (put("[camera_free]", "[camera_fee]"), "camera_fee"),
        (put('face = "forbidden"', 'face = "allowed"'), "camera_free"),
        (put("[camera_free.verdicts]", "[camera_free.verdict]"), "camera_free.verdict"),
        (lambda text: "camera_free = 3\n", "camera_free"),
        (lambda text: "", "camera_free"),
        (lambda text: text + "\n[[[", "the file"),
    ],
)
def test_a_table_that_is_not_whole_is_refused_and_the_row_named(
    break_it: Callable[[str], str], row: str
) -> None:
    broken = break_it(TABLE)
    assert broken != TABLE
    with pytest.raises(BadInput) as caught:
        read_profiles(broken)
    assert caught.value.code == "bad_jurisdictions"
    assert row in caught.value.message


@pytest.fixture
def broken(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    path = tmp_path / "jurisdictions.toml"
    path.write_text(TABLE.replace('face = "forbidden"', 'face = "perhaps"', 1))
    monkeypatch.setattr(jurisdictions, "FILE", path)
    profiles.cache_clear()
    yield
    profiles.cache_clear()


def ours(found: Any) -> list[str]:
    return [e.id for e in found if str(e.id).startswith("tutor_emotion")]


def test_a_site_does_not_start_with_a_broken_table(broken: Any) -> None:
    (said,) = [e for e in run_checks() if e.id == "tutor_emotion.E005"]
    assert "camera_free.verdicts.face.under_13" in said.msg


def test_a_site_is_told_when_its_profile_is_misspelt(settings: Any) -> None:
    settings.TUTOR_EMOTION = settings.TUTOR_EMOTION | {"JURISDICTION": "eu_institutoin"}
    (said,) = [e for e in run_checks() if e.id == "tutor_emotion.E009"]
    assert "names no profile" in said.msg
    assert "eu_institution" in str(said.hint)


def test_a_site_is_told_when_its_law_must_be_read_again(monkeypatch: pytest.MonkeyPatch) -> None:
    assert ours(run_checks()) == []
    monkeypatch.setattr("tutor_emotion.checks.timezone.localdate", lambda: date(2031, 1, 1))
    assert ours(run_checks()) == ["tutor_emotion.W005"]


def test_no_profile_of_a_school_lets_a_minor_choose_a_camera_alone() -> None:
    for here in profiles().values():
        for band in ("", *BANDS[:-1]):
            for modality in BIOMETRIC:
                assert here.verdict(modality, band) != "allowed", (here.name, band)
