"""The one door for settings: the dictionary ``TUTOR_EMOTION`` of the Django settings.

Unknown keys and impossible values fail at start (system check ``tutor_emotion.E001``) with a hint.
The descriptions here are the reference; ``docs/settings.md`` is generated from them.
"""

from __future__ import annotations

import base64
from difflib import get_close_matches
from functools import lru_cache
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Any, Literal, TypeAlias

from django.conf import settings as django_settings
from django.core.signals import setting_changed
from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    field_validator,
    model_validator,
)

from tutor_emotion.errors import BadInput

Visits: TypeAlias = Annotated[int, Field(ge=1)]
RunnerName: TypeAlias = Literal["compact", "r1-omni", "omni-mini", "scripted"]
OMNI: frozenset[RunnerName] = frozenset({"r1-omni", "omni-mini"})
RateDoor: TypeAlias = Literal["requests", "sockets", "offers", "consents", "links"]
# Visits a minute by a person, and by an address: a school's thousand learners share one.
RATES: dict[RateDoor, tuple[int, int]] = {
    "requests": (300, 12_000),
    "sockets": (30, 3_000),
    "offers": (30, 3_000),
    "consents": (30, 1_200),
    "links": (10, 60),
}


class Webhook(BaseModel):
    """One receiver. ``secret`` is as Standard Webhooks has it: ``whsec_`` and 24 to 64 bytes in
    base64."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    url: Annotated[str, StringConstraints(pattern=r"^https?://[^\s/@]+(/\S*)?$", max_length=2_000)]
    secret: str = Field(repr=False)

    @field_validator("secret")
    @classmethod
    def _is_a_key(cls, value: str) -> str:
        try:
            key = base64.b64decode(value.removeprefix("whsec_"), validate=True)
        except ValueError:
            key = b""
        if not value.startswith("whsec_") or not 24 <= len(key) <= 64:
            raise ValueError("is not whsec_ and 24 to 64 bytes in base64")
        return value

    @property
    def key(self) -> bytes:
        """The secret's bytes."""
        return base64.b64decode(self.secret.removeprefix("whsec_"))


