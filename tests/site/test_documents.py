"""The documents of data protection: true of this configuration, and of no other."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from tests import people
from tutor_emotion.core.types import MODALITIES
from tutor_emotion.documents import cards, facts, writing
from tutor_emotion.documents.facts import gather
from tutor_emotion.documents.writing import DOCUMENTS, written
from tutor_emotion.jurisdictions import profiles
from tutor_emotion.models import ROLES, Policy
from tutor_emotion.nets import registry
from tutor_emotion.nets.weights import manifest
from tutor_emotion.words import ROLE_LABELS

pytestmark = pytest.mark.django_db
ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = ROOT / "docs/documents"
BLANK = re.compile(r"\*\*\[to fill in: [^\]]+(?:\\\][^\]]*)?\]\*\*")


def under(settings: Any, **values: Any) -> None:
    settings.TUTOR_EMOTION = {**settings.TUTOR_EMOTION, **values}


def everything() -> str:
    return "\n".join(written(gather()).values())


# --- they are true ------------------------------------------------------------------------------


def test_each_document_is_written_by_the_command(tmp_path: Path) -> None:
    call_command("write_documents", "--out", str(tmp_path / "new"), "--date", "2026-11-28")
    assert sorted(p.stem for p in (tmp_path / "new").iterdir()) == sorted(DOCUMENTS)
    dpia = (tmp_path / "new/dpia.md").read_text("utf-8")
    assert "0.1.0 on 2026-11-28." in dpia
    assert "{" not in re.sub(r"`[^`]*`", "", dpia)


def test_the_same_configuration_gives_the_same_texts() -> None:
    assert written(gather()) == written(gather())
    assert not re.search(r"tutor_emotion 0\.1\.0 on", everything())


def test_an_omni_model_a_shadow_and_a_kept_window_are_in_the_documents(settings: Any) -> None:
    plain = everything()
    assert "omni model" not in plain
    under(settings, RUNNER="compact", SHADOW_RUNNER="r1-omni", R1_OMNI_FOLDER="/srv/r1")
    beside = everything()
    assert "A second Runner, `r1-omni`, reads the same Windows" in beside
    assert "usage policy of its own" in beside
    assert "/srv/r1" not in beside  # no path of a machine
    under(settings, RUNNER="omni-mini", SHADOW_RUNNER=None, REASON_WINDOW_S=10)
    alone = everything()
    assert "Runner `omni-mini`" in alone
    assert "A second Runner" not in alone
    assert "stays in memory for 10.0 s, for a learner who asks why" in alone


def test_two_configurations_differ_where_they_must(settings: Any) -> None:
    course = people.course("algebra", suspect_on=0.45)
    at_home = written(gather())
    under(settings, JURISDICTION="eu_institution", CONTACT="Ms Roth", WINDOW_TTL_S=3.0)
    Policy.objects.filter(course=course).update(
        suspect_on=0.55, keep_events_days=3, collect_labels=True, keep_labels_days=30
    )
    in_school = written(gather())
    assert all(at_home[name] != in_school[name] for name in at_home)
    title = profiles()["eu_institution"].title
    for name in ("dpia.md", "ai-act-technical-file.md", "fria.md"):
        assert title in in_school[name]
        assert title not in at_home[name]
        row = next(x for x in in_school[name].splitlines() if x.startswith("| face |"))
        assert row == "| face | forbidden | forbidden | forbidden | forbidden | no |"
    assert (
        "| face | forbidden | forbidden | forbidden | allowed | yes, with consent |"
        in (at_home["dpia.md"])
    )
    course_row = next(x for x in in_school["dpia.md"].splitlines() if "`algebra`" in x)
    for fact in ("text, interaction, self report | 0.55", "30 days, with a consent", "| 3 |"):
        assert fact in course_row
    assert "a waiting Window 3 s" in in_school["coppa-retention.md"]
    assert "It reads no face and no voice" in in_school["notice.md"]
    assert "nobody needs to sign this" in in_school["bipa-release.md"]
    assert "Signature and date" in at_home["bipa-release.md"]
    assert "Whom to ask: Ms Roth" in in_school["notice.md"]


def test_every_file_of_a_model_is_named_with_its_sha256() -> None:
    text = written(gather())["ai-act-technical-file.md"]
    for file in manifest():
        assert file.sha256 in text
    for model in registry.active(Path("nowhere")).values():
        assert model.sha256 in text
        assert f"{100 * model.config.metrics['accuracy']:.1f} %" in text
        for data in model.config.trained.data.values():
            assert data in text


def test_roles_modalities_and_machines_are_all_named(settings: Any) -> None:
    under(
        settings,
        REDIS_URL="redis://user:secret@valkey.example.org:6380/1",
        ICE_SERVERS=[{"urls": ["stun:stun.example.org:3478"]}, {"urls": "stun:other.example.net"}],
        TURN_URLS=["turn:turn.example.org:3478?transport=udp"],
        TURN_SECRET="hush",
    )
    text = everything()
    for host in ("valkey", "stun", "turn"):
        assert f"`{host}.example.org`" in text
    assert "other.example.net" in text
    assert "secret" not in text
    assert "hush" not in text
    assert "6380" not in text
    assert settings.TUTOR_EMOTION["MASTER_KEYS"][0] not in text
    for role in ROLES:
        assert str(ROLE_LABELS[role]) in text
    for modality in MODALITIES:
        assert f"| {modality.replace('_', ' ')} |" in text


def test_the_example_of_the_demonstration_is_what_the_command_writes(
    settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a change, with TUTOR_EMOTION_VAR and TUTOR_EMOTION_WEIGHTS in an empty folder:
    manage.py migrate, manage.py seed_demo, manage.py write_documents --out docs/documents."""
    monkeypatch.setattr(timezone, "localdate", lambda: date(2026, 11, 28))
    under(settings, WEIGHTS_DIR=tmp_path)
    call_command("seed_demo", stdout=(tmp_path / "said").open("w"))
    pages = written(gather())
    assert sorted(pages) == sorted(path.name for path in EXAMPLE.iterdir())
    for name, text in pages.items():
        assert (EXAMPLE / name).read_text("utf-8") == text, f"docs/documents/{name} is not true"


