"""Learners' own keys."""

from __future__ import annotations

from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command

from tests.databases import another_database
from tutor_emotion import services
from tutor_emotion.checks import keys_are_there
from tutor_emotion.demo.key_file import master_keys
from tutor_emotion.errors import BadInput, Unavailable
from tutor_emotion.models import LearnerKey
from tutor_emotion.sealing import Box, as_text, master_boxes, new_key

BAD_KEYS = [([], "no_master_key"), (["abc"], "bad_master_key"), (["ß"], "bad_master_key")]


@pytest.fixture
def ada() -> User:
    return User.objects.create_user("ada")


@pytest.fixture
def ben() -> User:
    return User.objects.create_user("ben")


def test_what_was_sealed_opens_again() -> None:
    box = Box(new_key())
    token = box.seal({"kind": "confused", "نص": [1, None]}, "signal:1")
    assert b"confused" not in token
    assert box.open(token, "signal:1") == {"kind": "confused", "نص": [1, None]}
    assert box.seal(1, "a") != box.seal(1, "a"), "two of the same must not be told"


@pytest.mark.parametrize("spoil", ["place", "key", "byte", "short", "version", "empty"])
def test_what_is_not_whole_does_not_open(spoil: str) -> None:
    box, where = Box(new_key()), "signal:1"
    token = box.seal("a", where)
    if spoil == "place":
        where = "signal:2"
    elif spoil == "key":
        box = Box(new_key())
    else:
        token = {
            "byte": token[:-1] + bytes([token[-1] ^ 1]),
            "short": token[:9],
            "version": b"\x02" + token[1:],
            "empty": b"",
        }[spoil]
    with pytest.raises(Unavailable) as refused:
        box.open(token, where)
    assert refused.value.code == "not_opened"


@pytest.mark.parametrize(
    ("keys", "code"),
    [([], "no_master_key"), (["abc"], "bad_master_key"), (["ß"], "bad_master_key")],
)
def test_a_master_key_that_is_none(keys: list[str], code: str, settings: Any) -> None:
    with pytest.raises(BadInput) as refused:
        master_boxes(keys)
    assert refused.value.code == code
    settings.TUTOR_EMOTION = settings.TUTOR_EMOTION | {"MASTER_KEYS": keys}
    (said,) = keys_are_there()
    assert said.id == "tutor_emotion.E003"
    assert "openssl rand" in (said.hint or "")


def test_a_database_for_keys_that_is_none(settings: Any) -> None:
    settings.TUTOR_EMOTION = settings.TUTOR_EMOTION | {"KEY_DATABASE": "elsewhere"}
    (said,) = keys_are_there()
    assert said.id == "tutor_emotion.E004"


def test_the_demonstrations_key_is_made_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("TUTOR_EMOTION_MASTER_KEYS", raising=False)
    path = tmp_path / "var" / "master.key"
    keys = master_keys(path)
    assert master_keys(path) == keys
    assert path.stat().st_mode & 0o077 == 0
    assert list(path.parent.iterdir()) == [path]
    monkeypatch.setenv("TUTOR_EMOTION_MASTER_KEYS", "a, b,")
    assert master_keys(path) == ["a", "b"]


@pytest.mark.django_db
def test_a_learner_has_one_key_of_their_own(ada: User, ben: User) -> None:
    token = services.box_of(ada.pk).seal("a", "x")
    assert services.box_of(ada.pk).open(token, "x") == "a"
    with pytest.raises(Unavailable):
        services.box_of(ben.pk).open(token, "x")
    assert set(services.boxes_of([ada.pk, ben.pk, 0])) == {ada.pk, ben.pk}


@pytest.mark.django_db
def test_a_destroyed_key_leaves_nothing_to_open(ada: User) -> None:
    token = services.box_of(ada.pk).seal("a", "x")
    services.destroy_key(services.learner_record(ada.pk).pseudonym)
    assert services.boxes_of([ada.pk]) == {}
    with pytest.raises(Unavailable):
        services.box_of(ada.pk).open(token, "x")


