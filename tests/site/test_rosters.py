"""A school's list as its spreadsheets write it: read whole, or refused with a reason."""

from __future__ import annotations

import pytest

from tutor_emotion.errors import BadInput
from tutor_emotion.services import MAX_BYTES, MAX_ROWS, Row, read_roster


def rows(text: str, encoding: str = "utf-8") -> tuple[Row, ...]:
    return read_roster(text.encode(encoding)).rows


def people(text: str) -> list[str]:
    return [row.person for row in rows(text)]


# --- it works -------------------------------------------------------------------------------------


def test_a_list_with_every_column() -> None:
    head = "username,email,first_name,last_name,class,role"
    text = head + '\nada,a@x.org,Ada,"Okoye, Dr",7a,teacher\n'
    assert rows(text) == (
        Row(2, "ada", "a@x.org", "Ada", "Okoye, Dr", class_name="7a", role="teacher"),
    )


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_each_delimiter(delimiter: str) -> None:
    text = delimiter.join(("class", "username")) + "\n" + delimiter.join(("7a", "ada"))
    assert rows(text) == (Row(2, "ada", class_name="7a"),)


@pytest.mark.parametrize(
    "head",
    [
        "Benutzername;Vorname;Klasse;Rolle",
        "اسم المستخدم;الاسم الأول;الصف;الدور",
        "User Name;First Name;CLASS;Role",
    ],
)
def test_headers_in_three_languages(head: str) -> None:
    (row,) = rows(f"{head}\nada;Ada;7a;\n")
    assert row == Row(2, "ada", first_name="Ada", class_name="7a", role="learner")


def test_a_plain_list_of_people_needs_no_header() -> None:
    assert people("ada\n\n ben@example.org \r\nmia") == ["ada", "ben@example.org", "mia"]
    assert [row.line for row in rows("ada\n\nben")] == [1, 3]


@pytest.mark.parametrize(
    ("encoding", "said"),
    [("utf-8", "UTF-8"), ("utf-8-sig", "UTF-8"), ("cp1252", "Windows-1252"), ("utf-16", "UTF-16")],
)
def test_how_it_was_encoded_is_found_and_said(encoding: str, said: str) -> None:
    roster = read_roster("username;Nachname\nada;Jägermüller\n".encode(encoding))
    assert roster.encoding == said
    assert roster.rows[0].last_name == "Jägermüller"


# --- its edges ------------------------------------------------------------------------------------


def test_roles_in_words_and_the_one_that_nobody_has() -> None:
    text = "username,role\na,Lehrkraft\nb,Co-Teacher\nc,معلم\nd,Schüler\ne,headmaster\n"
    read = rows(text)
    assert [row.role for row in read[:4]] == ["teacher", "co_teacher", "teacher", "learner"]
    assert "headmaster" in read[4].fault


def test_excels_own_first_line_blank_lines_and_other_columns_are_passed_by() -> None:
    text = "sep=;\r\nKlasse;Benutzername;Schuhgröße\r\n\r\n7a;ada;38\r\n;;\r\n7a;ben\r\n"
    assert [(row.line, row.username) for row in rows(text)] == [(4, "ada"), (6, "ben")]


def test_a_quoted_cell_keeps_its_delimiters_and_quotation_marks() -> None:
    assert rows('username,class\nada,"7a, ""the"" one"\n')[0].class_name == '7a, "the" one'


def test_a_row_that_names_nobody_is_a_fault_of_that_row() -> None:
    first, second = rows("username,class\n,7a\nada,7a\n")
    assert first.fault
    assert not second.fault


def test_a_cell_of_kilobytes_is_a_fault_of_its_row() -> None:
    assert rows("username,class\nada," + "x" * 5000 + "\n")[0].fault


def test_as_many_rows_as_are_allowed() -> None:
    text = "username\n" + "\n".join(f"u{n}" for n in range(MAX_ROWS))
    assert len(rows(text)) == MAX_ROWS


# --- what it refuses ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (b"", "bad_roster"),
        (b" \n\n", "bad_roster"),
        (b"username,class\n", "bad_roster"),
        (b"name,shoe size\nada,38\n", "bad_roster"),
        (b"username,user\nada,ada\n", "bad_roster"),
        (b'username,class\nada,"7a\n', "bad_roster"),
        (b"PK\x03\x04\x00\x00workbook", "bad_roster"),
        (b"\xff\xfe\x00", "bad_roster"),
        (b"user\x81name", "bad_roster"),
        (b"x" * (MAX_BYTES + 1), "roster_too_large"),
        (b"username\n" + b"u\n" * (MAX_ROWS + 1), "roster_too_large"),
        (b"u\n" * (MAX_ROWS + 1), "roster_too_large"),
    ],
)
def test_what_is_no_list_is_refused_with_a_code(raw: bytes, code: str) -> None:
    with pytest.raises(BadInput) as caught:
        read_roster(raw)
    assert caught.value.code == code
    assert caught.value.message


def test_the_line_of_an_open_quotation_mark_is_named() -> None:
    with pytest.raises(BadInput, match="Line 3"):
        read_roster(b'username,class\nada,7a\nben,"7a" oops\n')
