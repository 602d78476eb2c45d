"""A checkpoint's folder → a model, strictly; and a model → a folder.

What is read: ``config.json``, the tokenizer, safetensors in one file or in shards. Tensors go by
the published names (``keys``). Nothing is loaded that ``check`` has not seen.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from tutor_emotion.errors import BadInput
from tutor_emotion.nets.r1_omni import record
from tutor_emotion.nets.r1_omni.config import OmniConfig
from tutor_emotion.nets.r1_omni.config_file import CONFIG, read_config, write_config
from tutor_emotion.nets.r1_omni.keys import (
    EMBEDDINGS,
    TIED,
    Report,
    Shape,
    compare,
    to_ours,
    to_published,
)
from tutor_emotion.nets.r1_omni.model import Omni
from tutor_emotion.nets.r1_omni.survey import WEIGHTS, Survey, corrupt, readable, survey
from tutor_emotion.nets.r1_omni.tokens import INSTRUCTION, Tokens

OUR_HEAD = "language.lm_head.weight"  # tied to the embeddings, so never stored
FLOATS = ("F32", "F16", "BF16")


@dataclass(frozen=True, slots=True, eq=False)
class Loaded:
    """A model that can be asked. ``fingerprint`` is a sha256 over all files of the folder."""

    model: Omni
    tokens: Tokens
    config: OmniConfig
    fingerprint: str


@dataclass(frozen=True, slots=True)
class Checked:
    """What ``check`` found: a whole checkpoint. ``ignored``: tensors that are never used."""

    config: OmniConfig
    fingerprint: str
    files: tuple[str, ...]
    ignored: tuple[str, ...]
    acknowledged: bool


@readable()
def load(
    folder: Path,
    *,
    device: torch.device | str = "cpu",
    dtype: torch.dtype = torch.float32,
    free_instruction: bool = False,
) -> Loaded:
    """The model of a folder that was checked, ready to be asked (``eval``).

    Without ``free_instruction`` the gate of the published instruction is computed once, in single
    precision, and BERT dropped.

    Raises:
        Unavailable: ``checkpoint_missing``, ``checkpoint_empty``, ``checkpoint_incomplete``,
            ``checkpoint_unreadable``, ``checkpoint_unchecked``.
        BadInput: ``checkpoint_pickle``, ``checkpoint_bad_config``, ``checkpoint_other_model``,
            ``checkpoint_mismatch``, ``checkpoint_corrupt``, ``bad_tokenizer``.
        NotAllowed: ``policy_unacknowledged``.
    """
    found, config, tokens, _ = _opened(folder)
    known = record.require(record.read_record(folder), config)
    record.verify(known, record.hashes(folder, record.files_of(folder, found.files)))
    model = built(config)
    fixed = not free_instruction and config.gate.bert is not None
    state: dict[str, Tensor] = {}
    for name, values in _tensors(found, expected(model)):
        ours = str(to_ours(name))
        gate = ours.startswith("gate.") and (fixed or config.gate.bert is None)
        # A copy: what is mapped from the file would change with it.
        state[ours] = values.to(torch.float32 if gate else dtype, copy=True)
    fill(model, state)
    if fixed:
        model.fix_instruction(tokens.prompt(True, True, INSTRUCTION).gate)
    return Loaded(model.to(device).eval(), tokens, model.config, known.fingerprint)


@readable()
def check(
    folder: Path,
    *,
    today: str,
    acknowledge: bool = False,
    ask: Callable[[], bool] = lambda: False,
    promised: Mapping[str, str] | None = None,
) -> Checked:
    """Read all of a folder as ``load`` would, every number of it, and keep its sha256s.

    ``acknowledge``: whoever checks has read ``record.POLICY`` and says that the law permits their
    use; once said, it is remembered. Without it, ``ask`` is called where it is needed, once all
    else is right. ``promised``: sha256 by file, as the publisher names it. ``today`` as 2026-11-28.
    Errors as ``load``, and ``not_writable``, ``unknown_file``.
    """
    found, config, _, report = _opened(folder)
    now = record.hashes(folder, record.files_of(folder, found.files))
    record.verify_promised(promised or {}, now)
    known = record.read_record(folder)
    if known is not None:
        record.verify(known, now)
    _require_numbers(found, config)
    acknowledged = acknowledge or (known is not None and known.acknowledged)
    if config.policy != "none" and not acknowledged:
        acknowledged = ask()
        if not acknowledged:
            raise record.unacknowledged()
    if known is None or known.acknowledged != acknowledged:
        known = record.write_record(folder, now, today, acknowledged=acknowledged)
    return Checked(config, known.fingerprint, tuple(now), report.ignored, acknowledged)


def save(
    folder: Path, model: Omni, tokens: Tokens, *, today: str, dtype: torch.dtype | None = None
) -> str:
    """Write a folder that ``load`` reads: weights as ``dtype`` (None: as they are), config,
    tokenizer, record. Returns the fingerprint.

    A model that came from R1-Omni stays under its policy: it has to be acknowledged anew, by
    ``check``.
    """
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    tensors = {
        to_published(name): values.detach().to("cpu", dtype or values.dtype).contiguous()
        for name, values in sorted(model.state_dict().items())
        if name != OUR_HEAD
    }
    save_file(tensors, folder / WEIGHTS, metadata={"format": "pt"})
    (folder / CONFIG).write_text(write_config(model.config), encoding="utf-8")
    tokens.save(folder)
    now = record.hashes(folder, record.files_of(folder, [WEIGHTS]))
    return record.write_record(folder, now, today, acknowledged=False).fingerprint


def examine(found: Survey, config: OmniConfig) -> Report:
    """What a folder's tensors are against what the config asks for.

    Raises:
        BadInput: ``checkpoint_mismatch``, with the report in its message.
    """
    report = compare(expected(built(config)), found.shapes, config)
    if not report.fits:
        raise _mismatch("; ".join(report.lines()))
    odd = [n for n, one in found.tensors.items() if one.dtype not in FLOATS]
    if used := sorted(set(odd) - set(report.ignored)):
        raise _mismatch(f"{used[0]} is stored as {found.tensors[used[0]].dtype}")
    return report


def expected(model: Omni) -> dict[str, Shape]:
    """Shapes by published name of all that a model stores."""
    return {
        to_published(name): tuple(values.shape)
        for name, values in model.state_dict().items()
        if name != OUR_HEAD
    }


def built(config: OmniConfig) -> Omni:
    """A model without numbers, on the meta device."""
    with torch.device("meta"):
        return Omni(config)


def fill(model: Omni, state: dict[str, Tensor]) -> None:
    """Give a model of the meta device its numbers, by our names; all of them, and no others."""
    head = {OUR_HEAD: state["language.model.embed_tokens.weight"]}
    model.load_state_dict(state | head, strict=True, assign=True)
    model.materialise()


def _opened(folder: Path) -> tuple[Survey, OmniConfig, Tokens, Report]:
    """The parts of a folder that fit each other by their headers."""
    found = survey(folder)
    config = read_config(folder)
    tokens = Tokens(folder)
    report = examine(found, config)
    if tokens.vocabulary > config.language.vocabulary:
        raise _mismatch(
            f"the tokenizer knows {tokens.vocabulary:,} tokens, the model "
            f"{config.language.vocabulary:,}"
        )
    return found, config, tokens, report


def _tensors(found: Survey, wanted: dict[str, Shape]) -> Iterator[tuple[str, Tensor]]:
    """The numbers of a folder, as stored."""
    with ExitStack() as stack:
        opened = {}
        for name in wanted:
            file = found.tensors[name].file
            try:
                if file not in opened:
                    path = str(found.folder / file)
                    opened[file] = stack.enter_context(safe_open(path, framework="pt"))
                yield name, opened[file].get_tensor(name)
            except SafetensorError as error:
                raise corrupt(file, str(error)[:200]) from None


def _require_numbers(found: Survey, config: OmniConfig) -> None:
    """Every number is one; and a head that was written out is the embeddings again."""
    embeddings = None
    wanted = expected(built(config))
    if TIED in found.tensors:
        wanted[TIED] = found.tensors[TIED].shape
    for name, values in _tensors(found, wanted):
        if name == EMBEDDINGS:
            embeddings = values
        if name == TIED and (embeddings is None or not torch.equal(values, embeddings)):
            raise _mismatch(f"extra: {TIED} differs from {EMBEDDINGS}")
        if not bool(torch.isfinite(values).all()):
            raise corrupt(found.tensors[name].file, f"{name} holds what is no number")


def _mismatch(because: str) -> BadInput:
    return BadInput(
        "checkpoint_mismatch",
        f"The checkpoint does not fit its config: {because}.",
        hint="Another model's file, or another version's config, is in this folder.",
    )