@pytest.mark.django_db
def test_the_master_key_changes_and_nothing_is_lost(ada: User, ben: User, settings: Any) -> None:
    token = services.box_of(ada.pk).seal("a", "x")
    services.box_of(ben.pk)
    old, new = settings.TUTOR_EMOTION["MASTER_KEYS"], as_text(new_key())
    settings.TUTOR_EMOTION = settings.TUTOR_EMOTION | {"MASTER_KEYS": [new, *old]}
    assert services.rotate_keys() == 2
    assert services.rotate_keys() == 0
    settings.TUTOR_EMOTION = settings.TUTOR_EMOTION | {"MASTER_KEYS": [new]}
    assert services.box_of(ada.pk).open(token, "x") == "a"
    settings.TUTOR_EMOTION = settings.TUTOR_EMOTION | {"MASTER_KEYS": old}
    with pytest.raises(Unavailable):
        services.box_of(ada.pk)
    assert LearnerKey.objects.count() == 2


# --- a new master key -----------------------------------------------------------------------------


def rotated(*arguments: str) -> str:
    out = StringIO()
    call_command("rotate_keys", *arguments, stdout=out)
    return out.getvalue()


def with_keys(settings: Any, *keys: str) -> None:
    settings.TUTOR_EMOTION = {**settings.TUTOR_EMOTION, "MASTER_KEYS": list(keys)}


@pytest.mark.django_db
def test_the_command_changes_the_master_key(settings: Any, ada: User, ben: User) -> None:
    """The recipe of docs/operations.md: add the new one first, rotate, take the old one away."""
    old, new = as_text(new_key()), as_text(new_key())
    with_keys(settings, old)
    before = [services.box_of(one.pk).key for one in (ada, ben)]
    with_keys(settings, new, old)
    with pytest.raises(CommandError, match="2 are still sealed with an older one"):
        rotated("--check")
    assert rotated() == ("2 keys were sealed anew\n2 keys are sealed with the first master key\n")
    assert rotated().startswith("0 keys were sealed anew")
    with_keys(settings, new)
    assert [services.box_of(one.pk).key for one in (ada, ben)] == before
    assert rotated("--check") == "2 keys are sealed with the first master key\n"


@pytest.mark.django_db
def test_broken_off_it_goes_on_where_it_was(settings: Any, ada: User, ben: User) -> None:
    old, new = as_text(new_key()), as_text(new_key())
    with_keys(settings, old)
    for one in (ada, ben):
        services.box_of(one.pk)
    with_keys(settings, new, old)

    def broken(_done: int) -> None:
        raise KeyboardInterrupt

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("tutor_emotion.services.keys.TELL_EVERY", 1)
        with pytest.raises(KeyboardInterrupt):
            services.rotate_keys(broken)
    assert (services.count_keys().first, services.count_keys().older) == (1, 1)
    assert services.rotate_keys() == 1
    assert services.count_keys() == services.KeyCounts(first=2)


@pytest.mark.django_db
def test_a_key_that_nothing_opens_stops_no_other(settings: Any, ada: User, ben: User) -> None:
    lost, old, new = (as_text(new_key()) for _ in range(3))
    with_keys(settings, lost)
    services.box_of(ada.pk)
    with_keys(settings, old)
    services.box_of(ben.pk)
    with_keys(settings, new, old)
    with pytest.raises(CommandError, match="1 are opened by none"):
        rotated()
    assert services.count_keys() == services.KeyCounts(first=1, lost=1)


@pytest.mark.django_db
def test_without_a_master_key_it_says_so(settings: Any, ada: User) -> None:
    with_keys(settings)
    with pytest.raises(CommandError, match="no_master_key"):
        rotated()


# --- keys in a database of their own --------------------------------------------------------------


@pytest.mark.django_db
def test_keys_live_in_the_database_that_is_named(settings: Any, ada: User, tmp_path: Path) -> None:
    with another_database(tmp_path / "keys.sqlite3", "keys") as keys:
        with keys.schema_editor() as editor:
            editor.create_model(LearnerKey)
        settings.TUTOR_EMOTION = {**settings.TUTOR_EMOTION, "KEY_DATABASE": "keys"}
        token = services.box_of(ada.pk).seal("a", "x")
        assert not LearnerKey.objects.exists()
        assert LearnerKey.objects.using("keys").count() == 1
        assert services.boxes_of([ada.pk])[ada.pk].open(token, "x") == "a"
        assert services.rotate_keys() == 0
        services.erase_learner(ada)
        assert not LearnerKey.objects.using("keys").exists()
