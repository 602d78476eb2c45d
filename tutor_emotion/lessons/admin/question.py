"""One question as a form: the same checks as for a file, each told at its own field."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, ClassVar

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from pydantic import ValidationError

from tutor_emotion.admin.theme import NumberInput, Select, Textarea, TextInput
from tutor_emotion.lessons.admin.lines import LinesField, PairsField, WordsField
from tutor_emotion.lessons.content.asking import answer_of
from tutor_emotion.lessons.content.checking import Problem, item_problems
from tutor_emotion.lessons.content.opened import in_words
from tutor_emotion.lessons.content.spec import FIELDS_OF_KIND, Question, Sibling
from tutor_emotion.lessons.words import FORM_WORDS, KIND_WORDS

if TYPE_CHECKING:
    _ModelForm = forms.ModelForm[Any]
else:
    _ModelForm = forms.ModelForm

ANSWER_FIELDS = (
    "answer_kind",
    "answer",
    "choices",
    "accept",
    "tolerance",
    "form",
    "bottom",
    "variables",
    "mistakes",
)
# What a kind of answer does not have goes back to this.
_UNUSED: dict[str, Any] = {
    "accept": [],
    "tolerance": "",
    "form": "any",
    "bottom": None,
    "variables": [],
    "choices": [],
}
PROMPT_HELP = gettext_lazy(
    "Markdown. Mathematics between dollars: $3/4$, $2x + 3 = 11$. A picture in a block that begins "
    "with ```picture and ends with ```, one drawing a line: bar 3/8, circle 2/3, "
    "line 0 to 2 in 4 mark 5/4."
)


def markdown_box(rows: int) -> forms.Textarea:
    return Textarea(attrs={"rows": rows, "dir": "auto", "class": "te-markdown"})


class QuestionForm(_ModelForm):
    answer_kind = forms.ChoiceField(
        label=gettext_lazy("Kind of answer"),
        choices=KIND_WORDS,
        widget=Select(attrs={"data-te-kind": ""}),
    )
    answer = forms.CharField(
        label=gettext_lazy("Right answer"),
        max_length=1000,
        widget=TextInput(attrs={"spellcheck": "false", "dir": "auto"}),
        help_text=gettext_lazy(
            "3/8, 0.75, 2x + 3 … For choices: the key of the right one; for several or an order: "
            "the keys with a space between them."
        ),
    )
    choices = PairsField(
        ("key", "text"),
        rows=4,
        label=gettext_lazy("Choices"),
        help_text=gettext_lazy("One a line, key: text. Example: less: It is less than one half"),
    )
    accept = LinesField(
        label=gettext_lazy("Also accepted"),
        rows=2,
        help_text=gettext_lazy("Other forms of the text, one a line. Example: one half"),
    )
    tolerance = forms.CharField(
        label=gettext_lazy("Tolerance"),
        required=False,
        max_length=20,
        widget=TextInput,
        help_text=gettext_lazy("How far off is still right: 1/100 or 0.5. Empty: exact."),
    )
    form = forms.ChoiceField(
        label=gettext_lazy("Form that is asked for"),
        required=False,
        choices=FORM_WORDS,
        widget=Select,
        help_text=gettext_lazy("An equal value in another form is then “right, but not yet so”."),
    )
    bottom = forms.IntegerField(
        label=gettext_lazy("Bottom number"),
        required=False,
        min_value=1,
        max_value=1_000_000,
        widget=NumberInput,
        help_text=gettext_lazy("Only for the form “with this bottom number”. Example: 8"),
    )
    variables = WordsField(
        label=gettext_lazy("Letters"),
        help_text=gettext_lazy("Letters that may occur. Empty: those of the answer. Example: x, y"),
    )
    mistakes = PairsField(
        ("answer", "says"),
        rows=4,
        label=gettext_lazy("Typical mistakes"),
        help_text=gettext_lazy(
            "One a line, the wrong answer: what the learner is told about it. "
            "Example: 3/5: The bottom number counts all the parts."
        ),
    )

    class Meta:
        widgets: ClassVar = {
            "prompt": markdown_box(8),
            "difficulty": NumberInput(attrs={"step": 0.05}),
        }
        labels: ClassVar = {"prompt": gettext_lazy("Question")}
        help_texts: ClassVar = {
            "prompt": PROMPT_HELP,
            "difficulty": gettext_lazy("0 (everybody can) to 1 (hardly anybody). Example: 0.3"),
        }

    def clean_form(self) -> str:
        return self.cleaned_data["form"] or "any"

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        used = FIELDS_OF_KIND.get(data.get("answer_kind", ""), set())
        for name, empty in _UNUSED.items():
            if name not in used and name in self.fields:
                data[name] = empty
                self.errors.pop(name, None)
        return data

    def _post_clean(self) -> None:
        super()._post_clean()  # type: ignore[misc]
        if not self.errors:
            for name, message in self.problems():
                self.add_error(name if name in self.fields else None, message)

    def problems(self) -> Iterator[tuple[str, str]]:
        """(field, what is wrong), as the files' loader would say it."""
        try:
            question = self.question()
        except ValidationError as error:
            for entry in error.errors(include_url=False, include_input=False):
                yield field_of(entry["loc"]), in_words(entry)
            return
        for problem in item_problems(question):
            yield field_of(problem.loc), in_place(problem)

    def question(self) -> Question:
        """Raises pydantic's ``ValidationError``."""
        row = self.instance
        answer, mistakes = answer_of(row)
        data = {"prompt": row.prompt, "answer": answer, "mistakes": mistakes}
        data["difficulty"] = row.difficulty
        if "help" in self.fields:
            return Sibling.model_validate({**data, "help": row.help})
        return Question.model_validate(data)


def field_of(loc: tuple[Any, ...]) -> str:
    """The form's field that a place in a question belongs to."""
    if len(loc) > 1 and loc[0] == "answer":
        return {"value": "answer", "kind": "answer_kind"}.get(str(loc[1]), str(loc[1]))
    return str(loc[0]) if loc else NON_FIELD_ERRORS


def in_place(problem: Problem) -> str:
    """What is wrong, with the line within its field where it has lines."""
    numbers = [part for part in problem.loc if isinstance(part, int)]
    line = numbers[0] + 1 if numbers else problem.line + 1 if problem.line else 0
    words = {"line": line, "message": problem.message}
    return _("Line %(line)d: %(message)s") % words if line else problem.message
