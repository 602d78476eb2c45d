"""``checked.json``: what a folder held when somebody checked it, and what they acknowledged.

It finds a byte that flipped since. What a publisher meant to publish, only the publisher's own
sha256 tells (``check --sha256``).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from tutor_emotion.errors import BadInput, NotAllowed, Unavailable
from tutor_emotion.nets.model_folder import replace_file
from tutor_emotion.nets.r1_omni.config import OmniConfig
from tutor_emotion.nets.r1_omni.config_file import CONFIG
from tutor_emotion.nets.r1_omni.survey import corrupt, incomplete
from tutor_emotion.nets.r1_omni.tokens import BERT_TOKENIZER, MERGES, TOKENIZER, VOCABULARY

RECORD = "checked.json"
MAX_RECORD_BYTES = 1 << 20
CHECK = "Run `manage.py r1_omni check FOLDER`."

# R1-Omni's user_policy.md, sections 1.1 and 4, in our words; EU 2024/1689, Article 5(1)(f).
POLICY = """\
R1-Omni is published with a usage policy (user_policy.md in its repository).
 · It rules out inferring the emotions of people at work or in EDUCATION INSTITUTIONS, unless the
   law that applies permits it (1.1).
 · It rules out personal data of minors without the explicit consent of a parent or guardian (1.1),
   and users under 18 without a parent's consent (4).
In the European Union, the AI Act has prohibited it in education institutions since 2 February 2025,
except for medical or safety reasons (Article 5(1)(f)).
Who acknowledges this says: I have read that policy, and the law permits what I am about to do."""


class Record(BaseModel):
    """sha256 by file; the day of the check; whether the usage policy was acknowledged then."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    files: dict[str, str]
    checked: str
    acknowledged: bool

    @property
    def fingerprint(self) -> str:
        """One sha256 of all files: the same bytes under the same names give the same."""
        lines = "".join(f"{digest}  {name}\n" for name, digest in sorted(self.files.items()))
        return hashlib.sha256(lines.encode()).hexdigest()


def read_record(folder: Path) -> Record | None:
    """The record of a folder, if it has one.

    Raises:
        BadInput: ``checkpoint_corrupt``, for one that is none.
    """
    path = Path(folder) / RECORD
    if not path.is_file():
        return None
    try:
        with path.open("rb") as opened:
            return Record.model_validate_json(opened.read(MAX_RECORD_BYTES))
    except ValidationError:
        raise BadInput(
            "checkpoint_corrupt", f"{RECORD} is broken.", hint=f"Delete it. {CHECK}"
        ) from None


def write_record(
    folder: Path, found: Mapping[str, str], today: str, *, acknowledged: bool
) -> Record:
    """Keep the sha256s of a folder. Raises ``Unavailable`` ``not_writable``."""
    record = Record(files=dict(found), checked=today, acknowledged=acknowledged)
    replace_file(Path(folder) / RECORD, record.model_dump_json(indent=2) + "\n")
    return record


def hashes(folder: Path, files: Iterable[str]) -> dict[str, str]:
    """sha256 of each file, by name."""
    found = {}
    for file in sorted(files):
        with (Path(folder) / file).open("rb") as opened:
            found[file] = hashlib.file_digest(opened, "sha256").hexdigest()
    return found


def files_of(folder: Path, weights: Iterable[str]) -> tuple[str, ...]:
    """Every file of a checkpoint that is read: config, tokenizers, weights."""
    words = (CONFIG, TOKENIZER, VOCABULARY, MERGES, BERT_TOKENIZER)
    return (*(word for word in words if (Path(folder) / word).is_file()), *weights)


def verify(record: Record, now: Mapping[str, str]) -> None:
    """Whether a folder with these sha256s ``now`` still holds what was checked.

    Raises:
        BadInput: ``checkpoint_corrupt``, naming the first file that differs or came later.
        Unavailable: ``checkpoint_incomplete``, for one that is gone.
    """
    for file in sorted(now.keys() | record.files.keys()):
        if file not in now:
            raise incomplete(f"{file} was there on {record.checked}")
        if now[file] != record.files.get(file):
            error = corrupt(file, f"it is not what was checked on {record.checked}")
            error.hint = f"Download it again; or, if the new one is meant, delete {RECORD}. {CHECK}"
            raise error


def verify_promised(promised: Mapping[str, str], now: Mapping[str, str]) -> None:
    """Whether files are those whose sha256 their publisher names.

    Raises:
        BadInput: ``checkpoint_corrupt``; ``unknown_file``, for a name that is not in the folder.
    """
    for file, digest in promised.items():
        if file not in now:
            raise BadInput("unknown_file", f"No {file[:80]!r} is read of this checkpoint.")
        if now[file] != digest.lower():
            raise corrupt(file, f"its sha256 is {now[file]}, not the one that was promised")


def require(record: Record | None, config: OmniConfig) -> Record:
    """The record, if there is one and it says what the model's policy asks for.

    Raises:
        Unavailable: ``checkpoint_unchecked``.
        NotAllowed: ``policy_unacknowledged``.
    """
    if record is None:
        raise Unavailable(
            "checkpoint_unchecked", "Nobody has checked this checkpoint.", hint=CHECK, retry=False
        )
    if config.policy != "none" and not record.acknowledged:
        raise unacknowledged()
    return record


def unacknowledged() -> NotAllowed:
    """The model's usage policy was not acknowledged."""
    return NotAllowed(
        "policy_unacknowledged",
        "The usage policy of R1-Omni bars education uses unless the law permits them, and nobody "
        "has acknowledged it for this folder.",
        hint=CHECK,
    )
