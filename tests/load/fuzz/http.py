"""Requests that schemathesis makes of ``docs/openapi.json``: right ones, and wrong ones."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path
from typing import Any

import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import Failure, FailureGroup
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.load.fuzz.sockets import Tally

ROOT = Path(__file__).resolve().parents[3]
EXAMPLES = 20  # of one door, person and mode, before the next one's turn
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
LIMIT_S = 20.0
NOWHERE = 404


@dataclass
class Caller:
    """Somebody who asks: cookies of their browser, and what a page of theirs would know.

    ``known`` are values that are right, by the name of the field: half of the requests get them,
    or nothing would come further than the first look at a token.
    """

    name: str
    cookies: dict[str, str]
    csrf: str
    known: dict[str, list[str]]


def described_requests(
    url: str, callers: Sequence[Caller], count: int, seed_: int, tally: Tally
) -> None:
    """``count`` requests from the description, valid and invalid, by all callers in turn."""
    description = json.loads((ROOT / "docs" / "openapi.json").read_text())
    doors = [
        found.ok() for found in schemathesis.openapi.from_dict(description).get_all_operations()
    ]
    rng = random.Random(seed_)
    end = tally.sent + count
    for number, (door, caller, mode) in enumerate(cycle(_turns(doors, callers))):
        if tally.sent >= end:
            return
        _some(
            door,
            mode,
            min(EXAMPLES, end - tally.sent),
            seed_ + number,
            _asker(url, caller, rng, tally),
        )


def _turns(doors: Sequence[Any], callers: Sequence[Caller]) -> list[tuple[Any, Caller, Any]]:
    return [(door, who, mode) for who in callers for door in doors for mode in GenerationMode]


def _some(door: Any, mode: Any, most: int, seed_: int, ask: Callable[[Case], None]) -> None:
    @seed(seed_)
    @settings(
        max_examples=most,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=door.as_strategy(generation_mode=mode))
    def each(case: Case) -> None:
        ask(case)

    try:
        each()
    except Unsatisfiable:
        return  # a door that takes nothing cannot be asked wrongly


def _asker(url: str, caller: Caller, rng: random.Random, tally: Tally) -> Callable[[Case], None]:
    def ask(case: Case) -> None:
        _put_right(case, caller, rng)
        tally.sent += 1
        sent = case.as_transport_kwargs(base_url=url)
        # Afterwards: schemathesis takes sign-in headers out, to see what happens without.
        sent["headers"] = {**sent["headers"], "X-CSRFToken": caller.csrf, "Referer": url}
        try:
            answer = requests.request(**{**sent, "cookies": caller.cookies, "timeout": LIMIT_S})
        except (requests.ConnectionError, requests.Timeout) as error:
            tally.fault(f"{caller.name}: {type(error).__name__}", case.formatted_path)
            return
        tally.said[_said(answer)] += 1
        if answer.status_code == NOWHERE and "json" not in str(answer.headers.get("content-type")):
            return  # made of an odd part, the address is none of the doors'
        try:
            case.validate_response(answer, checks=CHECKS)
        except (Failure, FailureGroup) as failure:
            parts = getattr(failure, "exceptions", (failure,))
            what = "; ".join(str(part).replace("\n", " ")[:300] for part in parts)
            tally.fault(f"{caller.name}: {what}", case.as_curl_command()[:900])

    return ask


def _said(answer: requests.Response) -> str:
    """The status, with the code of an error."""
    if answer.ok or "json" not in str(answer.headers.get("content-type")):
        return str(answer.status_code)
    return f"{answer.status_code} {answer.json().get('code')}"


def _put_right(case: Case, caller: Caller, rng: random.Random) -> None:
    for part in (case.path_parameters, case.query, case.body):
        for name in caller.known if isinstance(part, dict) else ():
            if name in part and rng.random() < 0.5:
                part[name] = rng.choice(caller.known[name])
