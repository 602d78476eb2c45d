"""What the voice net has to beat: a support vector machine on log-mel statistics."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

from tutor_emotion.nets.voice.features import analyse
from tutor_emotion.nets.voice.usual import Population, Usual, against_usual
from tutor_emotion.training.speech import Speech

Floats = NDArray[np.float64]
PENALTY = 3.0
_PAST = 4.0  # utterances that the population's mean is worth


def mel_statistics(speech: Speech) -> Floats:
    """(n, 2 MELS): the mean and the standard deviation of each band, in dB."""
    mels = (analyse(sound).mel for sound in speech.sounds)
    return np.stack([np.concatenate([mel.mean(0), mel.std(0)]) for mel in mels])


def answers(
    values: Floats,
    speech: Speech,
    order: NDArray[np.intp],
    *,
    by_speaker: bool,
) -> NDArray[np.intp]:
    """Leave one speaker out: the class that the machine answers for each utterance (n,).

    With ``by_speaker`` against the causal running statistics that the net has too, in ``order``.
    """
    found = np.zeros(len(speech), dtype=np.intp)
    for speaker in np.unique(speech.speakers):
        test = speech.speakers == speaker
        inputs = _normalised(values, speech, order, ~test) if by_speaker else values
        machine = make_pipeline(StandardScaler(), SVC(C=PENALTY, class_weight="balanced"))
        machine.fit(inputs[~test], speech.labels[~test])
        found[test] = machine.predict(inputs[test])
    return found


def _normalised(
    values: Floats, speech: Speech, order: NDArray[np.intp], train: NDArray[np.bool_]
) -> Floats:
    """Each utterance against its own speaker's earlier ones."""
    of = [values[train & (speech.speakers == s)] for s in np.unique(speech.speakers[train])]
    population = Population(
        values[train].mean(0),
        np.sqrt(np.mean([part.var(0) for part in of], axis=0)) + 1e-6,
        np.full(values.shape[1], _PAST),
    )
    found = np.zeros((len(values), values.shape[1] + 1))
    usual = {str(s): Usual.empty(values.shape[1]) for s in np.unique(speech.speakers)}
    for i in order:
        speaker = str(speech.speakers[i])
        found[i] = against_usual(values[i], usual[speaker], population)
        usual[speaker] = usual[speaker].after(values[i])
    return found[:, :-1]
