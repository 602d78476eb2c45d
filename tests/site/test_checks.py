"""System checks: a package without its scripts says so before anybody sees an empty page."""

from __future__ import annotations

from pathlib import Path

from tutor_emotion.checks import SCRIPTS, missing_scripts


def test_a_package_with_its_scripts_is_left_in_peace(tmp_path: Path) -> None:
    for name in SCRIPTS:
        (tmp_path / name).write_text("export {};")
    assert missing_scripts(tmp_path) == []


def test_a_clone_that_was_never_set_up_is_told_how(tmp_path: Path) -> None:
    (tmp_path / "learner.js").write_text("export {};")
    (warning,) = missing_scripts(tmp_path)
    assert warning.id == "tutor_emotion.W001"
    assert "classroom.js" in warning.msg
    assert "learner.js" not in warning.msg
    assert warning.hint is not None
    assert "make setup" in warning.hint


def test_a_folder_that_is_not_there_is_no_crash(tmp_path: Path) -> None:
    assert len(missing_scripts(tmp_path / "dist")) == 1
