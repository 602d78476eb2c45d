"""One fuzz run against real processes, from their start to the verdict."""

from __future__ import annotations

import asyncio
import json
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests import hostile, media_files
from tests.e2e.site import MORE_LEARNERS, PASSWORD, ROOT, TEACHER, Site
from tests.load.fuzz.http import Caller, described_requests
from tests.load.fuzz.people import Person, sign_in
from tests.load.fuzz.raw import raw_requests
from tests.load.fuzz.sockets import Attack, Tally, as_offers
from tests.load.fuzz.watching import Watch, growth
from tutor_emotion.simulate.clips import sound_clip, video_clip
from tutor_emotion.simulate.peer import Peer

SETTINGS = "tests.load.fuzz.settings"
WALLS = "TUTOR_EMOTION_FUZZ_WALLS"  # with 1, limits stand where they ship
GROWTH_LIMIT_PERCENT = 5.0
LEAST = (300, 100, 200)  # of a warm-up: by then all threads have begun
RAW_SHARE = 0.25  # raw requests, besides those of the description
SESSIONS_EACH, CLASSROOMS, OFFERERS = 2, 3, 6
LEFT_S = 6.0  # a session that was left is forgotten after SESSION_GRACE_S


@dataclass(frozen=True, slots=True)
class Sizes:
    """How much of each; ``warm_up`` is the share that comes before the first weighing."""

    messages: int = 10_000
    sdps: int = 2_000
    requests: int = 2_000
    warm_up: float = 0.1

    def warm(self) -> Sizes:
        shares = (round(n * self.warm_up) for n in (self.messages, self.sdps, self.requests))
        return Sizes(*map(max, shares, LEAST), warm_up=0.0)


@contextmanager
def site(var: Path) -> Iterator[Site]:
    """The demonstration's own processes under the settings of the fuzz."""
    here = Site(var, settings=SETTINGS)
    try:
        here.start()
        yield here
    finally:
        here.stop()


def run(var: Path, sizes: Sizes, seed: int) -> dict[str, Any]:
    """Warm up, weigh, attack, weigh again. ``ok`` is the verdict, ``faults`` say why not.

    Without a warm-up nothing is weighed: what a process has never done, it has yet to load.
    """
    with site(var) as here:
        watch, began = Watch(here.port, here.logs), time.monotonic()
        weighed: dict[str, Any] = {}
        warm = _warm_up(here, sizes, seed + 1) if sizes.warm_up else {}
        if warm:
            weighed["before"], threads = watch.rss_mib(), watch.threads()
        with honest_learner(here, "honest", 0.0) as learner:
            tallies = asyncio.run(attack(_url(here), sizes, seed))
        said = {
            "seed": seed,
            "seconds": round(time.monotonic() - began),
            "sent": {kind: tally.sent for kind, tally in tallies.items()},
            "answers": {kind: dict(t.said.most_common()) for kind, t in tallies.items()},
            "honest_learner": learner,
            "growth_percent": {},
        }
        if warm:
            time.sleep(LEFT_S)
            weighed["after"] = watch.rss_mib()
            said |= {
                "rss_mib": weighed,
                "growth_percent": growth(weighed["before"], weighed["after"]),
                "threads": {"before": threads, "after": watch.threads()},
            }
        faults = [f for t in (*warm.values(), *tallies.values()) for f in t.faults]
        faults += [f"{role} died" for role in watch.dead()] + watch.trouble()
        if not learner.get("face_ok") or learner.get("errors"):
            faults.append(f"the honest learner was not served: {learner}")
        return said | {"faults": faults}


def _url(here: Site) -> str:
    return here.address.rstrip("/")


def _warm_up(here: Site, sizes: Sizes, seed: int) -> dict[str, Tally]:
    """A share of everything, media too, so that all is loaded that ever will be."""
    with honest_learner(here, "warm", 8.0):
        tallies = asyncio.run(attack(_url(here), sizes.warm(), seed))
    time.sleep(LEFT_S)
    return tallies


def verdict(said: dict[str, Any]) -> bool:
    """No fault, and nobody grew by more than the limit."""
    return not said["faults"] and all(
        percent < GROWTH_LIMIT_PERCENT for percent in said["growth_percent"].values()
    )


# --- the attack -----------------------------------------------------------------------------------


