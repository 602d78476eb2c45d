"""Text ↔ numbers of the language model, and the prompt around a clip.

The layout is ChatML with Qwen2.5's standing system line, the wrappers around picture and sound
(plain text to the tokenizer, four pieces each), and the instruction that R1-Omni was trained and
published with. For an absent modality stands nothing, its wrappers neither. The published code
only knows a black clip or ten seconds of silence there, which says what was not observed.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, TypeAlias

from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers

from tutor_emotion.errors import BadInput, Unavailable
from tutor_emotion.nets.text.wordpiece import WordPiece

INSTRUCTION = (
    "As an emotional recognition expert; throughout the video, which emotion conveyed by the "
    "characters is the most obvious to you?  Output the thinking process in <think> </think> and "
    "final emotion in <answer> </answer> tags."
)
SYSTEM = "You are Qwen, created by Alibaba Cloud. You are a helpful assistant."
BEGIN, END, PAD = "<|im_start|>", "<|im_end|>", "<|endoftext|>"
WRAPPERS = {"video": ("<vi_start>", "<vi_end>"), "audio": ("<au_start>", "<au_end>")}

TOKENIZER, VOCABULARY, MERGES = "tokenizer.json", "vocab.json", "merges.txt"
BERT_TOKENIZER = "bert_tokenizer.json"
MAX_TOKENIZER_BYTES = 64 << 20
MAX_INSTRUCTION_CHARACTERS = 4000

# Qwen2's way to cut text into words, before its byte pairs.
WORDS = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*"
    r"|\s*[\r\n]+|\s+(?!\S)|\s+"
)

# INSTRUCTION in bert-base-uncased's WordPiece, so that a folder needs no second tokenizer for it.
# fmt: off
INSTRUCTION_PIECES: tuple[int, ...] = (
    101, 2004, 2019, 6832, 5038, 6739, 1025, 2802, 1996, 2678, 1010, 2029, 7603, 21527, 2011, 1996,
    3494, 2003, 1996, 2087, 5793, 2000, 2017, 1029, 6434, 1996, 3241, 2832, 1999, 1026, 2228, 1028,
    1026, 1013, 2228, 1028, 1998, 2345, 7603, 1999, 1026, 3437, 1028, 1026, 1013, 3437, 1028, 22073,
    1012, 102,
)
# fmt: on

Part: TypeAlias = tuple[int, ...] | Literal["video", "audio"]


@dataclass(frozen=True, slots=True)
class Prompt:
    """Text pieces and the places of the media, in order; ``gate`` is the instruction in BERT's
    WordPiece, empty where that vocabulary is not at hand."""

    parts: tuple[Part, ...]
    gate: tuple[int, ...] = ()

    @property
    def text_tokens(self) -> int:
        return sum(len(part) for part in self.parts if not isinstance(part, str))


class Tokens:
    """The tokenizer of a checkpoint's folder: ``tokenizer.json``, or ``vocab.json`` with
    ``merges.txt``; and BERT's, for a free instruction, where ``bert_tokenizer.json`` is there.

    Raises:
        Unavailable: ``checkpoint_incomplete``, where neither is there.
        BadInput: ``bad_tokenizer``.
    """

    def __init__(self, folder: Path) -> None:
        self._tokenizer = _read(Path(folder))
        self.begin, self.eos, self.pad = (self._special(name) for name in (BEGIN, END, PAD))
        bert = Path(folder) / BERT_TOKENIZER
        self._bert_file = _text(bert) if bert.is_file() else ""
        self._bert = WordPiece(self._bert_file.encode()) if self._bert_file else None

    @property
    def vocabulary(self) -> int:
        """One more than the highest number."""
        return max(self._tokenizer.get_vocab(with_added_tokens=True).values()) + 1

    def encode(self, text: str) -> list[int]:
        """Numbers of ``text``; the names of special tokens in it become those."""
        ids: list[int] = self._tokenizer.encode(text, add_special_tokens=False).ids
        return ids

    def decode(self, ids: Sequence[int]) -> str:
        """Text of ``ids``, without special tokens. Numbers that have no text say nothing."""
        text: str = self._tokenizer.decode(list(ids), skip_special_tokens=True)
        return text

    def save(self, folder: Path) -> None:
        """Write it into a checkpoint's folder, as ``tokenizer.json``; and BERT's, if there."""
        (Path(folder) / TOKENIZER).write_text(self._tokenizer.to_str(), encoding="utf-8")
        if self._bert_file:
            (Path(folder) / BERT_TOKENIZER).write_text(self._bert_file, encoding="utf-8")

    def prompt(self, video: bool, audio: bool, instruction: str = INSTRUCTION) -> Prompt:
        """The prompt for what is there of a clip.

        Raises:
            BadInput: ``no_media``; ``bad_instruction``, for one that is empty, too long, or would
                close its own turn.
        """
        if not (video or audio):
            raise BadInput(
                "no_media",
                "The clip has neither pictures nor sound.",
                hint="Nothing can be said of it: leave it out.",
            )
        if not instruction.strip() or len(instruction) > MAX_INSTRUCTION_CHARACTERS:
            raise BadInput(
                "bad_instruction",
                "The instruction is empty or too long.",
                hint=f"Ask in 1 to {MAX_INSTRUCTION_CHARACTERS} characters.",
            )
        if any(name in instruction for name in (BEGIN, END, PAD)):
            raise BadInput(
                "bad_instruction",
                "The instruction holds a special token.",
                hint=f"Leave out {BEGIN}, {END} and {PAD}.",
            )
        text = f"{BEGIN}system\n{SYSTEM}{END}\n{BEGIN}user\n"
        parts: list[Part] = []
        for modality, there in (("video", video), ("audio", audio)):
            if there:
                before, after = WRAPPERS[modality]
                parts += [tuple(self.encode(text + before)), modality]  # type: ignore[list-item]
                text = f"{after}\n"
        text += f"{instruction}{END}\n{BEGIN}assistant\n"
        return Prompt((*parts, tuple(self.encode(text))), self._pieces(instruction))

    def _pieces(self, instruction: str) -> tuple[int, ...]:
        if self._bert is not None:
            return tuple(self._bert.encode(instruction, 512))
        return INSTRUCTION_PIECES if instruction == INSTRUCTION else ()

    def _special(self, name: str) -> int:
        number = self._tokenizer.token_to_id(name)
        if number is None:
            raise _bad(f"it does not know {name}")
        return int(number)


def _read(folder: Path) -> Tokenizer:
    try:
        if (folder / TOKENIZER).is_file():
            return Tokenizer.from_str(_text(folder / TOKENIZER))
        if (folder / VOCABULARY).is_file() and (folder / MERGES).is_file():
            merges = [line.split(" ") for line in _text(folder / MERGES).splitlines()]
            return byte_pairs(
                json.loads(_text(folder / VOCABULARY)),
                [
                    (pair[0], pair[1])
                    for pair in merges
                    if len(pair) == 2 and pair[0] != "#version:"
                ],
            )
    except BadInput:
        raise
    except Exception as error:  # noqa: BLE001 - the library raises bare Exceptions
        raise _bad(str(error)[:200]) from None
    raise Unavailable(
        "checkpoint_incomplete",
        f"The checkpoint has neither {TOKENIZER} nor {VOCABULARY} with {MERGES}.",
        hint="Download the whole folder again.",
        retry=False,
    )


def byte_pairs(vocabulary: dict[str, int], merges: list[tuple[str, str]]) -> Tokenizer:
    """Qwen2's tokenizer of a vocabulary; the special tokens follow where it lacks them."""
    made = Tokenizer(models.BPE(vocab=vocabulary, merges=merges))
    made.normalizer = normalizers.NFC()
    split = pre_tokenizers.Split(Regex(WORDS), behavior="isolated")
    bytes_ = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    made.pre_tokenizer = pre_tokenizers.Sequence([split, bytes_])
    made.decoder = decoders.ByteLevel()
    made.add_special_tokens([AddedToken(name, special=True) for name in (PAD, BEGIN, END)])
    return made


def _text(path: Path) -> str:
    if path.stat().st_size > MAX_TOKENIZER_BYTES:
        raise _bad(f"{path.name} is too large")
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise _bad(f"{path.name} is no text") from None


def _bad(because: Any) -> BadInput:
    return BadInput(
        "bad_tokenizer",
        f"The tokenizer of this folder cannot be used: {because}.",
        hint="Download its files again, as they were published with the weights.",
    )
