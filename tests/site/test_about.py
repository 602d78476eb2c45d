"""The page that says what is measured, how often that is wrong, and who can switch it off."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client

from tests import people
from tests.site.test_fairness import group
from tutor_emotion import services
from tutor_emotion.documents import facts
from tutor_emotion.models import KillSwitch, LearnerRecord
from tutor_emotion.nets import registry

pytestmark = pytest.mark.django_db
PAGE = "/tutor-emotion/about/"
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(autouse=True)
def _empty_cache() -> None:
    cache.clear()


def text(**headers: str) -> str:
    response = Client().get(PAGE, headers=headers)
    assert response.status_code == 200
    return response.content.decode()


def under(settings: Any, **values: Any) -> None:
    settings.TUTOR_EMOTION = {**settings.TUTOR_EMOTION, **values}


# --- it works -----------------------------------------------------------------------------------


def test_it_is_read_without_signing_in_and_names_each_model_with_its_figures() -> None:
    page = text()
    for model in registry.active(Path("nowhere")).values():
        assert model.stamp in page
        assert f"{100 * model.config.metrics['uar']:.1f} %" in page
        assert f"/tutor-emotion/about/{model.folder.name}/" in page
    assert "Camera <span" in page
    assert " style=" not in page


def test_its_figures_are_those_of_the_simulations_table(settings: Any) -> None:
    page = text()
    assert "<strong>50 of 100</strong>" in page
    under(settings, JURISDICTION="eu_institution")
    assert "<strong>51 of 100</strong>" in text()


@pytest.mark.parametrize("name", ["interaction", "all"])
def test_the_quoted_figures_stand_in_the_docs(name: str) -> None:
    table = (ROOT / facts.measured()["simulation"]["source"]).read_text("utf-8")
    alarms = table.split("### Alarms\n")[1]
    row = next(x for x in alarms.splitlines() if x.startswith(f"| `{name}` |"))
    cells = [tuple(map(float, re.findall(r"\d+\.?\d*", cell))) for cell in row.split("|")]
    precision, by_chance, _at_once, recall = cells[3:7]
    told = facts.measured()["simulation"]["alarms"][name]
    assert tuple(told["precision"]) == precision
    assert tuple(told["by_chance"]) == by_chance
    assert tuple(told["recall"]) == recall


def test_a_figure_that_changes_in_its_file_changes_on_the_page(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    other = tmp_path / "measured.toml"
    other.write_text(facts.MEASURED.read_text("utf-8").replace("[0.50, 0.49", "[0.61, 0.49"))
    monkeypatch.setattr(facts, "MEASURED", other)
    facts.measured.cache_clear()
    try:
        assert "61 of 100" in text()
    finally:
        monkeypatch.undo()
        facts.measured.cache_clear()


def test_the_card_is_there_as_it_was_written() -> None:
    response = Client().get("/tutor-emotion/about/voice-1/")
    assert response["Content-Type"] == "text/plain; charset=utf-8"
    assert response["Content-Language"] == "en"
    assert response.content.decode() == (registry.SHIPPED / "voice-1/CARD.md").read_text("utf-8")


def test_the_contact_is_the_sites(settings: Any) -> None:
    assert "This site has named nobody else." in text()
    under(settings, CONTACT="Ms Roth <room 12>")
    assert "Ms Roth &lt;room 12&gt;" in text()


# --- where the law forbids, and where groups are held -------------------------------------------


def test_where_face_and_voice_are_forbidden_it_says_so(settings: Any) -> None:
    under(settings, JURISDICTION="eu_institution")
    page = text()
    assert page.count("never here") == 2
    assert "Education institution in the European Union" in page
    assert "No face and no voice is read here" in page
    assert "Art. 5(1)(f)" in page


def test_a_modality_that_is_switched_off_is_not_read_at_present() -> None:
    assert "not at present" not in text()
    switch = services.switch_off("noise", modality="voice")
    page = text()
    assert page.count("not at present") == 1
    assert "never here" not in page
    services.lift(KillSwitch.objects.filter(pk=switch.pk))
    assert "not at present" not in text()


def test_many_courses_cost_no_more(django_assert_max_num_queries: Any) -> None:
    for i in range(20):
        people.course(f"course-{i}")
    text()
    with django_assert_max_num_queries(3):
        text()


def test_a_model_that_is_put_in_use_is_on_the_page_at_once(settings: Any, tmp_path: Path) -> None:
    under(settings, WEIGHTS_DIR=tmp_path)
    assert "voice/7" not in text()
    card = registry.active(tmp_path)["voice"].config.model_copy(update={"version": "7"})
    folder = tmp_path / "own" / "voice-7"
    shutil.copytree(registry.SHIPPED / "voice-1", folder)
    (folder / "config.json").write_text(card.model_dump_json())
    registry.activate(tmp_path, "voice/7")
    assert "voice/7+" in text()


def test_without_groups_nothing_is_compared() -> None:
    assert "Your school has named no groups of learners" in text()


def test_with_groups_it_names_what_differed_and_no_groups_figure(settings: Any) -> None:
    under(settings, FAIRNESS_GROUPS=["north", "south"])
    assert "too few learners yet to say" in text()
    cache.clear()
    course = people.course()
    group(course, "north", 8)
    group(course, "south", 8, known=300)
    page = text()
    assert (
        "In the last 90 days these differed by more than 10 points: Coverage, Signals an hour."
        in page
    )
    assert "north · south" in page
    LearnerRecord.objects.update(group="")
    assert "Coverage, Signals" in text()  # at most an hour old


# --- what it refuses ------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["voice-9", "states-1", "manifest", "CARD"])
def test_no_other_file_is_given_out(name: str) -> None:
    assert Client().get(f"/tutor-emotion/about/{name}/").status_code == 404


def test_it_is_only_read() -> None:
    assert Client().post(PAGE).status_code == 405
    assert Client().post("/tutor-emotion/about/voice-1/").status_code == 405
