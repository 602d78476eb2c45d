"""Faults on real processes while a learner answers steps, with camera and microphone.

The short ones; ``python -m tests.faults`` has them all, also on PostgreSQL and with repeats.
"""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from tests import media_files
from tests.faults.faults import FAULTS, Fault
from tests.faults.needs import missing
from tests.faults.site import Site
from tests.faults.trial import trial
from tutor_emotion.simulate.clips import Clip, sound_clip, video_clip

BACK_WITHIN_S = 10.0
SHORT = (
    "the worker is killed",
    "the Runner never returns",
    "the web server is killed",
    "Valkey is killed",
    "SQLite is locked for 5 s",
    "the disk is full",
    "a new version is deployed",
    "the worker's clock is an hour ahead",
    "PostgreSQL is killed",
)
# Estimates go on: they need no database, and nothing goes by two machines' clocks.
UNSEEN = ("SQLite is locked for 5 s", "the worker's clock is an hour ahead", "PostgreSQL is killed")
CHOSEN = [fault for name in SHORT for fault in FAULTS if fault.name == name]

# The first one starts the site. A trial has limits of its own, and says more when it fails.
pytestmark = pytest.mark.timeout(600)


@pytest.fixture(scope="module")
def site(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Site]:
    database, need = request.param
    if lacks := missing(need):
        pytest.skip(lacks)
    site = Site(tmp_path_factory.mktemp("faults"), database=database, has=need)
    try:
        yield site.start()
    finally:
        site.close()


@pytest.fixture(scope="module")
def clips() -> tuple[Clip, ...]:
    return video_clip(media_files.video("face")), sound_clip(media_files.speech_wav())


@pytest.mark.parametrize(
    ("site", "fault"),
    [((fault.database, fault.needs), fault) for fault in CHOSEN],
    indirect=["site"],
    ids=SHORT,
)
async def test_nothing_is_lost_or_doubled_and_signals_come_back(
    site: Site, clips: tuple[Clip, ...], fault: Fault
) -> None:
    outcome = await trial(site, fault, clips)
    told = json.dumps(outcome.row())
    assert outcome.faults == [], told
    assert outcome.answers >= 2, told
    assert outcome.signals >= 1, told
    assert outcome.moves == fault.moves * fault.learners, told
    assert outcome.back_s <= BACK_WITHIN_S, told
    if fault.name in UNSEEN:
        assert outcome.silent_s < fault.lasts_s, told
