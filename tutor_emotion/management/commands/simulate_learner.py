"""``manage.py simulate_learner``: learners without a browser, over real websockets and WebRTC."""

from __future__ import annotations

import asyncio
import json
import signal
import sys
import time
from argparse import ArgumentParser
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias, get_args

from django.core.management.base import BaseCommand, CommandError

from tutor_emotion.core.types import MODALITIES, Modality
from tutor_emotion.errors import BadInput, TutorEmotionError, Unavailable
from tutor_emotion.management.accounts import account

if TYPE_CHECKING:
    from tutor_emotion.simulate.learner import Person, Plan
    from tutor_emotion.simulate.measure import Measure

MOST = 500
INTERRUPTED = 130
Watch: TypeAlias = "Callable[[Sequence[Measure]], Awaitable[None]]"
SHIPPED = Path(__file__).resolve().parents[2] / "simulate"


class Command(BaseCommand):
    help = (
        "Sign in, connect and learn as a browser would, from a video file and a script, "
        "and measure what came of it."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        add = parser.add_argument
        add("--video", type=Path, help="file for the camera (mp4, webm …), played in a loop")
        add("--audio", type=Path, help="file for the microphone; else the video's own sound")
        add("--answers", help="JSON lines of events, or `struggle` for the script that ships")
        add("--seconds", type=float, default=60.0, help="how long each stays, once connected")
        add("--count", type=int, default=1, help="how many learners at once")
        add("--steps", help="capacity: ever more learners at once, as in 1,4,8,12")
        add(
            "--limit-ms",
            type=float,
            default=1500.0,
            help="--steps ends at a slower 95th percentile",
        )
        add("--json", action="store_true", help="print one JSON object")
        add(
            "--tell-connected",
            action="store_true",
            help="with --json: one line on standard error when all have connected, or cannot",
        )
        add("--url", default="http://127.0.0.1:8000", help="address of the site")
        add("--page", default="/lessons/fractions-1/", help="path of the lesson")
        add("--user", help="account of the learner; else sim-1, sim-2 … are made")
        add("--password", help="its password")
        add("--users", type=Path, help="file of accounts, `name password` a line")
        add(
            "--create-users",
            action="store_true",
            help="make sim-1 … in this project's database (the default on this machine)",
        )
        add(
            "--first",
            type=int,
            default=1,
            help="number of the first sim-…, for a second run beside",
        )
        add("--modalities", help=f"what to consent to, of {','.join(MODALITIES)}")
        add("--offers", choices=("taken", "dismissed", "ignored"), default="taken")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            steps = _steps(options)
            plan = _plan(options)
            people = _people(options, max(steps) if steps else options["count"])
        except TutorEmotionError as error:
            raise CommandError(str(error)) from None
        if steps:
            self._climb(plan, people, steps, options)
        else:
            self._run(plan, people, options)

    def _run(self, plan: Plan, people: Sequence[Person], options: dict[str, Any]) -> None:
        from tutor_emotion.simulate.measure import Measure, result
        from tutor_emotion.simulate.report import table

        measures = [Measure(person.name) for person in people]
        watch = _tell_connected if options["tell_connected"] else _watch
        watched = options["tell_connected"] or not options["json"]
        interrupted = asyncio.run(_crowd(plan, people, measures, watch if watched else None))
        whole = result(measures)
        self.stdout.write(json.dumps(whole) if options["json"] else table(whole))
        errors = [m.error for m in measures if m.error is not None]
        for error in {str(error): error for error in errors}:
            self.stderr.write(f"error: {error}")
        if errors or interrupted:
            sys.exit(INTERRUPTED if interrupted else 1)

    def _climb(
        self, plan: Plan, people: Sequence[Person], steps: Sequence[int], options: dict[str, Any]
    ) -> None:
        from tutor_emotion.simulate.report import steps_table

        rows = asyncio.run(_steps_of_a_crowd(plan, people, steps, options["limit_ms"]))
        carried = max((row["count"] for row in rows if row["passed"]), default=0)
        whole = {"carried": carried, "limit_ms": options["limit_ms"], "steps": rows}
        self.stdout.write(json.dumps(whole) if options["json"] else steps_table(rows))
        if not carried:
            codes = ", ".join(rows[0]["errors"]) if rows else "interrupted"
            raise CommandError(f"not_carried: the site did not carry one learner ({codes})")


def _plan(options: dict[str, Any]) -> Plan:
    if not 0 < options["seconds"] <= 86_400:
        raise _bad("--seconds must be more than 0 and at most a day.")
    if not options["url"].startswith(("http://", "https://")):
        raise _bad("--url must begin with http:// or https://.")
    try:
        from tutor_emotion.simulate.clips import has_sound, sound_clip, video_clip
        from tutor_emotion.simulate.learner import Plan
        from tutor_emotion.simulate.script import read_script
    except ModuleNotFoundError as error:
        raise Unavailable(
            "missing_package",
            f"{error.name} is not installed.",
            hint="pip install 'tutor-emotion[demo]'",
        ) from None
    modalities = _modalities(options)
    video, audio = options["video"], options["audio"]
    if audio is None and video is not None and has_sound(video):
        audio = video
    return Plan(
        url=options["url"],
        page=options["page"],
        seconds=options["seconds"],
        video=video_clip(video) if video else None,
        sound=sound_clip(audio) if audio else None,
        modalities=modalities,
        script=read_script(_script_path(options["answers"])) if options["answers"] else (),
        offers=options["offers"],
    )


def _script_path(given: str) -> Path:
    path = Path(given)
    shipped = SHIPPED / f"{given}.jsonl"
    return shipped if not path.exists() and path.name == given and shipped.exists() else path


def _modalities(options: dict[str, Any]) -> frozenset[Modality] | None:
    if options["modalities"] is None:
        return None
    names = [name.strip() for name in options["modalities"].split(",") if name.strip()]
    for name in names:
        if name not in get_args(Modality):
            raise _bad(f"--modalities: {name!r} is not one of {', '.join(MODALITIES)}.")
    if "face" in names and options["video"] is None:
        raise _bad("--modalities face needs a --video.")
    return frozenset(m for m in MODALITIES if m in names)


def _steps(options: dict[str, Any]) -> list[int]:
    """The steps of a climb; empty where there is one crowd of ``--count``."""
    if not 1 <= options["count"] <= MOST:
        raise _bad(f"--count must be from 1 to {MOST}.")
    if options["first"] < 1:
        raise _bad("--first must be at least 1.")
    if not options["steps"]:
        return []
    try:
        steps = [int(step) for step in options["steps"].split(",")]
    except ValueError:
        raise _bad("--steps is a list of numbers, as in 1,4,8,12.") from None
    if not all(1 <= step <= MOST for step in steps):
        raise _bad(f"each of --steps must be from 1 to {MOST}.")
    return steps


def _people(options: dict[str, Any], count: int) -> list[Person]:
    from tutor_emotion.simulate.client import is_loopback
    from tutor_emotion.simulate.learner import Person
    from tutor_emotion.simulate.people import read_people

    if options["users"]:
        people = read_people(options["users"])
        if len(people) < count:
            raise _bad(f"--users has {len(people)} accounts, but {count} learners are asked for.")
        return people[:count]
    if options["user"]:
        if not options["password"]:
            raise _bad("--user needs its --password.")
        if count > 1:
            raise _bad("One account cannot be several learners.", "Give a file with --users.")
        return [Person(options["user"], options["password"])]
    if options["create_users"] or is_loopback(options["url"]):
        names = [f"sim-{options['first'] + n}" for n in range(count)]
        return [Person(name, account(name)) for name in names]
    raise _bad(
        "Accounts of this site are needed.", "Give --user and --password, or a file with --users."
    )


def _bad(message: str, hint: str = "See --help.") -> BadInput:
    return BadInput("bad_arguments", message, hint=hint)


# --- running ----------------------------------------------------------------------------------


def _stop_on_signals() -> asyncio.Event:
    """Set by the first Ctrl-C, so that all learners leave in order; a second one is not caught."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()

    def ask(number: int) -> None:
        stop.set()
        loop.remove_signal_handler(number)

    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, ask, number)
    return stop


async def _crowd(
    plan: Plan, people: Sequence[Person], measures: Sequence[Measure], watch: Watch | None
) -> bool:
    """Returns whether it was interrupted."""
    from tutor_emotion.simulate.crowd import run_crowd

    stop = _stop_on_signals()
    watching = asyncio.ensure_future(watch(measures)) if watch is not None else None
    await run_crowd(plan, people, measures, stop)
    if watching is not None:
        watching.cancel()
    return stop.is_set()


async def _steps_of_a_crowd(
    plan: Plan, people: Sequence[Person], steps: Sequence[int], limit_ms: float
) -> list[dict[str, Any]]:
    from tutor_emotion.simulate.crowd import run_steps

    return await run_steps(plan, people, steps, limit_ms, _stop_on_signals())


async def _tell_connected(measures: Sequence[Measure]) -> None:
    from tutor_emotion.simulate.report import CONNECTED

    while not all(m.connect_s is not None or m.error is not None for m in measures):  # noqa: ASYNC110
        await asyncio.sleep(0.05)
    sys.stderr.write(f"{CONNECTED}\n")
    sys.stderr.flush()


async def _watch(measures: Sequence[Measure]) -> None:
    """One line on the terminal, kept up to date."""
    from rich.console import Console

    from tutor_emotion.simulate.report import line

    start = time.monotonic()
    console = Console(stderr=True)
    with console.status("signing in") as status:
        while True:
            status.update(line(measures, time.monotonic() - start))
            await asyncio.sleep(0.5)
