"""FER+ as training wants it: each picture once, and none of the split that it is measured on."""

from __future__ import annotations

import numpy as np

from tutor_emotion.evaluation.ferplus import COLUMNS, Faces, distribution, plurality


def trainable(faces: Faces, not_in: Faces | None = None) -> Faces:
    """Those that show an expression by most raters; the same picture once, with all its votes
    added; none that is also in ``not_in`` (FER2013 repeats pictures, across its splits too)."""
    flat = faces.images.reshape(len(faces), -1)
    _, first, group = np.unique(flat, axis=0, return_index=True, return_inverse=True)
    votes = np.zeros((len(first), len(COLUMNS)), dtype=np.int64)
    np.add.at(votes, group.ravel(), faces.votes.astype(np.int64))
    order = np.argsort(first)
    merged = Faces(
        faces.images[first[order]],
        np.minimum(votes[order], 255).astype(np.uint8),
        faces.names[first[order]],
    )
    kept = (plurality(merged.votes) >= 0) & (distribution(merged.votes).sum(1) > 0)
    if not_in is not None:
        seen = {picture.tobytes() for picture in not_in.images}
        kept &= np.array([picture.tobytes() not in seen for picture in merged.images])
    return merged[kept]
