"""What the settings say: whether they agree, the law, secrets, time zone, built files."""

from __future__ import annotations

import math
from collections import Counter
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.conf import settings
from django.contrib.staticfiles import finders
from django.contrib.staticfiles.storage import staticfiles_storage
from django.core.checks import run_checks
from django.utils import timezone

from tutor_emotion.checks import SCRIPTS
from tutor_emotion.conf import get_settings
from tutor_emotion.core.types import BIOMETRIC
from tutor_emotion.deploy_checks import DEMO_KEYS
from tutor_emotion.doctor.diagnosis import Diagnosis, fail, ok, warn, worst
from tutor_emotion.jurisdictions import profiles

LEAST_BITS = 128.0
IN_FULL = "manage.py check --deploy says each in full."


def agree() -> Diagnosis:
    """All system checks of this site, those of a deployment too."""
    found = run_checks(include_deployment_checks=True)
    loud = [one for one in found if not one.is_silenced()]
    said = [
        (fail if one.is_serious() else warn)(f"({one.id}) {_first(one.msg)}", one.hint or IN_FULL)
        for one in loud
    ]
    return worst(said, "Every system check passes, those of a deployment too.")


def _first(text: str) -> str:
    """Its first sentence."""
    return text.split(". ")[0].rstrip(".") + "."


def law() -> Diagnosis:
    """The profile is known, was read lately, and what it needs is there."""
    here = get_settings()
    profile = profiles().get(here.JURISDICTION)
    if profile is None:
        hint = f"Set JURISDICTION to one of {', '.join(profiles())}."
        return fail(f"There is no profile {here.JURISDICTION}: nobody's camera is read.", hint)
    left = (profile.review_by - timezone.localdate()).days
    if left < 0:
        hint = "Read its law again, then its row of jurisdictions.toml; a newer release may have."
        return fail(f"{profile.name} was to be reviewed by {profile.review_by}: no camera.", hint)
    if profile.approval and not here.ETHICS_APPROVAL:
        hint = "Set ETHICS_APPROVAL to the reference of the approval."
        return warn(f"{profile.name} reads no face and no voice without an ethics approval.", hint)
    if left < 60:
        hint = f"Have it read again by {profile.review_by}: no camera is read after that."
        return warn(f"{profile.name} is due for review in {left} days.", hint)
    sensors = sorted(modality for modality in BIOMETRIC if profile.ever(modality))
    reads = f"may read {' and '.join(sensors)}" if sensors else "is camera-free"
    return ok(f"{profile.name} {reads}; to be reviewed by {profile.review_by}.")


def secret_strength() -> Diagnosis:
    """Bits by what is drawn from how often: a phrase of one letter has none."""
    here = get_settings()
    make = "Make it with openssl rand -base64 48, from the environment or a file."
    found: list[Diagnosis] = []
    if settings.SECRET_KEY in DEMO_KEYS or settings.SECRET_KEY.startswith("django-insecure"):
        found.append(fail("SECRET_KEY is one that everybody can read.", make))
    elif bits(settings.SECRET_KEY) < LEAST_BITS:
        found.append(fail("SECRET_KEY is weak.", make))
    if here.TURN_URLS and bits(here.TURN_SECRET) < LEAST_BITS:
        found.append(fail("TURN_SECRET is weak: whoever guesses it relays at your cost.", make))
    weak = [n for n, key in enumerate(here.MASTER_KEYS, 1) if bits(key) < LEAST_BITS]
    if weak:
        hint = "Make one with openssl rand -hex 32, put it first, then manage.py rotate_keys."
        found.append(fail(f"Of MASTER_KEYS number {weak[0]} is weak.", hint))
    old = [
        n for n, key in enumerate(settings.SECRET_KEY_FALLBACKS, 1) if bits(str(key)) < LEAST_BITS
    ]
    if old:
        found.append(warn("A key of SECRET_KEY_FALLBACKS is weak.", "Take it away soon."))
    return worst(found, f"Each has at least {LEAST_BITS:g} bits by its letters.")


def bits(secret: str) -> float:
    """Shannon entropy of its letters times its length: an upper bound of what it is worth."""
    counts, n = Counter(secret).values(), len(secret)
    return -sum(count * math.log2(count / n) for count in counts) if n else 0.0


def time_zone() -> Diagnosis:
    try:
        ZoneInfo(settings.TIME_ZONE)
    except (ZoneInfoNotFoundError, ValueError):
        hint = "Write it as Europe/Berlin; a slim image may lack tzdata."
        return fail(f"TIME_ZONE {settings.TIME_ZONE} is not known here.", hint)
    if not settings.USE_TZ:
        return fail("USE_TZ is off: an hour of each autumn is there twice.", "Set USE_TZ = True.")
    return ok(f"{settings.TIME_ZONE}; it is {timezone.localtime():%H:%M} there.")


def static_files() -> Diagnosis:
    """The scripts are built, and what pages name can be found."""
    names = [f"tutor_emotion/dist/{name}" for name in SCRIPTS]
    missing = [name for name in names if finders.find(name) is None]
    if missing:
        hint = "Run `make setup` in the clone of tutor_emotion, then install from it again."
        return fail(f"Not built: {', '.join(missing)}.", hint)
    try:
        urls = [staticfiles_storage.url(name) for name in names]
    except ValueError:
        hint = "Run manage.py collectstatic, and again with each release."
        return fail("STATIC_ROOT was not collected since this release.", hint)
    return ok(f"{len(urls)} scripts are built; pages name them as {urls[0]}.")
