"""The hash chain of the ledger: what an entry's hash is of, and what is wrong with a chain.

Pure: entries come from the table or from an exported file, and are judged alike.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from typing import Any, Literal

from tutor_emotion.errors import BadInput

START = "0" * 64  # what the first entry follows
Kind = Literal["changed", "missing", "reordered", "unlinked", "cut", "rewritten", "unexpected"]


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry as it is hashed and exported: ``at`` in ISO 8601 (UTC), ``sealed`` in base64."""

    number: int
    at: str
    subject: str
    course: str
    what: str
    given: bool
    text_version: str
    words: str
    by: str
    reason: str
    sealed: str
    previous: str
    hash: str = ""


@dataclass(frozen=True, slots=True)
class Head:
    """The newest entry: none is 0 and ``START``."""

    number: int = 0
    hash: str = START


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with which entry."""

    number: int
    kind: Kind
    message: str


def digest(entry: Entry) -> str:
    """SHA-256 over all fields but the hash itself, as JSON with sorted keys and no spaces."""
    fields = asdict(entry)
    del fields["hash"]
    text = json.dumps(fields, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


class Walk:
    """Goes along a chain once; ``faults`` first, then ``head`` and ``seen``."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        self._entries = entries
        self.head = Head()
        self.seen: dict[str, int] = {}  # the number of each hash

    def faults(self) -> Iterator[Fault]:
        """What is wrong, in the order of the entries."""
        for entry in self._entries:
            yield from self._look_at(entry)
            if entry.number > self.head.number:
                self.head = Head(entry.number, entry.hash)
            self.seen[entry.hash] = entry.number

    def _look_at(self, entry: Entry) -> Iterator[Fault]:
        due = self.head.number + 1
        if entry.number < due:
            text = f"entry {entry.number} stands after entry {self.head.number}"
            yield Fault(entry.number, "reordered", text)
        for number in range(due, min(entry.number, due + 1000)):
            yield Fault(number, "missing", f"entry {number} is missing")
        if digest(entry) != entry.hash:
            yield Fault(entry.number, "changed", f"entry {entry.number} was changed")
        if entry.number == due and entry.previous != self.head.hash:
            text = f"entry {entry.number} does not follow entry {self.head.number} as it is now"
            yield Fault(entry.number, "unlinked", text)


def examine(
    entries: Iterable[Entry], *, kept: Head | None = None, expect: str = ""
) -> tuple[Head, list[Fault]]:
    """The head of a chain, and what is wrong with it.

    ``kept``: the head that the table keeps beside its entries, which shows a cut end.
    ``expect``: a hash that was written down elsewhere; the entry with it must still be there.
    """
    walk = Walk(entries)
    found = list(walk.faults())
    head = walk.head
    if kept is not None:
        for number in range(head.number + 1, min(kept.number, head.number + 1000) + 1):
            found.append(Fault(number, "cut", f"entry {number} was cut off at the end"))
        if kept.number == head.number and kept.hash != head.hash:
            text = f"entry {head.number} is not the one that was appended last"
            found.append(Fault(head.number, "rewritten", text))
        if kept.number < head.number:
            text = f"entry {head.number} was not appended by this program"
            found.append(Fault(head.number, "unexpected", text))
    if expect and expect not in {*walk.seen, START}:
        text = f"no entry has the hash that was expected, {expect}: the chain was rewritten or cut"
        found.append(Fault(head.number, "rewritten", text))
    return head, found


def as_line(entry: Entry) -> str:
    """One line of an exported file."""
    return json.dumps(asdict(entry), sort_keys=True, ensure_ascii=False)


def from_line(line: str, number: int) -> Entry:
    """The entry of a file's line ``number``.

    Raises:
        BadInput: ``bad_ledger_file``: not JSON, or other fields than an entry's.
    """
    try:
        row: Any = json.loads(line)
    except (ValueError, RecursionError):
        row = None
    types = {k: type(v) for k, v in row.items()} if isinstance(row, dict) else {}
    if types != _TYPES:
        raise BadInput(
            "bad_ledger_file",
            f"Line {number} of the file is no entry of a ledger.",
            hint="A file of `manage.py export_ledger` has one entry a line.",
        )
    return Entry(**row)


_TYPES = {name: {"number": int, "given": bool}.get(name, str) for name in Entry.__slots__}
