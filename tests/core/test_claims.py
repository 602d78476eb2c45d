"""Which claims a text makes, and which of them the measures bear out."""

from __future__ import annotations

import math

import pytest

from tutor_emotion.core.claims import KINDS, Claim, borne_out, claims, grounded, say
from tutor_emotion.nets.face.blendshapes import NAMES

ANGRY = {
    "browDownLeft": 0.3,
    "browDownRight": 0.2,
    "browInnerUp": 0.0,
    "browOuterUpLeft": 0.0,
    "browOuterUpRight": 0.0,
    "jawOpen": 0.4,
    "mouthSmileLeft": 0.0,
    "mouthSmileRight": 0.0,
    "yaw_deg": -20.0,
    "f0_median_st": 40.0,
    "longest_pause_s": 0.2,
}


def _said(text: str) -> list[str]:
    return [("not " if claim.negated else "") + claim.kind for claim in claims(text)]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("The brow is lowered.", ["brow_lowered"]),
        ("A furrowed brow and wide eyes", ["brow_lowered", "eyes_wide"]),
        ("raised and furrowed eyebrows", ["brow_raised", "brow_lowered"]),
        ("eyes wide and mouth open", ["eyes_wide", "mouth_open"]),
        ("the eyes are open and the mouth closed", ["mouth_closed"]),
        ("brow lowered, eyes wide, jaw clenched", ["brow_lowered", "eyes_wide", "jaw_tense"]),
        ("the voice is loud, fast and high-pitched", ["voice_raised", "speech_fast", "pitch_high"]),
        ("the speech is slow with long, frequent pauses", [
            "speech_slow", "pauses_long", "pauses_many"]),
        ("the head is lowered, tense jaw", ["head_down", "jaw_tense"]),
        ("He speaks in a low, monotone voice", ["pitch_low", "melody_flat"]),
        ("Her tone, calm and steady, rises at the end", [
            "voice_quiet", "melody_flat", "ends_rising"]),
        ("his voice is even louder", ["voice_raised"]),
        ("He’s frowning. The smile fades; he frowns", ["brow_lowered", "smile"]),
    ],
)  # fmt: skip
def test_it_finds_a_subject_with_its_words_either_way_round(text, said):
    assert _said(text) == said


def test_what_is_said_of_two_subjects_is_claimed_of_both():
    assert set(_said("The brows and the jaw are tense.")) == {"brow_lowered", "jaw_tense"}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("The brow is not lowered.", ["not brow_lowered"]),
        ("The brow is not raised but lowered", ["not brow_raised", "brow_lowered"]),
        ("The brow is lowered, not raised", ["brow_lowered", "not brow_raised"]),
        ("no sign of a furrowed brow", ["not brow_lowered"]),
        ("No smile, the brow is lowered", ["not smile", "brow_lowered"]),
        ("neither smiling nor frowning", ["not smile", "not brow_lowered"]),
        ("without long pauses", ["not pauses_long"]),
        ("The voice isn't raised, and the eyes are closed", ["not voice_raised", "eyes_closed"]),
        ("her voice is not only loud but harsh", ["voice_raised", "voice_harsh"]),
    ],
)
def test_it_hears_a_denial_and_where_it_ends(text, said):
    assert _said(text) == said


@pytest.mark.parametrize(
    "text",
    [
        "",
        "...",
        "She is angry about the test.",
        "The wall is high. The brow",
        "\0\ud800",
        "no",
        "not",
    ],
)
def test_a_text_without_any_claim_claims_nothing(text):
    assert claims(text) == ()


def test_a_claim_counts_once_and_an_endless_text_ends():
    assert _said("The brow is lowered. " * 50_000) == ["brow_lowered"]
    assert claims("brow " * 50_000) == ()


def test_what_the_measures_show_is_borne_out_and_what_they_do_not_is_not():
    assert grounded(Claim("brow_lowered"), ANGRY) is True
    assert grounded(Claim("smile"), ANGRY) is False
    assert grounded(Claim("smile", negated=True), ANGRY) is True
    assert grounded(Claim("brow_lowered", negated=True), ANGRY) is False
    assert grounded(Claim("pauses_long"), ANGRY) is False


def test_a_turn_counts_to_either_side():
    assert grounded(Claim("head_turned"), {"yaw_deg": -20.0}) is True
    assert grounded(Claim("head_turned"), {"yaw_deg": 20.0}) is True
    assert grounded(Claim("head_turned"), {"yaw_deg": 2.0}) is False


@pytest.mark.parametrize(
    ("kind", "measures"),
    [
        ("brow_lowered", {}),  # nobody was seen
        ("brow_lowered", {"browDownLeft": 0.9}),  # half of it
        ("voice_raised", {"f0_median_st": math.nan}),
        ("jaw_tense", ANGRY),  # nothing measures it
    ],
)
def test_what_was_not_measured_is_neither_true_nor_false(kind, measures):
    assert grounded(Claim(kind), measures) is None
    assert grounded(Claim(kind, negated=True), measures) is None


def test_what_is_true_of_a_clip_can_be_listed_and_said_and_read_back():
    true = borne_out(ANGRY)
    assert [claim.kind for claim in true] == [
        "brow_lowered", "mouth_open", "head_turned", "voice_raised", "pitch_high"
    ]  # fmt: skip
    text = ", and ".join(say(claim) for claim in true) + "."
    assert claims(text.capitalize()) == true
    assert all(grounded(claim, ANGRY) for claim in true)


def test_our_own_sentence_of_each_claim_says_that_claim_and_no_other():
    for name, kind in KINDS.items():
        assert claims(kind.says) == (Claim(name),)
        assert claims(kind.says.replace(" is ", " is not ").replace(" are ", " are not ")) == (
            Claim(name, negated=" is " in kind.says or " are " in kind.says),
        )


def test_a_text_of_ours_denies_nothing():
    with pytest.raises(ValueError, match="smile"):
        say(Claim("smile", negated=True))


def test_each_claim_has_one_threshold_with_its_reason_and_measures_that_exist():
    angles = {"yaw_deg", "pitch_deg", "roll_deg", "eyes_closed", "gaze_away"}
    voice = {
        "f0_median_st", "f0_iqr_st", "f0_slope_st_s", "rate_hz", "pause_ratio",
        "longest_pause_s", "hnr_db",
    }  # fmt: skip
    for kind in KINDS.values():
        assert kind.why
        assert ((kind.above is None) != (kind.below is None)) == bool(kind.measures)
        assert set(kind.measures) <= (voice if kind.modality == "voice" else angles | set(NAMES))
