"""WordPiece, the tokenizer of BERT: text → numbers of the vocabulary in ``tokenizer.json``.

Our own sixty lines instead of a dependency: the encoder needs nothing but longest-match-first over
a vocabulary, and a native package for it would be larger than all of our nets together.
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterator, Mapping

from tutor_emotion.errors import BadInput

MAX_WORD_CHARACTERS = 100
_CHINESE = ((0x4E00, 0x9FFF), (0x3400, 0x4DBF), (0x20000, 0x2FA1F), (0xF900, 0xFAFF))


class WordPiece:
    """The tokenizer of one ``tokenizer.json`` (type WordPiece, lower case, accents stripped).

    Raises:
        BadInput: ``bad_tokenizer``, for a file of another kind.
    """

    def __init__(self, tokenizer_json: bytes) -> None:
        try:
            raw = json.loads(tokenizer_json)
            model, normalizer = raw["model"], raw["normalizer"]
            vocabulary: Mapping[str, int] = model["vocab"]
            right = (
                model["type"] == "WordPiece"
                and model["continuing_subword_prefix"] == "##"
                and normalizer["type"] == "BertNormalizer"
                and normalizer["lowercase"] is True
            )
            self.begin, self.end = vocabulary["[CLS]"], vocabulary["[SEP]"]
            self.pad, self.unknown = vocabulary["[PAD]"], vocabulary["[UNK]"]
        except (ValueError, KeyError, TypeError) as error:
            raise _bad(f"it cannot be read ({type(error).__name__})") from None
        if not right:
            raise _bad("it is no lower-case WordPiece")
        self._vocabulary = vocabulary

    def encode(self, text: str, limit: int) -> list[int]:
        """Numbers of ``text``, framed by [CLS] and [SEP], ``limit`` of them at most."""
        numbers: list[int] = []
        for word in _words(text):
            numbers += self._pieces(word)
            if len(numbers) >= limit - 2:
                break
        return [self.begin, *numbers[: limit - 2], self.end]

    def _pieces(self, word: str) -> list[int]:
        if len(word) > MAX_WORD_CHARACTERS:
            return [self.unknown]
        pieces: list[int] = []
        start = 0
        while start < len(word):
            for end in range(len(word), start, -1):
                piece = word[start:end] if start == 0 else "##" + word[start:end]
                if piece in self._vocabulary:
                    pieces.append(self._vocabulary[piece])
                    start = end
                    break
            else:
                return [self.unknown]
        return pieces


def _words(text: str) -> Iterator[str]:
    """Lower-case words without accents; each mark and each Chinese character is a word."""
    word = ""
    for character in unicodedata.normalize("NFD", _clean(text).lower()):
        kind = unicodedata.category(character)
        if kind == "Mn":
            continue
        if character.isspace() or _stands_alone(character, kind):
            if word:
                yield word
            word = ""
            if not character.isspace():
                yield character
        else:
            word += character
    if word:
        yield word


def _clean(text: str) -> str:
    kept = []
    for character in text:
        if character in "\t\n\r":
            kept.append(" ")
        elif character not in "\0\ufffd" and unicodedata.category(character)[0] != "C":
            kept.append(character)
    return "".join(kept)


def _stands_alone(character: str, kind: str) -> bool:
    code = ord(character)
    # What is no letter, digit or space in ASCII counts as punctuation, as in BERT.
    if code < 128:
        return not (character.isalnum() or character.isspace())
    return kind.startswith("P") or any(low <= code <= high for low, high in _CHINESE)


def _bad(reason: str) -> BadInput:
    return BadInput("bad_tokenizer", f"The tokenizer file is not one that we know: {reason}.")
