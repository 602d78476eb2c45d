"""One soak: a site, six learners who come and go, and a look at its processes every ten seconds."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.e2e.site import MORE_LEARNERS, PASSWORD, Site
from tests.load.soak.sampling import ROLES, Phase, Sample, Sampler
from tests.load.soak.verdict import (
    LEAST_SLOPE_MINUTES,
    at_rest,
    faults,
    grew,
    heavier,
    left,
    slopes,
)
from tests.load.soak.visits import Crowd
from tutor_emotion.simulate.learner import Person

SETTINGS = "tests.load.soak.settings"
LEARNERS, EVERY_S = 6, 10.0
# A session that was left waits 25 s for its learner, a peer whose learner was killed up to 39 s.
REST_S = 60.0
WARM_SHARE, WARM_MOST_MINUTES = 0.35, 10.0
# Whatever the clock says: pools are full and caches warm only after some visits, and a leak shows
# only after more. On a machine that is busy with other things a phase waits for them so long.
WARM_VISITS, RUN_VISITS, PATIENCE_MINUTES = LEARNERS, 3 * LEARNERS, 5.0


@dataclass
class Soak:
    """``samples.jsonl`` and ``result.json`` in ``folder`` grow as it goes."""

    folder: Path
    minutes: float
    seed: int = 1
    samples: list[Sample] = field(default_factory=list)
    rests: list[Sample] = field(default_factory=list)

    def run(self) -> dict[str, Any]:
        """The result: ``ok``, ``faults`` that say why not, and all figures."""
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / "samples.jsonl").unlink(missing_ok=True)
        with site(self.folder / "var") as here:
            self._sampler = Sampler(here.port, _redis_url(here), here.var / "asked")
            people = [Person(name, PASSWORD) for name in MORE_LEARNERS[:LEARNERS]]
            self._crowd = Crowd(here.address.rstrip("/"), people, self.seed)
            self._crowd.start()
            try:
                warm = min(WARM_MOST_MINUTES, WARM_SHARE * self.minutes)
                self._watch("warm", warm - REST_S / 60, WARM_VISITS)
                self._rest()
                self._watch("run", self.minutes - REST_S / 60, WARM_VISITS + RUN_VISITS)
                self._rest()
            finally:
                self._crowd.stop()
        return self._write()

    def _watch(self, phase: Phase, until_minute: float, visits: int) -> None:
        """Until then, and until so many visits have ended since the beginning."""
        self._crowd.let_in()
        late_minute = max(until_minute, self._sampler.minute) + PATIENCE_MINUTES
        while (minute := self._sampler.minute) < until_minute or (
            self._crowd.visits.total() < visits and minute < late_minute
        ):
            time.sleep(EVERY_S)
            self._add(self._sampler.sample(phase, self._crowd.present))

    def _rest(self) -> None:
        self._crowd.send_home()
        time.sleep(REST_S)
        sample = self._sampler.sample("rest", 0, count=True)
        self.rests.append(sample)
        self._add(sample)

    def _add(self, sample: Sample) -> None:
        self.samples.append(sample)
        with (self.folder / "samples.jsonl").open("a") as file:
            file.write(json.dumps(sample.row()) + "\n")
        _say(sample)
        self._write()

    def _write(self) -> dict[str, Any]:
        """What is known so far; a run that is broken off leaves this."""
        rise = slopes(self.samples)
        judged = rise if self._slope_minutes() >= LEAST_SLOPE_MINUTES else {}
        result: dict[str, Any] = {
            "minutes": round(self._sampler.minute, 1),
            "seed": self.seed,
            "visits": dict(self._crowd.visits),
            "load": [min(s.load for s in self.samples), max(s.load for s in self.samples)],
            "slope_mib_in_10_min": rise,
            "slope_judged": bool(judged),
            "whole": len(self.rests) > 1,
        }
        found = faults(judged)
        if len(self.rests) > 1:
            before, after = self.rests
            result["at_rest"] = at_rest(before, after)
            result["grew"] = {r: grew(before.types[r], after.types[r]) for r in ROLES}
            result["new_keys"] = sorted(set(after.lasting) - set(before.lasting))
            found += left(result["at_rest"], result["grew"]) + (
                [] if judged else heavier(result["at_rest"])
            )
            if self._crowd.visits["leaves"] < LEARNERS:
                found.append(f"only {self._crowd.visits['leaves']} visits came to their own end")
        result["faults"] = found + self._crowd.faults
        result["ok"] = result["whole"] and not result["faults"]
        draft = self.folder / "result.part"
        draft.write_text(json.dumps(result, indent=1) + "\n")
        draft.rename(self.folder / "result.json")
        return result

    def _slope_minutes(self) -> float:
        run = [sample.minute for sample in self.samples if sample.phase == "run"]
        return run[-1] - run[0] if run else 0.0


@contextmanager
def site(var: Path) -> Iterator[Site]:
    """The demonstration's own processes, which answer our signals."""
    here = Site(var, settings=SETTINGS)
    try:
        here.start()
        yield here
    finally:
        here.stop()


def _redis_url(here: Site) -> str:
    assert here.supervisor is not None
    return here.supervisor._env["REDIS_URL"]


def _say(sample: Sample) -> None:
    held = ", ".join(
        f"{role} {h.rss_mib:.1f}/{h.uss_mib:.1f} MiB {h.threads} threads {h.files} files"
        f" {h.tasks} tasks"
        for role, h in sample.processes.items()
    )
    sys.stderr.write(
        f"{sample.minute:6.2f} {sample.phase:4} {sample.present} there, load {sample.load:.1f}: "
        f"{held}; {sample.keys} keys\n"
    )
    sys.stderr.flush()
