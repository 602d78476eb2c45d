"""What the scripted server of ``look.py`` says."""

from __future__ import annotations

from typing import Any

SESSION_ID = "0b1c2d3e-4f50-4172-8394-a5b6c7d8e9f0"
SESSION = {"session": SESSION_ID, "socket_path": f"/ws/tutor-emotion/session/{SESSION_ID}/"}
SENSORS = ("face", "voice")
MODALITIES = ("face", "voice", "text", "interaction", "self_report")


def setup(rules: str, consented: dict[str, bool]) -> dict[str, Any]:
    """``rules``: ``all``, ``again`` (consented before) or ``forbidden`` (no sensors)."""
    before = {"interaction": True, "face": True} if rules == "again" else {}
    given = consented or before
    no_sensors = rules == "forbidden"
    return {
        "course": "fractions",
        "title": "Fractions",
        "lesson": "fractions-1",
        "text_version": "2026-11",
        "words": "adult",
        "rules": [
            {
                "modality": modality,
                "permitted": not (no_sensors and modality in SENSORS),
                "reason": "forbidden_by_law"
                if no_sensors and modality in {"face", "voice"}
                else "",
                "consented": given.get(modality, False),
            }
            for modality in MODALITIES
        ],
        "calibration": {"offered": rules == "again", "consented": False},
    }


def welcome(rules: str) -> dict[str, Any]:
    allowed = ["interaction", "self_report"]
    return {
        "type": "welcome",
        "protocol": 1,
        "session": SESSION_ID,
        "allowed": allowed if rules == "activity" else ["face", "voice", *allowed],
        "ice_servers": [],
        "resumed": False,
        "server_time_s": 0.0,
    }


def _evidence(
    modality: str,
    measure: str,
    value: float,
    unit: str,
    usual: float | None,
    z: float | None = None,
    for_s: float | None = None,
) -> dict[str, Any]:
    return {
        "modality": modality,
        "measure": measure,
        "value": value,
        "unit": unit,
        "usual": usual,
        "z": z,
        "for_s": for_s,
        "nats": 0.4,
    }


OFFER: dict[str, Any] = {
    "type": "adaptation",
    "id": 1,
    "kind": "hint",
    "mode": "offer",
    "message": "offer.hint_or_step",
    "step_title": "One half and one quarter",
    "skill_title": "Adding fractions",
    "choices": ["hint", "worked_step"],
    "pace": -1,
    "expires_in_s": 60,
    "evidence": [
        _evidence("interaction", "misses_on_step", 2, "count", None),
        _evidence("interaction", "fast_after_error", 1.4, "s", None),
        _evidence("face", "brow_lowered", 0.42, "share", 0.11, 1.8, 6.0),
        _evidence("voice", "pause_ratio", 0.4, "share", 0.25, 1.3),
    ],
}

_NAMES = (
    "Ada Lovelace", "Emmy Noether", "Srinivasa Ramanujan", "Sofja Kowalewskaja", "Carl Gauss",
    "Maryam Mirzakhani", "Alan Turing", "Katherine Johnson", "Évariste Galois", "Hypatia",
    "Leonhard Euler", "Maria Agnesi", "Kurt Gödel", "Mary Somerville", "Terence Tao",
    "Julia Robinson", "Paul Erdős", "Grace Hopper", "Georg Cantor", "Sophie Germain",
    "Niels Abel", "Ingrid Daubechies", "Bernhard Riemann", "Cathleen Morawetz", "John Conway",
    "Olga Taussky-Todd", "Felix Klein", "Karen Uhlenbeck", "David Hilbert", "Émilie du Châtelet",
    "Benoît Mandelbrot", "Dorothy Vaughan", "Hermann Minkowski", "Mary Cartwright", "Max Dehn",
    "Annie Easley", "Otto Toeplitz", "Gladys West", "Wolfgang Doeblin", "Hanna Neumann",
)  # fmt: skip
_STEPS = (
    "Name the shaded part", "Same size", "One half and one quarter", "Which is more?",
    "Share three cakes among four people",
)  # fmt: skip


def _row(index: int, need: str, measure: str, value: float, **more: Any) -> dict[str, Any]:
    return {
        "session": f"0b1c2d3e-4f50-4172-8394-{index:012x}",
        "name": _NAMES[index % len(_NAMES)],
        "need": need,
        "reasons": [{"measure": measure, "value": value, "skill": "", "minutes": 0}]
        if measure
        else [],
        "since_s": 60.0 * index,
        "confidence": "low",
        "coverage": 0.7,
        "step": _STEPS[index % len(_STEPS)],
        "last_adaptation": None,
        "last_outcome": None,
        "acknowledged_by": "",
        "connected": True,
        "classes": [index % 2 + 1],
        **more,
    }


_SKILL = [
    {"measure": "misses_on_step", "value": 4, "skill": "Fractions on the number line", "minutes": 6}
]
_SHOWN = {"last_adaptation": "worked_step", "last_outcome": "taken", "confidence": "medium"}
_HINTED = {"last_adaptation": "hint", "acknowledged_by": "Frau Weber"}
_WAVED = {"last_adaptation": "choice", "last_outcome": "dismissed"}
CLASSROOM: dict[str, Any] = {
    "type": "classroom",
    "seq": 1,
    "parts": 0,
    "classes": [{"id": 1, "name": "7a"}, {"id": 2, "name": "7b"}],
    "course": "fractions",
    "title": "Fractions",
    "paused": False,
    "learners": [
        _row(0, "wheelspin", "without_mastery", 10, reasons=_SKILL, confidence="high", since_s=360),
        _row(1, "unresolved", "misses_on_step", 3, **_SHOWN),
        _row(2, "unresolved", "misses_on_step", 2, **_HINTED),
        _row(3, "frustrated", "misses_on_step", 3, **_WAVED),
        _row(4, "struggle", "long_on_step", 1, coverage=0.3, connected=False),
        _row(5, "struggle", "said_so", 0),
        _row(6, "rushing", "hurried", 3, since_s=80),
        _row(7, "idle", "idle", 4, coverage=0.0),
        *(_row(index, "fine", "", 0, connected=index % 9 != 0) for index in range(8, 37)),
        *(_row(index, "on_a_roll", "run", index - 30, since_s=0) for index in range(37, 40)),
    ],
}
_MIX = (
    ("wheelspin", "without_mastery"), ("unresolved", "misses_on_step"), ("struggle", "said_so"),
    ("frustrated", "misses_on_step"), ("rushing", "hurried"), ("idle", "idle"),
)  # fmt: skip


def crowd(size: int, needing: int) -> dict[str, Any]:
    """A class of ``size`` of whom ``needing`` may need somebody."""
    rows = []
    for index in range(size):
        need, measure = _MIX[index % len(_MIX)] if index < needing else ("fine", "")
        reasons = [{"measure": measure, "value": 3, "skill": "Fractions on a line", "minutes": 6}]
        shown = {"reasons": reasons, **(_SHOWN if index % 3 else {})} if measure else {}
        rows.append(_row(index, need, measure, 3, since_s=float(index * 7 % 900), **shown))
    return {**CLASSROOM, "learners": rows}