async def attack(url: str, sizes: Sizes, seed: int) -> dict[str, Tally]:
    """Messages, offers and requests, all at the same time."""
    learners = await sign_in(url, MORE_LEARNERS, PASSWORD)
    (teacher,) = await sign_in(url, [TEACHER], PASSWORD)
    tallies = {kind: Tally() for kind in ("messages", "sdps", "requests", "raw")}
    real = await real_offer()
    offerers, talkers = learners[:OFFERERS], learners
    callers = [_caller(learners[-1]), _caller(teacher), _nobody(learners[-1])]
    described = (url, callers, sizes.requests, seed, tallies["requests"])
    odd = (url, callers, round(sizes.requests * RAW_SHARE), random.Random(seed), tallies["raw"])
    await asyncio.gather(
        talk(talkers, teacher, sizes.messages, seed, tallies["messages"]),
        offer(offerers, sizes.sdps, seed, real, tallies["sdps"]),
        asyncio.to_thread(described_requests, *described),
        asyncio.to_thread(raw_requests, *odd),
    )
    for person in (*learners, teacher):
        await person.site.close()
    return tallies


async def talk(
    learners: list[Person], teacher: Person, count: int, seed: int, tally: Tally
) -> None:
    doors = [(p.name, p.session, False) for p in learners for _ in range(SESSIONS_EACH)]
    doors += [(teacher.name, teacher.classroom, True)] * CLASSROOMS
    attacks = []
    for number, ((name, opener, teaches), share) in enumerate(
        zip(doors, _shares(count, len(doors)), strict=True)
    ):
        valid = hostile.TEACHERS if teaches else hostile.LEARNERS
        messages = hostile.messages(valid, random.Random(f"{seed}-{number}"))
        attacks.append(Attack(name, opener, tally, teacher=teaches).run(messages, share))
    await asyncio.gather(*attacks)


async def offer(learners: list[Person], count: int, seed: int, real: str, tally: Tally) -> None:
    attacks = []
    for number, (person, share) in enumerate(
        zip(learners, _shares(count, len(learners)), strict=True)
    ):
        sdps = as_offers(hostile.offers(random.Random(f"sdp-{seed}-{number}"), real))
        attacks.append(Attack(person.name, person.session, tally).run(sdps, share))
    await asyncio.gather(*attacks)


def _shares(count: int, parts: int) -> list[int]:
    return [count // parts + (number < count % parts) for number in range(parts)]


async def real_offer() -> str:
    """What a learner's browser would offer, of camera and microphone."""
    video = await asyncio.to_thread(video_clip, media_files.video("face", seconds=2))
    sound = await asyncio.to_thread(sound_clip, media_files.speech_wav(2.0))
    peer = Peer([video, sound], [])
    try:
        return await peer.offer()
    finally:
        await peer.close()


def _caller(person: Person) -> Caller:
    known = {
        "token": [person.element.token],
        "lesson": ["fractions-1"],
        "step": ["shaded-part", "other-pieces", "lowest-terms"],
        "answer": ["3/8", "1/2", "6/16", "0/0", "1e9"],
        "version": [""],
        "text_version": [person.text_version],
    }
    return Caller(person.name, person.cookies(), person.csrf(), known)


def _nobody(person: Person) -> Caller:
    """Nobody is signed in, with a page's token that was found somewhere."""
    csrf = person.csrf()
    return Caller("nobody", {"csrftoken": csrf}, csrf, _caller(person).known)


# --- who only wants to learn ----------------------------------------------------------------------


@contextmanager
def honest_learner(here: Site, name: str, seconds: float) -> Iterator[dict[str, Any]]:
    """A learner with camera and microphone beside the attack; what they got is filled in after it.

    ``seconds`` 0: for as long as the attack takes.
    """
    command = [
        *(sys.executable, "manage.py", "simulate_learner", "--json", "--url", here.address),
        *("--video", str(media_files.video("face")), "--audio", str(media_files.speech_wav())),
        *("--seconds", str(seconds or 86_400)),
    ]
    got: dict[str, Any] = {"name": name}
    with subprocess.Popen(
        command, cwd=ROOT, env=here.env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            yield got
        finally:
            if not seconds:
                process.terminate()
            printed, complaint = process.communicate(timeout=120)
    whole = json.loads(printed) if printed.startswith("{") else {"errors": [complaint[-500:]]}
    got |= {
        "connected": whole.get("connected"),
        "lost": whole.get("lost"),
        "face_ok": whole.get("windows", {}).get("face", {}).get("ok", 0),
        "latency_ms": whole.get("latency_ms"),
        "errors": whole.get("errors"),
    }
