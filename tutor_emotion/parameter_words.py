"""What each parameter of the engine means to a person, and what happens when it is changed."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from tutor_emotion.core.parameters import Parameter

Words = str | Promise

GROUPS: Mapping[str, tuple[Words, Words]] = {
    "pacing": (
        _("Pace and help: when what is offered"),
        _("Who counts as weak or strong, how long to wait, how fast the pace changes."),
    ),
    "interruption": (
        _("Interruptions: how seldom"),
        _("When nothing is offered, and what a learner's “I’m fine” changes."),
    ),
    "detector": (
        _("Signals: how sure, for how long"),
        _("From a belief to a signal. Lower thresholds mean earlier and more often wrong."),
    ),
    "fusion": (
        _("Belief: how evidence adds up"),
        _("For researchers. These figures hold each other in balance; change one at a time."),
    ),
    "estimators": (
        _("Evidence: what counts as what"),
        _("For researchers. When a face, a voice or an answer is good enough to say anything."),
    ),
    "baseline": (
        _("What is usual for a learner"),
        _("For researchers. How long we learn what is normal for this one person."),
    ),
}

UNITS: Mapping[str, Words] = {
    "s": pgettext_lazy("unit", "seconds"),
    "share": pgettext_lazy("unit", "share, 0 to 1"),
    "times": pgettext_lazy("unit", "times"),
    "answers": pgettext_lazy("unit", "answers"),
    "misses": pgettext_lazy("unit", "misses"),
    "items": pgettext_lazy("unit", "items"),
    "examples": pgettext_lazy("unit", "examples"),
    "messages": pgettext_lazy("unit", "messages"),
    "offers": pgettext_lazy("unit", "offers"),
    "utterances": pgettext_lazy("unit", "utterances"),
    "nats": pgettext_lazy("unit", "nats"),
    "degrees": pgettext_lazy("unit", "degrees"),
    "1/s": pgettext_lazy("unit", "a second"),
    "z": pgettext_lazy("unit", "standard deviations"),
    "sum": pgettext_lazy("unit", "sum of shares"),
}

PARTS: Mapping[str, Words] = {
    "face": pgettext_lazy("part", "face"),
    "voice": pgettext_lazy("part", "voice"),
    "interaction": pgettext_lazy("part", "answers, hints and time"),
    "text": pgettext_lazy("part", "typed messages"),
    "self_report": pgettext_lazy("part", "the learner's own taps"),
    "engaged": pgettext_lazy("part", "at work"),
    "confused": pgettext_lazy("part", "confused"),
    "frustrated": pgettext_lazy("part", "frustrated"),
    "bored": pgettext_lazy("part", "bored"),
    "neutral": pgettext_lazy("part", "neutral"),
    "suspect": pgettext_lazy("part", "may be struggling"),
    "strong": pgettext_lazy("part", "very likely struggling"),
    "slowest": pgettext_lazy("part", "slowest pace"),
    "slower": pgettext_lazy("part", "slower pace"),
    "usual": pgettext_lazy("part", "usual pace"),
    "faster": pgettext_lazy("part", "faster pace"),
    "fastest": pgettext_lazy("part", "fastest pace"),
}

# By base: the label, and why it is as it is and what a change does.
WORDS: Mapping[str, tuple[Words, Words]] = {
    "pacing.low_below": (
        _("weak below"),
        _("Right first answers, the newest weighing most. Higher: more learners get full help."),
    ),
    "pacing.high_from": (
        _("strong from"),
        _("Strong learners are left alone: help they do not need cost them in studies."),
    ),
    "pacing.known_after_answers": (
        _("answers before weak or strong is said"),
        _("Before that a learner is treated as in between. Lower: sooner, on less."),
    ),
    "pacing.act_after_s": (
        _("confusion left alone for"),
        _("Confusion that resolves itself helps learning. Longer: more of it is left to do so."),
    ),
    "pacing.act_after_misses": (
        _("misses that end the waiting"),
        _("With so many misses on a step help is offered at once. Higher: later."),
    ),
    "pacing.level_every_s": (
        _("between two changes of pace"),
        _("So that the pace does not sway. Shorter: it follows faster, and errs faster."),
    ),
    "pacing.back_after_correct": (
        _("right answers until the pace is usual again"),
        _("Slowness that has done its work should end. Higher: it stays longer."),
    ),
    "pacing.faster_after_correct": (
        _("right answers in a row for a faster pace"),
        _("Only for strong learners. Lower: faster sooner."),
    ),
    "pacing.segment_share": (
        _("length of a segment"),
        _("Against its usual length. Smaller pieces take longer and are kept better."),
    ),
    "pacing.wait_share": (
        _("wait before a hint comes unasked"),
        _("Against the usual time of the item. Longer: more time to think."),
    ),
    "pacing.examples_first": (
        _("worked examples before practice"),
        _("Examples help beginners most. More of them: slower, safer."),
    ),
    "pacing.items_before_review": (
        _("items before one of review"),
        _("Fewer: what was learned comes back sooner."),
    ),
    "pacing.wait_least_s": (
        _("shortest wait before a hint comes unasked"),
        _("However short the item is. Shorter: thinking is interrupted more often."),
    ),
    "pacing.wait_unknown_s": (
        _("usual time of an item that nobody has told"),
        _("Stands in where the lesson gives no time for an item."),
    ),
    "pacing.easier_items": (
        _("items that stay easier"),
        _("After a learner takes “something easier”. More: a gentler way back."),
    ),
    "pacing.overtaxed_below": (
        _("bored, but asked too much, below"),
        _("Who misses this much and seems bored gets less to do and not something else."),
    ),
    "pacing.hard_line_every_s": (
        _("between two lines that call a step hard"),
        _("Said more often it sounds hollow."),
    ),
    "pacing.twice_in_s": (
        _("stuck twice within"),
        _("Then the lesson goes back to what the step builds on, and calls you."),
    ),
    "pacing.break_after_s": (
        _("session length before a break is offered"),
        _("Short sessions need none."),
    ),
    "pacing.same_step_again_s": (
        _("before the same help on the same step"),
        _("Shorter: more insistent."),
    ),
    "pacing.flag_again_s": (
        _("before you are called again for the same reason"),
        _("Shorter: more calls about one learner."),
    ),
    "pacing.safety_again_s": (
        _("words of danger that are one call"),
        _("What is written in one breath calls you once."),
    ),
    "pacing.safety_hold_s": (
        _("nothing automatic after a person was called"),
        _("No offer and no change of pace in that time: a person takes over."),
    ),
    "pacing.distress_after_s": (
        _("trouble that lasts, in spite of help"),
        _("Then a person is called and offers stop. Shorter: sooner, also for a hard step."),
    ),
    "pacing.distress_gap_s": (
        _("trouble that is gone for less goes on"),
        _("Longer: short good moments do not end it."),
    ),
    "pacing.distress_active_s": (
        _("who did nothing for longer is idle, not in trouble"),
        _("You see idle learners anyway."),
    ),
    "pacing.distress_messages": (
        _("annoyed messages that call a person"),
        _("Lower: sooner, also for one bad joke."),
    ),
    "pacing.distress_messages_in_s": (
        _("within"),
        _("The time in which those messages are counted together."),
    ),
    "interruption.offer_every_s": (_("between two offers"), _("Set above, for all to see.")),
    "interruption.offers_in_10_min": (_("offers in ten minutes"), _("Set above, for all to see.")),
    "interruption.offers_in_hour": (_("offers in an hour"), _("Set above, for all to see.")),
    "interruption.quiet_start_s": (
        _("nothing is offered in the first"),
        _("Everybody needs a moment to begin, and we know nothing yet."),
    ),
    "interruption.quiet_answers": (
        _("nor before so many answers"),
        _("Unless the learner says that they are stuck. Lower: sooner, on less."),
    ),
    "interruption.pause_s": (
        _("pause in typing or speaking that is long enough"),
        _("An offer waits for it. Shorter: it may come in the middle of a thought."),
    ),
    "interruption.kind_cooldown_s": (
        _("rest of one kind of offer"),
        _("Waving it away doubles it each time; taking it sets it back."),
    ),
    "interruption.kind_cooldown_max_s": (
        _("longest rest of one kind"),
        _("However often it was waved away."),
    ),
    "interruption.dismissals_off": (
        _("waved away so often, gone for the session"),
        _("Who says no this often means it."),
    ),
    "interruption.offer_lives_s": (
        _("an offer stays for"),
        _("Then it goes by itself and counts as not answered."),
    ),
    "interruption.busy_forgotten_s": (
        _("typing that never ends is forgotten after"),
        _("A page may forget to say that it ended."),
    ),
    "interruption.playing_forgotten_s": (
        _("a film that never ends is forgotten after"),
        _("A page may forget to say that it ended."),
    ),
    "detector.*.on": (
        _("raised from"),
        _("Lower: earlier, more often wrong."),
    ),
    "detector.*.off": (
        _("over below"),
        _("Must be below the value that raises it. Nearer to it: signals flicker."),
    ),
    "detector.*.dwell_s": (
        _("must last for"),
        _("Longer: fewer false alarms, and later."),
    ),
    "detector.*.cooldown_s": (
        _("not again for"),
        _("Longer: fewer alarms about one learner."),
    ),
    "detector.frustrated_to_confused": (
        _("frustrated against confused, at least"),
        _("The two look alike; lower: confused learners are taken for frustrated ones."),
    ),
    "detector.frustrated_misses": (
        _("misses that speak for frustration"),
        _("Besides the belief there must be a sign like this in the work."),
    ),
    "detector.cue_s": (
        _("a sign that is not the face's, in the last"),
        _("The face alone never raises a signal. Longer: an older sign is enough."),
    ),
    "detector.cue_min_nats": (
        _("least weight of such a sign"),
        _("Higher: only plain signs count."),
    ),
    "detector.bored_cue_s": (
        _("a sign of boredom in the work, in the last"),
        _("Longer: an older sign is enough."),
    ),
    "detector.unresolved_on": (
        _("struggle counts from"),
        _("For the time below. Lower: stuck sooner."),
    ),
    "detector.unresolved_for_s": (
        _("stuck after"),
        _("So much struggle in the time below. Lower: sooner."),
    ),
    "detector.unresolved_of_s": (
        _("of the last"),
        _("Must not be shorter than the time above."),
    ),
    "detector.unresolved_misses": (
        _("misses on a step that are enough by themselves"),
        _("No belief is needed for it. Lower: help comes sooner."),
    ),
    "detector.unresolved_turns": (
        _("messages of confusion that are enough by themselves"),
        _("On one step."),
    ),
    "detector.unresolved_cooldown_s": (
        _("not stuck again for"),
        _("Longer: fewer alarms about one learner."),
    ),
    "detector.wheelspin_warn_after": (
        _("items without mastery that warn"),
        _("Practice alone does not help then; an example may."),
    ),
    "detector.wheelspin_confirmed_after": (
        _("items without mastery that call you"),
        _("Who has not mastered a skill by then seldom does without help."),
    ),
    "detector.wheelspin_accuracy": (
        _("or fewer right than"),
        _("An early sign of the same. Higher: more early warnings."),
    ),
    "detector.wheelspin_accuracy_after": (
        _("after"),
        _("So many items are needed before that share says anything."),
    ),
    "detector.mastery_run": (
        _("right in a row that are mastery"),
        _("Higher: stricter, and more learners count as going in circles."),
    ),
    "detector.recovered_below": (
        _("getting on again below"),
        _("Only for the record; nothing is said to the learner."),
    ),
    "detector.recovered_for_s": (_("for"), _("So long it must last.")),
    "detector.recovered_answer_s": (
        _("with a right answer in the last"),
        _("Older ones do not show that it is over."),
    ),
    "detector.rule_confidence": (
        _("how sure a counted rule is"),
        _("Told to you as “very likely”; changes nothing else."),
    ),
    "fusion.cap_nats": (
        _("most that one vote weighs"),
        _("Follows from how good such detectors are. Higher: one moment decides more."),
    ),
    "fusion.budget_nats": (
        _("most that it can hold"),
        _("So that a resting scowl does not fire alone. Higher: more alarms, more wrong."),
    ),
    "fusion.leak_s": (
        _("evidence fades within"),
        _("Longer: what was seen counts for longer."),
    ),
    "fusion.face_window_s": (
        _("seconds of a face that are one vote"),
        _("Overlapping windows must not vote twice."),
    ),
    "fusion.prior": (
        _("share before anything was seen"),
        _("Baker et al. 2010. The five must sum to 1."),
    ),
    "fusion.dwell_s": (
        _("usual length of"),
        _("No study gives it; only the order is known. Longer: the belief changes slower."),
    ),
    "fusion.jumps": (
        _("how readily one follows the other"),
        _("Balanced against the shares and lengths above."),
    ),
    "fusion.max_predict_s": (
        _("without evidence we know nothing after"),
        _("The belief is what it was before anything was seen."),
    ),
    "fusion.abstain_below_nats": (
        _("“unknown” below"),
        _("Then only counted facts act. Higher: we keep silent more often."),
    ),
    "fusion.ambiguous_below": (
        _("“unclear” below"),
        _("If no state is likelier than this."),
    ),
    "fusion.coverage_s": (
        _("how much was measured, in the last"),
        _("Only for what you are shown."),
    ),
    "fusion.event_covers_s": (
        _("an answer speaks for"),
        _("Only for what you are shown."),
    ),
    "estimators.face_needs_s": (
        _("good face before it says anything"),
        _("Higher: it says less, and better."),
    ),
    "estimators.face_max_yaw_deg": (
        _("head turned at most"),
        _("From the side a face cannot be read."),
    ),
    "estimators.face_max_pitch_deg": (
        _("head raised or lowered at most"),
        _("From below or above a face cannot be read."),
    ),
    "estimators.face_frames_a_second": (
        _("pictures that make a whole second"),
        _("With fewer a second counts in part."),
    ),
    "estimators.face_jaw_open_max": (
        _("mouth open at most"),
        _("Above that it speaks or yawns, and its corners say nothing."),
    ),
    "estimators.smile_after_correct_s": (
        _("a smile counts after a right answer for"),
        _("Other smiles say nothing: people smile when it goes badly, too."),
    ),
    "estimators.voice_min_s": (_("shortest utterance"), _("Shorter ones say nothing.")),
    "estimators.voice_max_s": (_("longest utterance"), _("Only its beginning is heard.")),
    "estimators.voice_min_voiced_s": (
        _("least voice in it"),
        _("Whispers and coughs say nothing."),
    ),
    "estimators.onset_max_s": (
        _("speech later than this is no answer"),
        _("Its delay says nothing then."),
    ),
    "estimators.rapid_share": (
        _("a guess is quicker than"),
        _("Against the usual time of the item: nobody can have read it."),
    ),
    "estimators.fast_z": (
        _("hurried after an error from"),
        _("Against the learner's own times."),
    ),
    "estimators.idle_s": (
        _("idle from"),
        _("Never less than what is usual for this learner."),
    ),
    "estimators.success_run": (
        _("a good run is"),
        _("A miss after it weighs more."),
    ),
    "estimators.surprise_below": (
        _("misses on what should be easy, from"),
        _("Right answers less what was expected, summed over four."),
    ),
    "estimators.easy_up_to": (_("easy up to difficulty"), _("0 is easiest, 1 hardest.")),
    "estimators.demand_gap_s": (
        _("hints this close ask for the answer"),
        _("Nobody has read the first one."),
    ),
    "estimators.hedge_s": (
        _("“not sure” belongs to a right answer for"),
        _("After that it is about something else."),
    ),
    "baseline.face_s": (
        _("face that is remembered"),
        _("Longer: slower to follow a change of light or place."),
    ),
    "baseline.items": (_("answers that are remembered"), _("For the learner's usual time.")),
    "baseline.utterances": (_("utterances that are remembered"), _("For the usual voice.")),
    "baseline.kappa_face_s": (
        _("face until the learner's own outweighs people's in general"),
        _("Higher: more careful at the beginning."),
    ),
    "baseline.kappa_items": (
        _("answers until the learner's own outweigh people's in general"),
        _("Higher: more careful at the beginning."),
    ),
    "baseline.kappa_utterances": (
        _("utterances until the learner's own outweigh people's in general"),
        _("Higher: more careful at the beginning."),
    ),
    "baseline.z_clip": (
        _("no oddity counts for more than"),
        _("One strange moment must not decide."),
    ),
}


def label(parameter: Parameter) -> str:
    """What it is called, with which of several it is."""
    words = str(WORDS[parameter.base][0])
    if not parameter.part:
        return words
    if parameter.base.startswith("detector.*"):
        return f"{PARTS[parameter.name.split('.')[1]]}: {words}"
    names = " → ".join(str(PARTS[part]) for part in parameter.part.split("."))
    return f"{words}: {names}"


def why(parameter: Parameter) -> str:
    """One plain sentence, and where the figure comes from."""
    words = str(WORDS[parameter.base][1])
    if parameter.source == "[D]":
        return f"{words} {gettext('Chosen by us; no study gives it.')}"
    return f"{words} {gettext('Source: %(section)s.') % {'section': parameter.source}}"


def unit(parameter: Parameter) -> str:
    return str(UNITS[parameter.unit])


def figure(value: float) -> str:
    """As it is written in a field: no more digits than it has."""
    return f"{value:.6g}"
