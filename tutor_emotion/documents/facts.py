"""True facts of this deployment: settings, the law's profile, policies, models and figures.

Whatever a document or the page for learners says of this product comes from here, and here it comes
from a setting, a row or a file.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings as django_settings

from tutor_emotion import __version__, privacy
from tutor_emotion.conf import Settings, get_settings
from tutor_emotion.core.fairness import LEAST_COMPARED, LEAST_SHOWN, LIMIT
from tutor_emotion.core.parameters import CATALOGUE
from tutor_emotion.core.types import BIOMETRIC, MODALITIES, Modality
from tutor_emotion.documents.cards import Card, cards_in_use
from tutor_emotion.jurisdictions import BANDS, Profile, Verdict
from tutor_emotion.models import ROLES, Course, Policy
from tutor_emotion.nets.weights import ModelFile, manifest
from tutor_emotion.services import policy_of, switched_off_everywhere

MEASURED = Path(__file__).with_name("measured.toml")
# Settings that are days, and no period of keeping: how long a review may wait.
NOT_KEEPING = {"REVIEW_MAX_DAYS"}
HERE = ("", "localhost", "127.0.0.1", "::1")


@dataclass(frozen=True, slots=True)
class CourseFacts:
    """What is read in a course, and from when on something is said. Only what law and policy
    both permit is in ``modalities``."""

    key: str
    title: str
    modalities: tuple[Modality, ...]
    policy: Policy


@dataclass(frozen=True, slots=True)
class Facts:
    """One deployment. ``outside``: machines that take part and are not this one, by their job."""

    version: str
    profile: Profile
    profile_named: bool
    possible: tuple[Modality, ...]
    verdicts: tuple[tuple[Modality, tuple[tuple[str, Verdict], ...]], ...]
    courses: tuple[CourseFacts, ...]
    settings: Settings
    periods: tuple[tuple[str, int, str], ...]
    files: tuple[ModelFile, ...]
    cards: tuple[Card, ...]
    simulation: Mapping[str, Any]
    outside: tuple[tuple[str, str], ...]
    debug: bool
    parameters: int = len(CATALOGUE)
    roles: tuple[str, ...] = ROLES
    gap_limit: float = LIMIT
    least_shown: int = LEAST_SHOWN
    least_compared: int = LEAST_COMPARED

    @property
    def biometric(self) -> bool:
        """Whether a face or a voice may be read here of anybody at all."""
        return any(modality in BIOMETRIC for modality in self.possible)

    @property
    def keeps(self) -> bool:
        """Whether the settings say how long rows are kept, and not only what a policy says."""
        return any(name.startswith("KEEP_") for name, _days, _about in self.periods)

    @property
    def alarms(self) -> Mapping[str, Any]:
        """What the simulation says of alarms with the sensors that may be used here."""
        found: Mapping[str, Mapping[str, Any]] = self.simulation["alarms"]
        return found["all" if self.biometric else "interaction"]


def gather() -> Facts:
    """Everything, as it is now.

    Raises:
        BadInput, Unavailable: as ``registry.active``, where a model in use is not whole.
    """
    site = of_site(cards_in_use(get_settings().WEIGHTS_DIR))
    courses = (_course(course, site.possible) for course in Course.objects.order_by("key"))
    return replace(site, courses=tuple(courses))


def of_site(cards: tuple[Card, ...]) -> Facts:
    """Everything but the courses: the same work, however many there are."""
    here, profile = get_settings(), privacy.profile()
    read = privacy.possible() - switched_off_everywhere()
    possible = tuple(m for m in MODALITIES if m in read)
    return Facts(
        version=__version__,
        profile=profile,
        profile_named=profile.name == here.JURISDICTION,
        possible=possible,
        verdicts=tuple(
            (m, tuple((band, profile.verdict(m, band)) for band in BANDS)) for m in MODALITIES
        ),
        courses=(),
        settings=here,
        periods=tuple(_periods(here)),
        files=manifest(),
        cards=cards,
        simulation=measured()["simulation"],
        outside=tuple(dict.fromkeys(_outside(here))),
        debug=django_settings.DEBUG,
    )


@lru_cache(maxsize=1)
def measured() -> Mapping[str, Any]:
    """The figures of ``measured.toml``."""
    return tomllib.loads(MEASURED.read_text(encoding="utf-8"))


def _course(course: Course, possible: tuple[Modality, ...]) -> CourseFacts:
    policy = policy_of(course)
    used = tuple(m for m in possible if getattr(policy, f"use_{m}") and not policy.paused)
    return CourseFacts(course.key, course.title, used, policy)


def _periods(here: Settings) -> Iterator[tuple[str, int, str]]:
    for name, field in Settings.model_fields.items():
        if name.endswith("_DAYS") and name not in NOT_KEEPING:
            yield name, getattr(here, name), field.description or ""


def _outside(here: Settings) -> Iterator[tuple[str, str]]:
    """By their host's name alone: no user, no password, no port."""
    for alias, database in sorted(django_settings.DATABASES.items()):
        yield from _elsewhere(f"database ({alias})", str(database.get("HOST") or ""))
    yield from _elsewhere("waiting Windows and messages", _host(here.REDIS_URL))
    broker = str(getattr(django_settings, "CELERY_BROKER_URL", "") or "")
    yield from _elsewhere("task queue", _host(broker))
    for server in here.ICE_SERVERS:
        urls = server.get("urls", [])
        for url in [urls] if isinstance(urls, str) else urls:
            yield from _elsewhere("connection of camera and microphone", _host(url))
    for url in here.TURN_URLS:
        yield from _elsewhere("connection of camera and microphone", _host(url))


def _elsewhere(job: str, host: str) -> Iterator[tuple[str, str]]:
    if host not in HERE and not host.startswith("/"):
        yield job, host


def _host(url: str) -> str:
    """``turn:host:port?x`` and ``redis://user:secret@host:port/0`` → host."""
    if "://" not in url:
        url = url.replace(":", "://", 1)
    return urlsplit(url).hostname or ""
