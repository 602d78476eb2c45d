"""Lists as people write them: CSV with a header, or TOML with an array of tables."""

from __future__ import annotations

import csv
import io
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

from tutor_emotion.errors import BadInput

HINT = "See docs/evaluation.md."


@dataclass(frozen=True, slots=True)
class Row:
    """One row; ``number`` is its line in the file (a CSV's header is row 1) or its place (TOML)."""

    number: int
    values: Mapping[str, str]

    def __getitem__(self, column: str) -> str:
        return self.values.get(column, "")


@dataclass(frozen=True, slots=True)
class Table:
    """The rows of a list; ``notes`` says which of its columns are not used."""

    rows: tuple[Row, ...]
    notes: tuple[str, ...] = ()


def read_rows(path: Path, needs: Sequence[str], knows: Sequence[str]) -> Table:
    """The rows of a CSV or TOML list that has every column of ``needs``.

    Raises:
        BadInput: ``data_missing``, ``bad_list``, naming the file and the row.
    """
    text = read_text(path)
    found = _toml(path, text) if path.suffix.lower() == ".toml" else _csv(path, text)
    columns = dict.fromkeys(column for row in found for column in row.values)
    known = (*needs, *knows)
    for column in columns:
        near = get_close_matches(column, known, n=1)
        if column not in known and near and near[0] not in columns:
            raise BadInput(
                "bad_list",
                f"{path.name}: there is no column {column!r:.40}.",
                hint=f"Did you mean {near[0]}?",
            )
    for row in found:
        for column in needs:
            if not row[column]:
                raise BadInput(
                    "bad_list", f"{path.name}, row {row.number}: no {column}.", hint=HINT
                )
    unused = [column for column in columns if column not in known]
    return Table(tuple(found), tuple(f"column not used: {column}" for column in unused))


def read_text(path: Path) -> str:
    """The text of a UTF-8 file.

    Raises:
        BadInput: ``data_missing``, ``data_unreadable``.
    """
    try:
        return path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        raise BadInput("data_missing", f"There is no file {path}.") from None
    except OSError as error:
        raise BadInput("data_unreadable", f"{path.name}: {error.strerror}.") from None
    except UnicodeDecodeError as error:
        row = error.object[: error.start].count(b"\n") + 1
        raise BadInput(
            "data_unreadable", f"{path.name}, row {row}: it is not UTF-8 text."
        ) from None


def _csv(path: Path, text: str) -> list[Row]:
    header = text.partition("\n")[0]
    delimiter = max(",;\t", key=header.count)
    reader = csv.reader(io.StringIO(text), delimiter=delimiter, strict=True)
    rows: list[Row] = []
    columns: list[str] = []
    try:
        for cells in reader:
            if not any(cell.strip() for cell in cells):
                continue
            if not columns:
                columns = [cell.strip().lower() for cell in cells]
                _refuse_twins(path, columns)
                continue
            if len(cells) != len(columns):
                raise BadInput(
                    "bad_list",
                    f"{path.name}, row {reader.line_num}: {len(cells)} cells under "
                    f"{len(columns)} columns.",
                )
            values = {c: cell.strip() for c, cell in zip(columns, cells, strict=True)}
            rows.append(Row(reader.line_num, values))
    except csv.Error as error:
        raise BadInput("bad_list", f"{path.name}, row {reader.line_num}: {error}.") from None
    if not rows:
        raise BadInput("bad_list", f"{path.name} holds no row under its header.", hint=HINT)
    return rows


def _refuse_twins(path: Path, columns: Sequence[str]) -> None:
    for at, column in enumerate(columns):
        if column and column in columns[:at]:
            raise BadInput("bad_list", f"{path.name}: there are two columns {column!r:.40}.")


def _toml(path: Path, text: str) -> list[Row]:
    """The first array of tables of the file, whatever its name."""
    try:
        tables = [value for value in tomllib.loads(text).values() if isinstance(value, list)]
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise BadInput("bad_list", f"{path.name}: {error}.") from None
    if not tables or not all(isinstance(entry, dict) for entry in tables[0]):
        raise BadInput("bad_list", f"{path.name} holds no array of tables.", hint=HINT)
    return [
        Row(number, {str(key).lower(): str(value).strip() for key, value in entry.items()})
        for number, entry in enumerate(tables[0], start=1)
    ]