class Settings(BaseModel):
    """Every setting, with its default and its unit."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    JURISDICTION: str = Field(
        "camera_free",
        description="Profile of tutor_emotion/jurisdictions.toml that decides which modalities "
        "the law permits here. Unset means camera-free.",
    )
    ETHICS_APPROVAL: str = Field(
        "",
        max_length=200,
        description="Reference of the ethics approval of a study. Profiles of research read no "
        "face and no voice without it; it changes nothing in any other profile.",
    )
    MASTER_KEYS: list[str] = Field(
        default_factory=list,
        repr=False,
        description="Keys of 64 hexadecimal digits that seal the learners' own keys: the first "
        "one seals, all of them open. From the environment or a file, never from the code. "
        "Without one nothing of a learner is kept, and `check` refuses.",
    )
    KEY_DATABASE: str = Field(
        "default",
        description="Alias of the database that holds the learners' keys. One of its own, with "
        "backups that end soon, makes an erased learner unreadable in every other backup too.",
    )
    KEEP_EVENTS_DAYS: int = Field(
        120,
        ge=0,
        le=400,
        description="Most days that what was done in lessons is kept, whatever a course's policy "
        "says (8 by default there). Age counts from the end of the session.",
    )
    KEEP_LABELS_DAYS: int = Field(
        365,
        ge=1,
        le=1095,
        description="Most days that labelled moments are kept, whatever a course's policy says "
        "(180 by default there).",
    )
    KEEP_SIGNALS_DAYS: int = Field(
        120,
        ge=1,
        le=1095,
        description="Days that signals, adaptations and what came of them are kept: a school term.",
    )
    KEEP_SESSIONS_DAYS: int = Field(
        400,
        ge=1,
        le=3650,
        description="Days that sessions are kept, and with them which arm of an experiment was "
        "met: a school year. Everything of a session goes with it.",
    )
    KEEP_RESULTS_DAYS: int = Field(
        400,
        ge=1,
        le=3650,
        description="Days that answers in lessons, delayed items and what is believed to be known "
        "are kept, from the last answer.",
    )
    KEEP_CONSENTS_DAYS: int = Field(
        1095,
        ge=30,
        le=3650,
        description="Days that a consent which was taken back is kept, as a proof of it. The "
        "ledger of consents is kept for good: it names a pseudonym alone.",
    )
    KEEP_LOOKS_DAYS: int = Field(
        365,
        ge=30,
        le=3650,
        description="Days that it is kept who looked at a learner's pages.",
    )
    KEEP_LINKS_DAYS: int = Field(
        30,
        ge=1,
        le=365,
        description="Days that a link for a guardian is kept after it could last be answered; one "
        "by which something was given, as long as that lasts.",
    )
    KEEP_CHANGES_DAYS: int = Field(
        1095,
        ge=30,
        le=3650,
        description="Days that it is kept who changed which course, class, policy or decision, "
        "and that switches were on.",
    )
    REDIS_URL: str = Field(
        "redis://127.0.0.1:6379/0",
        description="Redis or Valkey that carries waiting Windows (memory only, seconds to live).",
    )
    RUNNER: RunnerName = Field(
        "compact",
        description="What the worker runs: the compact nets; `r1-omni`, by R1_OMNI_FOLDER; "
        "`omni-mini`, the small one of its kind that is shipped; or a script for tests.",
    )
    SHADOW_RUNNER: RunnerName | None = Field(
        None,
        description="A second Runner that reads the same live Windows. Nothing of it reaches a "
        "learner, a teacher or the engine; only how often both agree is counted "
        "(`manage.py r1_omni agreement`).",
    )
    R1_OMNI_FOLDER: Path | None = Field(
        None,
        description="Folder of an R1-Omni checkpoint, after `manage.py r1_omni check FOLDER`. "
        "See docs/r1-omni.md, and its usage policy first.",
    )
    R1_OMNI_LABELS: str = Field(
        "",
        max_length=300,
        description="Label set of an omni model: dfew, mafw, ravdess, states, or the path of a "
        "TOML file with one. Empty: the checkpoint's own, else dfew.",
    )
    R1_OMNI_SOUND_S: Literal[30, 10, 5, 2] = Field(
        30,
        description="Seconds of sound that R1-Omni hears of a Window. 30 is exact; less is faster "
        "and an approximation: measure its agreement first (`make bench-r1`).",
    )
    R1_OMNI_COMPILE: bool = Field(
        False,
        description="Compile R1-Omni on a GPU (torch.compile): a slower start, and faster Windows "
        "only where `make bench-r1` says so there.",
    )
    REASON_WINDOW_S: float = Field(
        0.0,
        ge=0,
        le=30,
        description="Seconds that the Window before a raised signal waits in the web process's "
        "memory for somebody who asks why, with an omni Runner. 0: none is ever kept.",
    )
    DEVICE: str = Field("auto", description="Torch device of the worker: auto, cpu, cuda, cuda:1 …")
    WEIGHTS_DIR: Path = Field(
        Path("models"),
        description="Folder that `manage.py fetch_weights` fills.",
    )
    LEXICON_DIR: Path | None = Field(
        None,
        description="Folder of `*.toml` files that add phrases of typed messages and remove some; "
        "read at start. See docs/teachers.md.",
    )
    CONTACT: str = Field(
        "",
        max_length=300,
        description="Somebody to talk to, a name and how to reach them: shown to a learner for "
        "whom a person is called, where their school has set nobody. Empty: nothing is shown.",
    )
    FAIRNESS_GROUPS: list[str] = Field(
        default_factory=list,
        max_length=12,
        description="Names of groups of learners that this site lawfully holds, to see whether "
        "each is served alike. Empty: no group is held of anybody. See docs/privacy-and-law.md.",
    )
    GUARDIAN_LINK_DAYS: int = Field(
        14, ge=1, le=90, description="Days in which a guardian can answer a link that was made."
    )
    GUARDIAN_CONSENT_DAYS: int = Field(
        365,
        ge=1,
        le=1095,
        description="Days after which a guardian's yes, or a written release, ends by itself.",
    )
    QUEUE: str = Field(
        "tutor_emotion", description="Celery queue of the doorbell task, for workers on processors."
    )
    GPU_QUEUE: str = Field(
        "tutor_emotion_gpu",
        description="The same for workers on GPUs. While one lives it is rung alone, and `QUEUE` "
        "beside it where a Window waits longer than SPILL_S.",
    )
    SPILL_S: float = Field(
        0.5,
        ge=0,
        le=5,
        description="Seconds that a Window waits for GPUs before processors are asked as well.",
    )
    MAX_BATCH: int = Field(
        32, ge=1, le=1024, description="Most learners whose Windows a worker runs as one batch."
    )
    BATCH_LIMIT_S: float = Field(
        60.0,
        ge=1,
        le=3600,
        description="Seconds after which a worker whose batch does not end takes its Runner for "
        "hung and ends, so that whoever started it starts another.",
    )
    WINDOW_TTL_S: float = Field(
        5.0, gt=0, le=30, description="Seconds that a waiting Window lives in Redis."
    )
    UTTERANCE_MAX_AGE_S: float = Field(
        10.0, gt=0, le=60, description="Oldest undelivered utterance that is still worth reading."
    )
    READING_MAX_AGE_S: float = Field(
        8.0, gt=0, le=60, description="Readings that arrive later than this are dropped."
    )
    FRAMES_PER_S: float = Field(
        5.0, gt=0, le=30, description="Frames a second that are sampled from the camera."
    )
    MAX_FRAME_WIDTH: int = Field(320, ge=64, le=1920, description="Width a frame is shrunk to, px.")
    MAX_FRAME_HEIGHT: int = Field(
        240, ge=64, le=1080, description="Height a frame is shrunk to, px."
    )
    CONNECT_TIMEOUT_S: float = Field(
        15.0, gt=0, description="A peer that has not connected by then is closed."
    )
    FRAME_WATCHDOG_S: float = Field(
        3.0, gt=0, description="No frame for this long, and the status becomes `stalled`."
    )
    STALLED_CLOSE_S: float = Field(
        20.0, gt=0, description="A stalled peer is closed after this long."
    )
    SESSION_GRACE_S: float = Field(
        25.0, ge=0, description="How long a session's belief waits for its learner to come back."
    )
    MAX_SESSIONS: int = Field(
        200, ge=1, description="Most learners that one web process takes; more are asked to wait."
    )
    DRAIN_S: float = Field(
        25.0,
        ge=0,
        le=3600,
        description="How long a web process that is asked to end (SIGTERM, SIGUSR1) waits for its "
        "learners to move to another one. 0: it ends at once, as where there is no other.",
    )
    DRAIN_SPREAD_S: float = Field(
        5.0,
        ge=0,
        le=600,
        description="Over how many seconds a process that drains asks its learners to move, one "
        "after the other.",
    )
    ICE_SERVERS: list[dict[str, Any]] = Field(
        default_factory=list,
        description="STUN and TURN servers for both sides, as RTCIceServer dictionaries.",
    )
    TURN_URLS: list[str] = Field(
        default_factory=list,
        description="TURN servers for browsers, as `turn:host:port` addresses; with TURN_SECRET.",
    )
    TURN_SECRET: str = Field(
        "",
        repr=False,
        description="Secret shared with coturn (`static-auth-secret`): each browser gets "
        "credentials of its own, without a name in them.",
    )
    TURN_LIFETIME_S: int = Field(
        600,
        ge=60,
        le=8 * 3600,
        description="How long those credentials begin a relay. A browser that connects anew later "
        "gets new ones.",
    )
    LIMITS: dict[RateDoor, tuple[Visits, Visits]] = Field(
        default_factory=dict,
        description="Visits a minute, by door: `[one person, one address]`. Without: "
        + "; ".join(f"`{door}` {person}, {address}" for door, (person, address) in RATES.items())
        + ". `requests` are those of the JSON doors, `links` those of guardians and others who are "
        "not signed in. Counted in Redis; while it is away, nothing is.",
    )
    WEBHOOKS: list[Webhook] = Field(
        default_factory=list,
        max_length=10,
        repr=False,
        description="Who is told of each signal and Adaptation, after commit: `{url, secret}`, "
        "https and a public address. Ids and kinds, a pseudonym, no name. See docs/integrate.md.",
    )
    CHORES_QUEUE: str = Field(
        "celery",
        description="Celery queue of what may wait, webhooks and the nightly prune: not `QUEUE` "
        "or `GPU_QUEUE`, whose worker reads Windows and would stand still meanwhile.",
    )
    METRICS_PORT: int = Field(
        0,
        ge=0,
        le=65535,
        description="Port on which each web process and worker serves `/metrics` for Prometheus, "
        "one a process. 0: none is opened. See docs/telemetry.md.",
    )
    METRICS_HOST: str = Field(
        "127.0.0.1",
        description="Address of that port. One that others can reach needs METRICS_TOKEN.",
    )
    METRICS_TOKEN: str = Field(
        "",
        max_length=200,
        repr=False,
        description="Bearer token of the scrape, at least 16 characters. With it the web site "
        "itself answers `/metrics` too, where the host has that address; without it never.",
    )
    TRACES: str = Field(
        "",
        pattern=r"^(https?://\S+)?$",
        description="Base address of an OpenTelemetry collector (OTLP over HTTP, as "
        "`http://collector:4318`) that is sent traces. Empty: nothing of it is even loaded.",
    )
    TRACES_SHARE: float = Field(
        0.05,
        ge=0,
        le=1,
        description="Share of the traces that begin here which are recorded; one that a browser "
        "began is recorded where it says so.",
    )
    TICKET_MAX_AGE_S: int = Field(
        60, ge=5, le=300, description="How long a socket's ticket waits to be used, which is once."
    )
    TOKEN_MAX_AGE_S: int = Field(
        24 * 3600, ge=60, description="How long a page may stay open before it must be reloaded."
    )
    MASTERED_P: float = Field(
        0.95,
        gt=0.5,
        lt=1,
        description="Lessons: a skill is finished when it is believed to be known with at least "
        "this, and MASTERED_RUN is met too. See docs/lessons.md.",
    )
    MASTERED_RUN: int = Field(
        3, ge=1, le=10, description="Lessons: right answers in a row that finish a skill."
    )
    SKIP_MASTERED: bool = Field(
        False,
        description="Lessons: leave out the steps that remain of a finished skill. Otherwise the "
        "learner is told that they may.",
    )
    REVIEW_RETENTION: float = Field(
        0.9,
        ge=0.7,
        le=0.97,
        description="Lessons: a finished skill is due again when the chance that it is still there "
        "has fallen to this.",
    )
    REVIEW_MAX_DAYS: int = Field(
        180, ge=1, le=3650, description="Lessons: the longest wait for the next review, in days."
    )

    @model_validator(mode="after")
    def _scrape_is_not_public(self) -> Settings:
        if self.METRICS_TOKEN and len(self.METRICS_TOKEN) < 16:
            raise ValueError("METRICS_TOKEN is shorter than 16 characters.")
        if self.METRICS_PORT and not self.METRICS_TOKEN and not _is_loopback(self.METRICS_HOST):
            raise ValueError("METRICS_HOST is not loopback: set METRICS_TOKEN.")
        return self

    @field_validator("FAIRNESS_GROUPS")
    @classmethod
    def _groups_have_names(cls, names: list[str]) -> list[str]:
        if any(not name.strip() or name != name.strip() or len(name) > 50 for name in names):
            raise ValueError("each group needs a name of 1 to 50 characters, no space around it")
        if len(set(names)) < len(names):
            raise ValueError("a group is named twice")
        return names


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


@lru_cache(maxsize=1)
def get_settings() -> Settings:
    """The checked settings.

    Raises:
        BadInput: ``bad_settings``, naming the key and the nearest known one.
    """
    raw = getattr(django_settings, "TUTOR_EMOTION", {})
    try:
        return Settings(**raw)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        key = ".".join(str(part) for part in first["loc"])
        near = get_close_matches(key, Settings.model_fields, n=1)
        hint = f"Did you mean {near[0]}?" if near and near[0] != key else "See docs/settings.md."
        raise BadInput(
            "bad_settings", f"TUTOR_EMOTION[{key!r}]: {first['msg']}", hint=hint
        ) from None


def _forget(*, setting: str, **_: Any) -> None:
    if setting == "TUTOR_EMOTION":
        get_settings.cache_clear()


setting_changed.connect(_forget, dispatch_uid="tutor_emotion.conf")
