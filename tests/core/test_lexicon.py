"""Phrases as a school writes them: what they match, how they are edited, what is refused."""

from __future__ import annotations

from pathlib import Path
from time import process_time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tutor_emotion.core.config import EngineConfig
from tutor_emotion.core.estimators import text
from tutor_emotion.core.lexicon import (
    KINDS,
    MAX_PHRASES,
    SHIPPED,
    Lexicon,
    combined,
    edited,
    read_edit,
    read_folder,
)
from tutor_emotion.core.lexicon.phrases import compiled, line, words
from tutor_emotion.errors import BadInput


def found(phrase: str, message: str) -> bool:
    return compiled([phrase]).search(line(words(message))) is not None


@pytest.mark.parametrize(
    ("phrase", "message"),
    [
        ("my head hurts", "My head HURTS!!"),
        ("i (really) dont get it", "I don't get it"),
        ("i (really) dont get it", "i really really don’t get it"),
        ("get|understand this|it", "cant understand it"),
        ("this * no sense", "this whole thing makes no sense"),
        ("nerv-", "das ist so nervig"),
        ("^ huh", "ok. huh what"),
        ("done $", "i am done. next"),
        ("ughhh", "uggghhhhh"),
        ("🥱", "ok 🥱🥱"),
    ],
)
def test_a_phrase_is_found(phrase: str, message: str) -> None:
    assert found(phrase, message)


@pytest.mark.parametrize(
    ("phrase", "message"),
    [
        ("lost", "the lostness of it"),
        ("this * no sense", "this is one two three four no sense"),
        ("^ huh", "ok huh"),
        ("done $", "done with it"),
        ("dont (really) get", "dont really really really get"),
    ],
)
def test_and_not_where_it_is_not(phrase: str, message: str) -> None:
    assert not found(phrase, message)


def test_a_school_adds_and_removes() -> None:
    lexicon = edited(
        ("ours", '[add]\nconfused = ["my head hurts"]\n[remove]\nbored = ["🥱|😴|💤|🙄|😑"]')
    )
    assert text.said("my head hurts", SHIPPED).holds == ()
    assert text.said("my head hurts", lexicon).holds == ("confused",)
    assert text.said("🥱", SHIPPED).holds == ("bored",)
    assert text.said("🥱", lexicon).holds == ()


def test_a_schools_phrases_move_the_engine() -> None:
    config = EngineConfig(lexicon=edited(("ours", '[add]\nannoyed = ["this is mank"]')))
    evidence = text.estimate("this is mank", 5.0, config).evidence
    assert [e.measure for e in evidence] == ["says_annoyed"]


def test_a_school_adds_what_alarms_and_never_removes_it() -> None:
    lexicon = edited(("ours", '[add]\nsafety = ["code red"]'))
    assert text.is_alarming("CODE RED please", lexicon)
    assert not text.is_alarming("code red please", SHIPPED)
    shipped = SHIPPED.phrases["safety"][0]
    with pytest.raises(BadInput, match=r"ours, line 2.*cannot be removed"):
        edited(("ours", f'[remove]\nsafety = ["{shipped}"]'))


def test_files_of_a_folder_are_read_by_name(tmp_path: Path) -> None:
    (tmp_path / "b.toml").write_text('[remove]\nconfused = ["what is this even"]')
    (tmp_path / "a.toml").write_text('[add]\nconfused = ["what is this even"]')
    (tmp_path / "notes.txt").write_text("not ours")
    edits = read_folder(tmp_path)
    assert [edit.name for edit in edits] == ["a.toml", "b.toml"]
    assert combined(edits, SHIPPED.phrases) == SHIPPED


@pytest.mark.parametrize(
    ("toml", "says"),
    [
        ("[add]\nconfused = lost", "no TOML.*line 2"),
        ("[add]\n\nconfusd = []", r"line 3: 'confusd' is no kind of phrase; did you mean confused"),
        ("[plus]\nconfused = []", "line 1: 'plus' is neither"),
        ('[add]\nconfused = "lost"', "line 2: confused is no list"),
        ('[add]\nconfused = [\n"ok",\n"a (b"]', "line 4.*bracket"),
        ('[add]\nconfused = ["a ((b) c)"]', "bracket"),
        ('[add]\nconfused = ["a||b"]', "empty alternative"),
        ('[add]\nconfused = ["(a) *"]', "no word"),
        ('[add]\nconfused = ["a *"]', "star"),
        ('[add]\nconfused = ["a * b * c * d"]', "stars"),
        ('[add]\nconfused = ["a ^ b"]', r"\^ or \$ in the middle"),
        (r"[add]" + "\n" + r"confused = ['(a+)+b']", "sign that means nothing|bracket"),
        (r"[add]" + "\n" + r"confused = ['a\b']", "sign that means nothing"),
        (f'[add]\nconfused = ["{"a" * 600}"]', "longer"),
        ('[remove]\nbored = ["boaring"]', "line 2: bored has no phrase 'boaring' to remove"),
    ],
)  # fmt: skip
def test_what_is_refused_names_file_and_line(toml: str, says: str) -> None:
    with pytest.raises(BadInput, match=says) as refused:
        edited(("school.toml", toml))
    assert refused.value.code == "bad_lexicon"
    assert "school.toml" in refused.value.message


def test_too_many_phrases_are_refused() -> None:
    many = ", ".join(f'"word{n}"' for n in range(MAX_PHRASES))
    with pytest.raises(BadInput, match="more than"):
        edited(("school.toml", f"[add]\nconfused = [{many}]"))


def test_a_file_that_is_no_text_is_named(tmp_path: Path) -> None:
    (tmp_path / "bad.toml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(BadInput, match=r"bad\.toml"):
        read_folder(tmp_path)


def test_an_empty_lexicon_finds_nothing() -> None:
    empty = Lexicon({})
    assert set(empty.patterns) == set(KINDS)
    assert text.said("i don't get it", empty).holds == ()
    assert not text.is_alarming("i want to die", empty)


def test_an_edit_that_changes_nothing_is_the_shipped_one() -> None:
    assert read_edit("", "empty").add == {}
    assert edited(("empty", "")) == SHIPPED


# --- time ----------------------------------------------------------------------------------------


def spent_s(message: str) -> float:
    """The best of three: what a busy machine adds is not the pattern's."""
    best = float("inf")
    for _ in range(3):
        started = process_time()
        text.is_alarming(message, SHIPPED)
        text.said(message, SHIPPED)
        best = min(best, process_time() - started)
    return best


WORDS = sorted({w for kind in KINDS for p in SHIPPED.phrases.get(kind, ()) for w in words(p)})


@settings(max_examples=20, deadline=None)
@given(st.lists(st.sampled_from(WORDS), min_size=300, max_size=700))
def test_long_messages_of_our_own_words_are_read_in_time(said: list[str]) -> None:
    assert spent_s(" ".join(said)[:2000]) < 0.05


@pytest.mark.parametrize(
    "word", ["a", "🤔", "confused he", "not", "i am so", "cant do this", "im so so lost."]
)
def test_twice_the_message_takes_no_more_than_about_twice_the_time(word: str) -> None:
    half, whole = (spent_s((word + " ") * (length // (len(word) + 1))) for length in (1000, 2000))
    assert whole < 4 * half + 0.005
    assert whole < 0.05


def test_a_phrase_with_brackets_without_end_is_refused() -> None:
    """Each may be missing or stand twice: fourteen of them took minutes for one message."""
    with pytest.raises(BadInput, match="more than 6 brackets"):
        read_edit(f'[add]\nbored = ["{"(x|a) " * 14}x"]', "the admin")
