"""Why this item comes next, in words: what happened, never what the learner is."""

from __future__ import annotations

from collections.abc import Callable

from django.utils.translation import gettext as _

from tutor_emotion.lessons.choosing import Choice, Reason

# The names of skills may be in another language, or run the other way, than the words.
_ISOLATED = "\u2068{}\u2069"

_WORDS: dict[Reason, Callable[[], str]] = {
    "begin": lambda: _("It begins with {skill}."),
    "back": lambda: _("Back to this step, because the smaller question was answered."),
    "review": lambda: _("A look back at {skill}, because it was finished some days ago."),
    "weaker_skill": lambda: _("This first, because {skill} builds on it."),
    "builds_on": lambda: _("A short question first, about something that {skill} builds on."),
    "easier_first": lambda: _("A smaller question first, because the pace is slower now."),
    "harder": lambda: _("One that goes further, because the pace is faster now."),
    "same_skill": lambda: _("More of {skill}, until three in a row are answered without help."),
    "may_skip": lambda: _(
        "{skill} was answered three times in a row. You can skip the rest of it."
    ),
    "after_mastered": lambda: _(
        "Something new, because {skill} was answered three times in a row."
    ),
    "next_skill": lambda: _("On to {skill}, because what comes before it is done."),
    "practise": lambda: _("Another one of {skill}, because it was not three in a row yet."),
    "done": lambda: "",
}


def why(choice: Choice, skill: str) -> str:
    """One plain sentence; ``skill`` is the name of the skill that the reason speaks of."""
    return _WORDS[choice.reason]().replace("{skill}", _ISOLATED.format(skill))
