"""The engine's measures in words, as they stand in the evidence of a signal."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from django.utils.formats import number_format
from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy, pgettext_lazy

from tutor_emotion.core.measures import FACE_CUES, VOICE_UNITS

# ``%(n)d`` is the measured value, a count or seconds.
COUNTED: Mapping[str, str | Promise] = {
    "misses_on_step": ngettext_lazy("%(n)d miss on this step", "%(n)d misses on this step", "n"),
    "tries_without_mastery": ngettext_lazy(
        "%(n)d try at this skill without mastery", "%(n)d tries at this skill without mastery", "n"
    ),
    "correct_on_skill": ngettext_lazy(
        "%(n)d right answer at this skill", "%(n)d right answers at this skill", "n"
    ),
    "same_wrong_answer": _("the same wrong answer again"),
    "fast_after_error": _("answered at once after an error"),
    "broken_success_run": _("a miss after %(n)d right answers in a row"),
    "misses_on_easy_items": _("misses on tasks that should be easy"),
    "rapid_answer": _("answered faster than one can read the task"),
    "correct_answer": _("a right answer"),
    "correct_after_miss": _("right after a miss"),
    "correct_but_unsure": _("right, but not sure of it"),
    "hint_after_try": _("asked for a hint after trying"),
    "asked_for_the_answer": _("asked for the answer"),
    "idle_gap": _("nothing done for %(n)d s"),
    "said_fine": _("tapped “I’m fine”"),
    "said_confused": _("tapped “confused”"),
    "said_stuck": _("tapped “stuck”"),
    "said_bored": _("tapped “bored”"),
    "offer_taken": _("took an offer"),
    "offer_dismissed": _("waved an offer away"),
    "offer_wrong": _("called an offer wrong"),
    "trouble_lasts": _("hard going for %(n)d s, in spite of help"),
    "says_confused": _("wrote that it is not clear"),
    "says_annoyed": _("wrote that it is annoying"),
    "says_bored": _("wrote that it is boring"),
    "means_confused": _("wrote something that may mean it is not clear"),
    "means_annoyed": _("wrote something that may mean it is annoying"),
    "means_bored": _("wrote something that may mean it is boring"),
    "hedge_on_correct": _("right, but wrote that they are not sure"),
    "all_capitals": _("wrote in capitals"),
    "question_marks": _("wrote several question marks"),
}

# What a net was taught by how people name pictures and recordings of actors: what they would call
# it, which is no measurement of what a person feels.
_SEEN = _("share of people who would call such a picture “{name}”")
_HEARD = _("likeness to actors who speak in “{name}”")
_NAMES: Mapping[str, str | Promise] = {
    "neutral": pgettext_lazy("a label", "neutral"),
    "happiness": pgettext_lazy("a label", "happiness"),
    "surprise": pgettext_lazy("a label", "surprise"),
    "sadness": pgettext_lazy("a label", "sadness"),
    "anger": pgettext_lazy("a label", "anger"),
    "disgust": pgettext_lazy("a label", "disgust"),
    "fear": pgettext_lazy("a label", "fear"),
    "contempt": pgettext_lazy("a label", "contempt"),
    "anxiety": pgettext_lazy("a label", "anxiety"),
    "helplessness": pgettext_lazy("a label", "helplessness"),
    "disappointment": pgettext_lazy("a label", "disappointment"),
    "boredom": pgettext_lazy("a label", "boredom"),
}


def _named(words: Any, prefix: str, measures: Iterable[str]) -> dict[str, Any]:
    return {
        measure: format_lazy(words, name=_NAMES[measure.removeprefix(prefix)])
        for measure in measures
        if measure.startswith(prefix)
    }


# Shown with the value, and with what is usual for this learner.
COMPARED: Mapping[str, str | Promise] = {
    "brow_lowered": _("brow lowered"),
    "eyes_squinted": _("eyes narrowed"),
    "inner_brow_raised": _("inner brow raised"),
    "outer_brow_raised": _("outer brow raised"),
    "dimples": _("mouth corners drawn in"),
    "lips_pressed": _("lips pressed"),
    "smile": _("smile"),
    "eyes_closed": _("eyes closed"),
    "looking_away": _("looking away"),
    "nearness": _("nearness to the screen"),
    "motion": _("movement of the head"),
    "onset_s": _("time until speaking"),
    "pause_ratio": _("pauses while speaking"),
    "f0_slope_st_s": _("rise of the voice at the end"),
    "filler_s": _("“um” and “er”"),
    "rate_hz": _("syllables a second"),
    "f0_iqr_st": _("range of the voice"),
    "duration_s": _("length of the utterance"),
    **_named(_SEEN, "expression_", FACE_CUES),
    **_named(_HEARD, "voice_", VOICE_UNITS),
}
# Nearer to the usual than half its spread is as usual; shorter than this is a moment.
_TOLD_FROM_Z = 0.5
_TOLD_FROM_S = 2.0

UNITS: Mapping[str, str | Promise] = {"share": "", "semitones": _("semitones"), "1/s": ""}


def phrase(item: Mapping[str, Any]) -> str:
    """One evidence item in words; an unknown measure says its own name."""
    measure, value = str(item["measure"]), float(item["value"])
    if measure in COUNTED:
        return str(COUNTED[measure] % {"n": round(value)})
    label = str(COMPARED.get(measure, measure.replace("_", " ")))
    text = f"{label}: {_with_unit(value, item)}"
    beside = ", ".join(_beside(item))
    return f"{text} ({beside})" if beside else text


def _beside(item: Mapping[str, Any]) -> Iterator[str]:
    """What is usual for this learner, how far from it this is, and for how long it was so."""
    usual, z, for_s = item.get("usual"), item.get("z"), item.get("for_s")
    if usual is not None:
        yield str(_("usually %(usual)s") % {"usual": _with_unit(float(usual), item)})
    if z is not None and abs(z) >= _TOLD_FROM_Z:
        words = _("%(n)s SD above") if z > 0 else _("%(n)s SD below")
        yield str(words % {"n": number_format(abs(z), 1)})
    if for_s is not None and for_s >= _TOLD_FROM_S:
        yield str(_("for %(n)d s") % {"n": round(for_s)})


def _with_unit(value: float, item: Mapping[str, Any]) -> str:
    unit = str(item.get("unit", ""))
    if unit == "share":
        return f"{value * 100:.0f} %"
    return f"{value:.3g} {UNITS.get(unit, unit)}".strip()
