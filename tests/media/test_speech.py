"""Speech becomes utterances, everything else is forgotten. A real net, a synthetic voice."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from tests.media.senders import WEIGHTS, needs_weights, resampled, spoken
from tutor_emotion.errors import Unavailable
from tutor_emotion.media.speech import (
    BLOCK,
    BLOCK_S,
    MAX_SPEECH_S,
    Block,
    Cutter,
    Ear,
    load_vad,
)

RATE = 16_000


def silence(seconds: float, level: float = 0.0) -> np.ndarray:
    noise = np.random.default_rng(3).normal(0, max(level, 1e-9), round(seconds * RATE))
    return (noise * 32767).clip(-32768, 32767).astype(np.int16)


def hear(sound: np.ndarray, ear: Ear | None = None, piece: int = 1600, gap: int = 0):
    """All that an Ear heard, in pieces, on a clock that began at 100."""
    ear = ear or Ear(load_vad(WEIGHTS))
    starts = range(0, sound.size, piece)
    return [ear.hear(100 + at / RATE, sound[at : at + piece], gap) for at in starts]


def utterances(heard):
    return [both for one in heard for both in one.utterances]


# --- the cutter, without a net ----------------------------------------------------------------


def cut(pattern: str) -> list[tuple[float, float]]:
    """Stretches, in blocks, of a pattern: ``s`` is speech, ``.`` is none, ``?`` is between."""
    cutter, found = Cutter(), []
    for index, letter in enumerate(pattern):
        block = Block(index * BLOCK_S, np.full(BLOCK, index % 99, np.int16), 0)
        stretch = cutter.add(block, {"s": 0.9, "?": 0.4, ".": 0.1}[letter])
        if stretch:
            found.append(stretch)
    found += [stretch] if (stretch := cutter.end()) else []
    return [
        (round(s.blocks[0].start_s / BLOCK_S), round(s.blocks[-1].start_s / BLOCK_S)) for s in found
    ]


def test_a_stretch_has_a_short_run_up_and_a_short_tail():
    assert cut("." * 20 + "s" * 20 + "." * 30) == [(15, 44)]


def test_hysteresis_holds_a_word_together_but_does_not_begin_one():
    assert cut("." * 10 + "s" * 5 + "?" * 10 + "s" * 5 + "." * 20) == [(5, 34)]
    assert cut("?" * 60) == []


def test_a_short_pause_is_inside_and_a_long_one_between():
    assert len(cut("s" * 15 + "." * 10 + "s" * 15 + "." * 20)) == 1
    assert len(cut("s" * 15 + "." * 20 + "s" * 15 + "." * 20)) == 2


def test_a_click_is_not_an_utterance():
    assert cut("." * 10 + "s" * 5 + "." * 40) == []


def test_ten_seconds_are_cut_and_nothing_is_lost_between():
    blocks = round(25 / BLOCK_S)
    found = cut("s" * blocks)
    assert len(found) == 3
    assert all(b[0] == a[1] + 1 for a, b in pairwise(found))
    assert max(b - a for a, b in found) * BLOCK_S <= MAX_SPEECH_S


def test_silence_is_forgotten_at_once():
    cutter = Cutter()
    for index in range(5000):
        cutter.add(Block(index * BLOCK_S, np.zeros(BLOCK, np.int16), 0), 0.01)
    held = len(cutter._before) + len(cutter._speech)
    assert held <= 6
    assert not cutter.speaking


# --- with the net -----------------------------------------------------------------------------


@needs_weights
def test_a_sentence_is_one_utterance_in_its_place():
    sound = np.concatenate([silence(1.5), spoken(), silence(1.5)])
    heard = hear(sound)
    [(utterance, word)] = utterances(heard)
    true_s = spoken().size / RATE
    assert word == "ok"
    assert utterance.start_s == pytest.approx(101.5, abs=0.3)
    assert utterance.end_s - utterance.start_s == pytest.approx(true_s, abs=0.5)
    assert utterance.samples.size == round((utterance.end_s - utterance.start_s) * RATE)
    assert utterance.quality > 0.7
    at = round((utterance.start_s - 100) * RATE)
    assert (utterance.samples == sound[at : at + utterance.samples.size]).all()


@needs_weights
def test_it_says_who_speaks_now():
    heard = hear(np.concatenate([silence(1.0), spoken(), silence(1.5)]))
    spans = [one.speaking for one in heard]
    assert not any(spans[:8])
    assert all(spans[15:40])
    assert not spans[-1]


@needs_weights
@pytest.mark.parametrize("piece", [160, 320, 961, 5000])
def test_the_size_of_the_pieces_does_not_matter(piece):
    sound = np.concatenate([silence(1.0), spoken(), silence(1.0)])
    [(one, _)], [(other, _)] = utterances(hear(sound)), utterances(hear(sound, piece=piece))
    assert (one.samples == other.samples).all()
    assert other.start_s == pytest.approx(one.start_s, abs=1e-6)


@needs_weights
@pytest.mark.parametrize(
    ("name", "sound", "word"),
    [
        ("silence", silence(4), "silent"),
        ("a quiet room", silence(4, 0.003), "silent"),
        ("a loud fan", silence(4, 0.1), "noisy"),
        ("a broken input", np.resize(np.array([32767, -32768], np.int16), 64_000), "clipped"),
        ("a hum", (9000 * np.sin(np.arange(64_000) * 0.04)).astype(np.int16), "noisy"),
    ],
)
def test_what_is_not_speech_gives_no_utterance_but_a_word(name, sound, word):
    heard = hear(sound)
    assert utterances(heard) == []
    assert heard[-1].note.word == word


@needs_weights
def test_clipped_quiet_and_noisy_speech_have_their_words():
    voice = spoken().astype(np.int32)
    clipped = np.clip(voice * 12, -32768, 32767).astype(np.int16)
    quiet = (voice // 90).astype(np.int16)
    noisy = (voice // 3 + silence(voice.size / RATE, 0.03)).astype(np.int16)
    words = []
    for sound, room in ((clipped, 0.0), (quiet, 0.0), (noisy, 0.03)):
        ear = Ear(load_vad(WEIGHTS))
        heard = hear(np.concatenate([silence(1, room), sound, silence(1, room)]), ear)
        words.append({word for _, word in utterances(heard)})
    assert words == [{"clipped"}, {"too_quiet"}, {"noisy"}]


@needs_weights
def test_a_telephone_voice_is_speech_too():
    narrow = resampled(resampled(spoken(), 16_000, 8_000), 8_000, 16_000)
    assert len(utterances(hear(np.concatenate([silence(1), narrow, silence(1)])))) == 1


@needs_weights
def test_lost_sound_is_counted_in_the_utterance():
    ear = Ear(load_vad(WEIGHTS))
    [(utterance, _)] = utterances(hear(np.concatenate([spoken(), silence(1)]), ear, gap=160))
    assert utterance.gap_share == pytest.approx(0.1, abs=0.03)
    assert utterance.quality < 0.9


@needs_weights
def test_the_end_of_the_sound_ends_what_was_being_said():
    ear = Ear(load_vad(WEIGHTS))
    assert utterances(hear(np.concatenate([silence(0.5), spoken()[: 2 * RATE]]), ear)) == []
    last = ear.end(110.0)
    [(utterance, word)] = last.utterances
    assert word == "ok"
    assert utterance.end_s - utterance.start_s > 1.5
    assert not last.speaking
    assert ear.end(110.1).utterances == ()


def test_missing_weights_say_what_to_do(tmp_path: Path):
    with pytest.raises(Unavailable) as missing:
        load_vad(tmp_path)
    assert missing.value.code == "weights_missing"
    assert "fetch_weights" in missing.value.hint


@needs_weights
def test_a_muted_microphone_costs_no_net_and_what_is_said_after_it_is_whole():
    class Counting:
        runs = 0

        def run(self, *arguments):
            self.runs += 1
            return net.run(*arguments)

    net, counting = load_vad(WEIGHTS), Counting()
    ear = Ear(counting)
    muted = np.random.default_rng(5).integers(-8, 9, 8 * RATE).astype(np.int16)
    assert utterances(hear(muted, ear)) == []
    assert counting.runs == 0
    said = np.concatenate([silence(0.3, 0.002), spoken(), silence(1.0, 0.002)])
    [(utterance, word)] = utterances(hear(said, ear))
    [(fresh, _)] = utterances(hear(said))
    assert word == "ok"
    assert utterance.samples.size == pytest.approx(fresh.samples.size, abs=6 * BLOCK)
