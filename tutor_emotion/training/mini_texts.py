"""Answers for omni-mini to begin with: what was measured of a clip, in varied words; its label.

A text claims only what the measures bear out. Which two or three of all true claims it makes, and
how it puts them, is drawn; a clip of which nothing stands out gets a text that claims nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from numpy.random import Generator
from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers, trainers
from tokenizers import Regex as Pattern

from tutor_emotion.core.claims import KINDS, Claim, borne_out, say
from tutor_emotion.nets.r1_omni import answers, tokens

VOCABULARY = 512
MOST_CLAIMS = 2  # of each of face and voice
# Other ways to say a claim, beside the table's own; `core.claims` reads each back as that claim.
OTHERWISE: Mapping[str, tuple[str, ...]] = {
    "brow_lowered": ("the brows are drawn together", "there is a frown"),
    "brow_raised": ("the brows are lifted", "the forehead is raised"),
    "brow_relaxed": ("the brow is relaxed", "the forehead is smooth"),
    "eyes_wide": ("the eyes are wide open",),
    "eyes_narrowed": ("the eyes are squinted", "the eyelids are tightened"),
    "eyes_closed": ("the eyes are shut",),
    "smile": ("the corners of the mouth are pulled up", "the face is smiling"),
    "corners_down": ("the lip corners are lowered", "the lip corners are turned down"),
    "mouth_open": ("the lips are parted", "the jaw is dropped"),
    "mouth_closed": ("the lips are closed", "the mouth is shut"),
    "lips_pressed": ("the lips are tight", "the lips are pressed"),
    "head_turned": ("the head is turned away",),
    "head_down": ("the head is lowered",),
    "head_tilted": ("the head is inclined",),
    "gaze_away": ("the gaze is averted",),
    "voice_raised": ("the voice is loud", "the voice is agitated"),
    "voice_quiet": ("the voice is soft", "the voice is subdued"),
    "pitch_high": ("the voice is high",),
    "pitch_low": ("the voice is deep",),
    "speech_fast": ("the speech is rapid", "the pace is quick"),
    "speech_slow": ("the pace is slow",),
    "pauses_long": ("the silence is long",),
    "pauses_many": ("the pauses are frequent",),
    "melody_flat": ("the intonation is monotonous", "the melody is flat"),
    "melody_varied": ("the intonation is varied", "the melody is lively"),
    "ends_rising": ("the voice is rising at the end",),
    "ends_falling": ("the voice is falling at the end", "the voice drops at the end"),
    "voice_harsh": ("the voice is rough", "the voice is strained"),
}
NOTHING = ("nothing stands out", "there is little to go by")
CLOSINGS = ("this points to {}", "that fits {}", "together it suggests {}", "it comes across as {}")


def reason(measures: Mapping[str, float], label: str, rng: Generator) -> str:
    """A think-and-answer text for a clip with these measures."""
    said: list[str] = []
    for modality in ("face", "voice"):
        true = [claim for claim in borne_out(measures) if KINDS[claim.kind].modality == modality]
        chosen = rng.permutation(len(true))[: rng.integers(1, MOST_CLAIMS + 1)]
        said += [_put(true[at], rng) for at in sorted(chosen)]
    claimed = " and ".join(said) if len(said) < 3 else f"{', '.join(said[:-1])} and {said[-1]}"
    closing = CLOSINGS[rng.integers(len(CLOSINGS))].format(label)
    thinking = f"{claimed or NOTHING[rng.integers(len(NOTHING))]}. {closing}."
    return answers.write(thinking, label)


def answer_only(label: str) -> str:
    """The label in its tag, without a reason."""
    return f"{answers.ANSWER}{label}{answers.ANSWERED}"


def phrases(kind: str) -> tuple[str, ...]:
    """Every way to say that claim."""
    return (say(Claim(kind)), *OTHERWISE.get(kind, ()))


def made_tokenizer(labels: Sequence[str]) -> Tokenizer:
    """Byte pairs of our own texts; the prompt's standing parts and the tags are one piece each.

    Any other text still has its bytes: an instruction in other words costs length, no more.
    """
    made = Tokenizer(models.BPE())
    split = pre_tokenizers.Split(Pattern(tokens.WORDS), behavior="isolated")
    bytes_ = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    made.pre_tokenizer = pre_tokenizers.Sequence([split, bytes_])
    made.decoder = decoders.ByteLevel()
    standing = [tokens.SYSTEM, tokens.INSTRUCTION, *sum(tokens.WRAPPERS.values(), ())]
    tags = [answers.THINK, answers.THOUGHT, answers.ANSWER, answers.ANSWERED]
    special = [AddedToken(name, special=True) for name in (tokens.PAD, tokens.BEGIN, tokens.END)]
    trainer = trainers.BpeTrainer(
        vocab_size=VOCABULARY - len(standing) - len(tags),
        special_tokens=special,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    made.train_from_iterator(_every_sentence(labels), trainer)
    made.add_tokens([AddedToken(text, normalized=False) for text in (*standing, *tags)])
    return made


def _every_sentence(labels: Sequence[str]) -> list[str]:
    said = [phrase for kind in KINDS for phrase in phrases(kind)]
    said += NOTHING
    closings = [closing.format(label) for closing in CLOSINGS for label in labels]
    # As they stand in a text: after a tag, a comma, an "and", a full stop.
    joined = [f"{a}, {a} and {a}. {b}.\n{c}" for a in said for b in closings[:1] for c in labels]
    return joined + [f". {closing}." for closing in closings] * len(said)


def _put(claim: Claim, rng: Generator) -> str:
    ways = phrases(claim.kind)
    return ways[rng.integers(len(ways))]
