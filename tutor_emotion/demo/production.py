"""The demonstration host as ``docker/`` runs it: behind TLS, nothing secret has a default.

What is missing or wrong in the environment stops the start with its name.
"""

from __future__ import annotations

import os

from django.core.exceptions import ImproperlyConfigured

from tutor_emotion.demo.secrets_of import required, secret
from tutor_emotion.demo.settings import *  # noqa: F403
from tutor_emotion.demo.settings import TUTOR_EMOTION as _DEMO


def _list(name: str, default: str = "") -> list[str]:
    return [part.strip() for part in os.environ.get(name, default).split(",") if part.strip()]


SECRET_KEY = required("DJANGO_SECRET_KEY")
if len(SECRET_KEY) < 50:
    raise ImproperlyConfigured("DJANGO_SECRET_KEY is shorter than 50 characters.")
DEBUG = False
required("DJANGO_ALLOWED_HOSTS")
ALLOWED_HOSTS = _list("DJANGO_ALLOWED_HOSTS")
CSRF_TRUSTED_ORIGINS = _list(
    "DJANGO_CSRF_TRUSTED_ORIGINS", ",".join(f"https://{host}" for host in ALLOWED_HOSTS)
)

# TLS ends in front of us (docker/README.md), where this header is set and never passed through.
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_SSL_REDIRECT = True
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$", r"^metrics$"]
SECURE_HSTS_SECONDS = int(os.environ.get("DJANGO_HSTS_SECONDS", "31536000"))
# Subdomains and browsers' own lists bind a whole domain for months: whose it is says so. Until then
# Django's two reminders of them are answered, and not left for everybody to learn to overlook.
SECURE_HSTS_INCLUDE_SUBDOMAINS = os.environ.get("DJANGO_HSTS_SUBDOMAINS", "0") == "1"
SECURE_HSTS_PRELOAD = os.environ.get("DJANGO_HSTS_PRELOAD", "0") == "1"
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]
SESSION_COOKIE_SECURE = True
CSRF_COOKIE_SECURE = True
# With this prefix a browser takes them from this host alone, over TLS, and no subdomain sets them.
SESSION_COOKIE_NAME = "__Host-sessionid"
CSRF_COOKIE_NAME = "__Host-csrftoken"
LANGUAGE_COOKIE_SECURE = LANGUAGE_COOKIE_HTTPONLY = True
STAFF_NEEDS_SECOND_STEP = os.environ.get("STAFF_NEEDS_SECOND_STEP", "1") == "1"
SECURE_REFERRER_POLICY = "same-origin"

STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
WHITENOISE_USE_FINDERS = False

required("TUTOR_EMOTION_MASTER_KEYS")

TUTOR_EMOTION = {
    **_DEMO,
    # A deployment says by which law it works; unset is camera-free.
    "JURISDICTION": os.environ.get("TUTOR_EMOTION_JURISDICTION") or "camera_free",
    "DEVICE": os.environ.get("TUTOR_EMOTION_DEVICE") or "auto",
    # Several web processes: one that ends sends its learners to the others.
    "DRAIN_S": os.environ.get("TUTOR_EMOTION_DRAIN_S", "25"),
    "TURN_URLS": _list("TURN_URLS"),
    "TURN_SECRET": secret("TURN_SECRET"),
}
