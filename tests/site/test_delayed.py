"""What experiments compare, as a lesson engine tells it."""

from __future__ import annotations

import math

import pytest

from tests.people import course, person
from tutor_emotion.api import record_delayed_item
from tutor_emotion.errors import BadInput
from tutor_emotion.models import DelayedItem


@pytest.mark.django_db
def test_an_answer_after_days_is_written_down() -> None:
    course("fractions")
    ada = person("ada")
    row = record_delayed_item(
        "fractions", ada.pk, skill="adding", item="adding-3", correct=True, delay_s=172_800.0
    )
    assert DelayedItem.objects.get() == row
    assert (row.course.key, row.skill, row.correct) == ("fractions", "adding", True)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"skill": ""}, "bad_delayed_item"),
        ({"item": "x" * 101}, "bad_delayed_item"),
        ({"delay_s": -1.0}, "bad_delayed_item"),
        ({"delay_s": math.nan}, "bad_delayed_item"),
        ({"course_key": "no-such"}, "unknown_course"),
    ],
)
def test_what_cannot_be_is_refused(changed: dict[str, object], code: str) -> None:
    course("fractions")
    told: dict[str, object] = {
        "course_key": "fractions", "learner_id": person("ada").pk, "skill": "adding",
        "item": "adding-3", "correct": True, "delay_s": 1.0, **changed,
    }  # fmt: skip
    with pytest.raises(BadInput) as refused:
        record_delayed_item(**told)  # type: ignore[arg-type]
    assert refused.value.code == code
    assert not DelayedItem.objects.exists()
