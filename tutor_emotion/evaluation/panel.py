"""How well ten other raters would do: ``python -m tutor_emotion.evaluation.panel VOTES.npz``.

A picture's true shares of opinion are not known, only ten votes of them. They are drawn from a
Dirichlet of these votes and one vote's worth of the overall shares; ten new raters then vote. What
their most frequent vote agrees with the first panel's label is near the best that any net can do.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from tutor_emotion.errors import TutorEmotionError
from tutor_emotion.evaluation.ferplus import Faces, majority, plurality, read_faces

RATERS = 10
PRIOR_VOTES = 1.0


def agreement(faces: Faces, draws: int = 20, seed: int = 0) -> dict[str, float]:
    """Share of pictures on which a new panel's plurality is the label, by both rules."""
    draw = np.random.default_rng(seed)
    votes = faces.votes.astype(np.float64)
    opinion = votes + PRIOR_VOTES * votes.sum(0) / votes.sum()
    labels = {"majority": majority(faces.votes), "plurality": plurality(faces.votes)}
    right: dict[str, list[float]] = {rule: [] for rule in labels}
    for _ in range(draws):
        shares = draw.standard_gamma(opinion + 1e-9)
        shares /= shares.sum(1, keepdims=True)
        said = plurality(draw.multinomial(RATERS, shares))
        for rule, truth in labels.items():
            right[rule].append(float((said == truth)[truth >= 0].mean()))
    return {rule: float(np.mean(values)) for rule, values in right.items()}


def main(arguments: Sequence[str] | None = None) -> int:
    """Prints one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("votes", type=Path)
    try:
        found = agreement(read_faces(parser.parse_args(arguments).votes))
    except TutorEmotionError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.write(json.dumps(found) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
