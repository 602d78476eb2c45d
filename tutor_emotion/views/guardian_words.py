"""What a parent or guardian reads of each modality: the same facts as in the learner's panel."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext, gettext_lazy

from tutor_emotion.core.types import Modality

NAMES: dict[Modality, Any] = {
    "face": gettext_lazy("Camera"),
    "voice": gettext_lazy("Microphone"),
    "text": gettext_lazy("Messages that are typed"),
    "interaction": gettext_lazy("Answers, hints and time"),
    "self_report": gettext_lazy("Taps on how it is going"),
}
WHAT: dict[Modality, Any] = {
    "face": gettext_lazy(
        "While the lesson runs, a small picture goes encrypted to this site’s server. A program "
        "looks at small movements, such as a lowered brow, and at the expression that people "
        "would see."
    ),
    "voice": gettext_lazy(
        "While the lesson runs, sound goes encrypted to this site’s server. A program listens to "
        "how somebody speaks: pauses, pace, melody, the mood that people would hear. It does not "
        "listen to what is said."
    ),
    "text": gettext_lazy(
        "Messages that are written in the lesson are searched for phrases such as “I don’t get "
        "it”. Words that sound like danger call a person."
    ),
    "interaction": gettext_lazy(
        "Whether answers are right, which hints are opened, and how long steps take."
    ),
    "self_report": gettext_lazy("Small buttons to say how it is going, whenever one likes."),
}
KEPT: dict[Modality, Any] = {
    "face": gettext_lazy(
        "No picture is ever kept, and no person sees one. Pictures are in memory for seconds. When "
        "help may be needed, that is kept with the reason, in a few numbers."
    ),
    "voice": gettext_lazy(
        "No sound is ever kept, and no person hears it. Sound, and how the voice usually sounds, "
        "are in memory until the lesson ends at the latest. When help may be needed, that is kept "
        "with the reason, in a few numbers."
    ),
    "text": gettext_lazy("Messages are not kept. That a phrase was found may be."),
    "interaction": gettext_lazy(
        "For some days, as the school has set. The teacher sees it, and when help may be needed."
    ),
    "self_report": gettext_lazy("For some days, as the school has set. The teacher sees it."),
}
RELATIONS = {
    "parent": gettext_lazy("parent"),
    "guardian": gettext_lazy("legal guardian"),
    "self": gettext_lazy("I am the learner myself, and of age"),
}
OVER = {
    "link_answered": gettext_lazy(
        "This question has been answered already. With the other link, which you were given then, "
        "you see what was chosen and can take it back. If it is lost, ask the school for a new "
        "question."
    ),
    "link_withdrawn": gettext_lazy("The school has withdrawn this question."),
    "link_expired": gettext_lazy(
        "The time for this answer is over. Ask the school for a new link."
    ),
    "bad_link": gettext_lazy(
        "This address is not whole. Copy all of it from the message that you were sent."
    ),
    "other": gettext_lazy(
        "This cannot be answered here just now. Nothing was saved. Please tell the school."
    ),
    "too_fast": gettext_lazy("That was too often in a short time. Please try again in a minute."),
}


def release_text(learner: str, course: str, what: list[str], until: str) -> str:
    """The written release, as it is shown, signed and sealed in the ledger: purpose and term."""
    return gettext(
        "Written release. I have been told in writing, on this page, that measures of the face or "
        "of the voice of %(learner)s are taken by a program while %(learner)s works on lessons of "
        "the course “%(course)s”, by: %(what)s. The only purpose is to offer help in these lessons "
        "at the right moment. Pictures and sound are held in memory for seconds and never stored, "
        "sold or passed on; measures end with the lesson, except the few numbers that are kept as "
        "the reason of an offer of help. This release ends on %(until)s, or as soon as I take it "
        "back. For the modalities to which I say yes I release them for this purpose and this time."
    ) % {"learner": learner, "course": course, "what": what_list(what), "until": until}


def what_list(names: list[str]) -> str:
    return ", ".join(names)
