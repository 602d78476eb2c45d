"""Label sets: shipped ones, a site's own, a checkpoint's temperature, and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from tutor_emotion.core.config import EngineConfig
from tutor_emotion.core.estimators import vote
from tutor_emotion.core.states import PRIOR
from tutor_emotion.core.types import STATES, Reading
from tutor_emotion.errors import BadInput
from tutor_emotion.nets.r1_omni import labels

OWN = """
[ours]
kind = "states"
weak = "Taught on 40 learners of one school."
temperature = 1.5

[ours.labels]
focused = "engaged"
puzzled = "confused"
annoyed = "frustrated"
tired = "bored"
calm = "neutral"
"""


def test_the_published_sets_have_as_many_labels_as_their_papers_say() -> None:
    sizes = {name: len(found.words) for name, found in labels.label_sets().items()}
    assert sizes == {"dfew": 7, "mafw": 11, "ravdess": 8, "mini": 6, "states": 5}


def test_each_set_says_how_weak_it_is_and_none_of_the_published_has_a_state_of_learning() -> None:
    for found in labels.label_sets().values():
        assert len(found.weak) > 40
    published = {w for name in ("dfew", "mafw", "ravdess") for w in labels.label_set(name).words}
    assert not published & {"frustrated", "confused", "bored", "engaged"}


def test_what_the_mapping_file_says_of_its_weights_is_so() -> None:
    nats = {w.measure: (w.state, w.nats) for w in PRIOR.weights if w.form == "z"}
    assert nats["expression_anger"] == ("frustrated", 0.10)
    assert nats["expression_surprise"] == ("confused", 0.05)
    for name in ("helplessness", "disappointment"):
        assert nats[f"expression_{name}"] == ("frustrated", 0.05)
    assert nats["expression_anxiety"] == ("confused", 0.05)


def test_probabilities_become_measures_that_the_engine_knows() -> None:
    mafw = labels.label_set("mafw")
    p = [0.3, 0.0, 0.1, 0.05, 0.15, 0.0, 0.1, 0.0, 0.1, 0.2, 0.0]
    seen = mafw.measures(p, "face")
    assert seen["expression_anger"] == 0.3
    assert seen["expression_helplessness"] == 0.2
    assert sum(seen.values()) == pytest.approx(1.0)
    heard = mafw.measures(p, "voice")
    assert heard["voice_anger"] == 0.3
    assert "voice_helplessness" not in heard  # no measure of a voice has that name
    assert mafw.probabilities(p) is None


def test_two_words_of_one_name_add_up() -> None:
    ravdess = labels.label_set("ravdess")
    p = [0.0] * 8
    p[ravdess.words.index("calm")], p[ravdess.words.index("neutral")] = 0.6, 0.4
    assert ravdess.measures(p, "face")["expression_neutral"] == pytest.approx(1.0)


def test_a_set_of_states_speaks_for_itself_and_the_engine_takes_it(tmp_path: Path) -> None:
    (tmp_path / "ours.toml").write_text(OWN)
    ours = labels.label_set(str(tmp_path / "ours.toml"))
    p = ours.probabilities([0.1, 0.5, 0.2, 0.1, 0.1])
    assert p is not None
    assert set(p) == set(STATES)
    assert ours.measures([0.2] * 5, "face") == {}
    reading = Reading("face", 0.0, 1.0, {}, 1.0, 5, "r1-omni/1", p)
    estimate = vote.from_probabilities(reading, EngineConfig())
    assert estimate is not None
    assert estimate.probabilities is not None
    assert estimate.probabilities[STATES.index("confused")] == pytest.approx(0.5)


# --- with a checkpoint ---------------------------------------------------------------------------


def test_a_checkpoint_without_words_of_its_own_is_asked_dfews(tmp_path: Path) -> None:
    assert labels.of_checkpoint(tmp_path).name == "dfew"
    assert labels.of_checkpoint(tmp_path, "mafw").name == "mafw"


def test_a_checkpoints_temperature_is_kept_with_it_and_holds_for_its_own_set_only(
    tmp_path: Path,
) -> None:
    mini = labels.label_set("mini")
    labels.write_scoring(
        tmp_path, labels.LabelSet("mini", mini.kind, mini.names, mini.weak, "", 1.7)
    )
    assert labels.of_checkpoint(tmp_path).name == "mini"
    assert labels.of_checkpoint(tmp_path).temperature == 1.7
    assert labels.of_checkpoint(tmp_path, "dfew").temperature == 1.0


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        '{"label_set": "dfew", "temperature": 0}',
        '{"label_set": "dfew", "temperature": NaN}',
        '{"label_set": "dfew", "temperature": true}',
        '{"label_set": 3, "temperature": 1.0}',
    ],
)
def test_a_scoring_file_that_says_nothing_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / labels.SCORING).write_text(text)
    with pytest.raises(BadInput) as refused:
        labels.of_checkpoint(tmp_path)
    assert refused.value.code == "bad_scoring"


# --- what is refused -----------------------------------------------------------------------------


def test_an_unknown_set_is_refused_with_the_known_ones() -> None:
    with pytest.raises(BadInput) as refused:
        labels.label_set("emotions")
    assert refused.value.code == "unknown_label_set"
    assert "mafw" in refused.value.hint


@pytest.mark.parametrize(
    ("of", "to", "fault"),
    [
        ('kind = "states"', 'kind = "moods"', "kind"),
        ('"engaged"', '"happy"', "none of"),
        ('"engaged"', '""', "needs one word"),
        ("focused", '"<answer>"', "no word"),
        ("focused", f'"{"a" * 41}"', "no word"),
        ("temperature = 1.5", "temperature = 0.001", "temperature"),
        ("temperature = 1.5", "temperature = nan", "temperature"),
        ("temperature = 1.5", "colour = 1", "colour"),
        ('weak = "Taught on 40 learners of one school."', 'weak = " "', "how weak"),
        ("[ours]", "[[ours]]", "no table"),
        ("[ours]", "[ours", "no TOML"),
    ],
)
def test_a_set_that_cannot_be_is_refused_and_says_why(
    tmp_path: Path, of: str, to: str, fault: str
) -> None:
    (tmp_path / "own.toml").write_text(OWN.replace(of, to))
    with pytest.raises(BadInput) as refused:
        labels.label_set(str(tmp_path / "own.toml"))
    assert refused.value.code == "bad_label_set"
    assert fault in refused.value.message


def test_a_file_of_two_sets_is_refused(tmp_path: Path) -> None:
    (tmp_path / "own.toml").write_text(OWN + OWN.replace("[ours", "[others"))
    with pytest.raises(BadInput, match="it has 2 sets"):
        labels.label_set(str(tmp_path / "own.toml"))
