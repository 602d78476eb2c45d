"""A soak as a picture: memory of web and worker, and what else might grow, over the minutes."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from matplotlib.figure import Figure

from tests.load.soak.sampling import ROLES, Sample

COLOURS = {"web": "#1f5fa8", "worker": "#b3402e"}
DPI = 110


def draw(samples: Sequence[Sample], path: Path) -> None:
    """Raises OSError where the picture cannot be written."""
    figure = Figure(figsize=(9.0, 7.2), layout="constrained")
    memory, counts, tasks, there = figure.subplots(4, 1, sharex=True, height_ratios=(3, 2, 2, 1))
    at = [sample.minute for sample in samples]
    for role in ROLES:
        held = [sample.processes[role] for sample in samples]
        memory.plot(at, [h.uss_mib for h in held], color=COLOURS[role], label=f"{role}, USS")
        memory.plot(
            at, [h.rss_mib for h in held], color=COLOURS[role], ls=":", label=f"{role}, RSS"
        )
        counts.plot(at, [h.threads for h in held], color=COLOURS[role], label=f"{role}, threads")
        counts.plot(at, [h.files for h in held], color=COLOURS[role], ls=":", label="files")
        tasks.plot(at, [h.tasks for h in held], color=COLOURS[role], label=f"{role}, tasks")  # type: ignore[misc]
    tasks.plot(at, [sample.keys for sample in samples], color="0.45", label="Valkey, keys")
    there.fill_between(at, [sample.present for sample in samples], color="0.8", step="mid")
    memory.set_ylabel("MiB")
    there.set_ylabel("learners")
    there.set_xlabel("minutes")
    for axes in (memory, counts, tasks, there):
        axes.set_ylim(bottom=0)
        axes.margins(x=0.01)
        axes.spines[["top", "right"]].set_visible(False)
        for sample in samples:
            if sample.phase == "rest":
                axes.axvline(sample.minute, color="0.6", lw=0.8, ls="--")
    for axes in (memory, counts, tasks):
        axes.legend(loc="lower right", ncols=2, fontsize=8, frameon=False)
    figure.savefig(path, dpi=DPI)