def test_an_exception_and_an_approval_are_named_where_the_profile_asks_for_them(
    settings: Any,
) -> None:
    said = "documented decision that two people signed"
    assert said not in written(gather())["dpia.md"]
    under(settings, JURISDICTION="eu_medical_or_safety")
    assert said in written(gather())["dpia.md"]
    study = next(name for name, profile in profiles().items() if profile.approval)
    under(settings, JURISDICTION=study)
    assert "none, so face and voice are not read" in written(gather())["dpia.md"]
    under(settings, JURISDICTION=study, ETHICS_APPROVAL="EK 12/2026")
    assert "ethics approval: EK 12/2026" in written(gather())["dpia.md"]


# --- where figures come from ------------------------------------------------------------------


def test_a_figure_of_the_simulation_changes_with_its_file(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    other = tmp_path / "measured.toml"
    text = facts.MEASURED.read_text("utf-8")
    other.write_text(text.replace("learners = 1000", "learners = 77").replace("[0.50,", "[0.91,"))
    before = everything()
    monkeypatch.setattr(facts, "MEASURED", other)
    facts.measured.cache_clear()
    try:
        after = everything()
    finally:
        facts.measured.cache_clear()
    assert "1000" in before
    assert "1000" not in after
    assert after.count("77 ") >= 3
    assert "91 %" in after
    assert "50 %" not in after


def test_a_figure_of_a_card_changes_with_its_config(monkeypatch: pytest.MonkeyPatch) -> None:
    (model,) = (m for m in registry.active(Path("nowhere")).values() if m.kind == "expression")
    better = model.config.model_copy(update={"metrics": {"accuracy": 0.123, "by_age": {"7": 0.5}}})
    changed = registry.Model(model.kind, "1", model.folder, "f" * 64, better)
    monkeypatch.setattr(cards.registry, "active", lambda _: {"expression": changed})
    text = everything()
    assert "12.3 %" in text
    assert "86.8 %" not in text
    assert "7: 50.0 %" in text
    assert "expression/1+ffffffff" in text


# --- what is left blank -----------------------------------------------------------------------


def test_what_only_the_school_knows_stays_a_marked_blank() -> None:
    pages = written(gather())
    for name, text in pages.items():
        assert BLANK.search(text), name
    for words in ("Controller", "Data protection officer", "Accepted by"):
        line = next(x for x in pages["dpia.md"].splitlines() if x.strip("- ").startswith(words))
        assert BLANK.search(line), line


def test_a_contact_fills_its_blank_and_no_other(settings: Any) -> None:
    def blanks() -> list[str]:
        return BLANK.findall(everything())

    before = blanks()
    under(settings, CONTACT="Ms Roth")
    after = blanks()
    assert len(before) - len(after) == 3  # assessment, outline, notice
    assert set(after) < set(before)


def test_what_needs_counsel_says_so() -> None:
    pages = written(gather())
    for name in ("dpia.md", "ai-act-technical-file.md", "fria.md", "coppa-retention.md"):
        own = pages[name].split("Not legal advice.")[1]
        assert "**counsel**" in own, name


# --- edges and what it refuses ------------------------------------------------------------------


def test_no_course_no_profile_and_debug_are_said(settings: Any) -> None:
    under(settings, JURISDICTION="atlantis")
    settings.DEBUG = True
    text = written(gather())["dpia.md"]
    assert "There is no course yet." in text
    assert "JURISDICTION names no profile" in text
    assert "(`camera_free`" in text
    assert "DEBUG is on" in text


def test_a_title_cannot_break_the_table_or_become_markup(settings: Any) -> None:
    course = people.course()
    course.title = "a | b\n<script>alert(1)</script> [x](javascript:1)"
    course.save()
    under(settings, CONTACT="**Ms**\nRoth <b>")
    text = everything()
    row = next(x for x in text.splitlines() if "`fractions`" in x and "alert" in x)
    assert row.startswith("| a \\| b \\<script\\>")
    assert re.search(r"(?<!\\)\[x\]", text) is None
    assert "\\*\\*Ms\\*\\* Roth \\<b\\>" in text


def test_the_notice_is_in_the_language_that_was_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def overriding(language: str) -> Any:
        asked.append(language)
        return translation_override(language)

    translation_override = writing.translation.override
    monkeypatch.setattr(writing.translation, "override", overriding)
    written(gather(), language="ar")
    assert asked == ["ar" if name in writing.TRANSLATED else "en" for name in DOCUMENTS]


def test_a_folder_that_cannot_be_written_to_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(CommandError, match="cannot be written to"):
        call_command("write_documents", "--out", str(tmp_path / "file"))


def test_a_model_that_is_not_whole_writes_nothing(settings: Any, tmp_path: Path) -> None:
    (tmp_path / "active.json").write_text('{"active": {"voice": 1}}')
    under(settings, WEIGHTS_DIR=tmp_path)
    with pytest.raises(CommandError):
        call_command("write_documents", "--out", str(tmp_path / "out"))
    assert not (tmp_path / "out").exists()
