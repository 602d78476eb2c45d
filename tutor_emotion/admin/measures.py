"""The engine's measures in words, as they stand in the evidence of a signal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

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
    "says_confused": _("wrote that it is not clear"),
    "says_annoyed": _("wrote that it is annoying"),
    "says_bored": _("wrote that it is boring"),
    "hedge_on_correct": _("right, but wrote that they are not sure"),
    "all_capitals": _("wrote in capitals"),
    "question_marks": _("wrote several question marks"),
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
}

UNITS: Mapping[str, str | Promise] = {"share": "", "semitones": _("semitones"), "1/s": ""}


def phrase(item: Mapping[str, Any]) -> str:
    """One evidence item in words; an unknown measure says its own name."""
    measure, value = str(item["measure"]), float(item["value"])
    if measure in COUNTED:
        return str(COUNTED[measure] % {"n": round(value)})
    label = str(COMPARED.get(measure, measure.replace("_", " ")))
    text = f"{label}: {_with_unit(value, item)}"
    if item.get("usual") is None:
        return text
    usual = _with_unit(float(item["usual"]), item)
    return str(_("%(text)s (usually %(usual)s)") % {"text": text, "usual": usual})


def _with_unit(value: float, item: Mapping[str, Any]) -> str:
    unit = str(item.get("unit", ""))
    if unit == "share":
        return f"{value * 100:.0f} %"
    return f"{value:.3g} {UNITS.get(unit, unit)}".strip()
