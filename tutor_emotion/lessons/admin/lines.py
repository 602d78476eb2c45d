"""Lists as text that people write: one a line, or ``left: right`` a line."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _

from tutor_emotion.admin.theme import Textarea, TextInput

MAX_LINES = 40


class LinesField(forms.CharField):
    """A list of texts, one a line."""

    def __init__(self, *, rows: int = 3, **kwargs: Any) -> None:
        kwargs.setdefault("widget", Textarea(attrs={"rows": rows, "spellcheck": "false"}))
        super().__init__(required=False, max_length=20_000, **kwargs)

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(map(str, value)) if isinstance(value, list | tuple) else value

    def to_python(self, value: Any) -> Any:
        text = super().to_python(value) or ""
        lines = [line.strip() for line in text.splitlines() if line.strip()]
        if len(lines) > MAX_LINES:
            raise forms.ValidationError(_("There are more than %d lines.") % MAX_LINES)
        return lines

    def has_changed(self, initial: Any, data: Any) -> bool:
        return bool(self.to_python(self.prepare_value(initial)) != self.to_python(data))


class WordsField(LinesField):
    """A list of short texts on one line, with a comma or a space between."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(widget=TextInput(), **kwargs)

    def prepare_value(self, value: Any) -> Any:
        return ", ".join(map(str, value)) if isinstance(value, list | tuple) else value

    def to_python(self, value: Any) -> Any:
        return [
            word for line in super().to_python(value) for word in line.replace(",", " ").split()
        ]


class PairsField(LinesField):
    """A list of mappings with two keys, one a line: ``left: right``."""

    def __init__(self, keys: tuple[str, str], **kwargs: Any) -> None:
        self.keys = keys
        super().__init__(**kwargs)

    def prepare_value(self, value: Any) -> Any:
        if not isinstance(value, Sequence) or isinstance(value, str):
            return value
        left, right = self.keys
        return "\n".join(f"{pair.get(left, '')}: {pair.get(right, '')}" for pair in value)

    def to_python(self, value: Any) -> Any:
        return [self._pair(number, line) for number, line in enumerate(super().to_python(value), 1)]

    def _pair(self, number: int, line: str) -> dict[str, str]:
        # With a space, so that a ratio such as 3:4 can stand on the left.
        left, colon, right = line.partition(": ")
        if not colon or not left.strip() or not right.strip():
            words = {"n": number, "left": self.keys[0], "right": self.keys[1]}
            raise forms.ValidationError(
                _("Line %(n)d: write “%(left)s: %(right)s”, with a space after the colon.") % words
            )
        return dict(zip(self.keys, (left.strip(), right.strip()), strict=True))

    def has_changed(self, initial: Any, data: Any) -> bool:
        try:
            return super().has_changed(initial, data)
        except forms.ValidationError:
            return True
