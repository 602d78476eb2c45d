"""The demonstration host: a small Django site that uses the plugin as any platform would.

Everything that a real deployment changes comes from the environment; the defaults are SQLite and
an embedded Valkey server on this machine.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from celery.schedules import crontab

from tutor_emotion import redis_url
from tutor_emotion.demo.browser_rules import CONTENT_POLICY, FEATURES
from tutor_emotion.demo.dress import UNFOLD as UNFOLD
from tutor_emotion.demo.key_file import master_keys
from tutor_emotion.demo.secrets_of import secret

BASE_DIR = Path(__file__).resolve().parents[2]
# Known to everybody who has the source; `check --deploy` refuses it (tutor_emotion.E020).
DEMO_SECRET_KEY = "demonstration-only-not-a-secret"  # noqa: S105
VAR_DIR = Path(os.environ.get("TUTOR_EMOTION_VAR", BASE_DIR / "var"))


def _or_none(name: str) -> str | None:
    """Empty in the environment is none; compose's file says so in a word."""
    value = secret(name, "none")
    return None if value == "none" else value


SECRET_KEY = secret("DJANGO_SECRET_KEY", DEMO_SECRET_KEY)
DEBUG = os.environ.get("DJANGO_DEBUG", "0") == "1"
ALLOWED_HOSTS = os.environ.get("DJANGO_ALLOWED_HOSTS", "localhost,127.0.0.1,[::1]").split(",")

INSTALLED_APPS = [
    "tutor_emotion.demo",  # first: its templates dress the pages of the two below
    "tutor_emotion",
    "tutor_emotion.lessons",
    "simple_history",
    "channels",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "unfold",  # before the admin, which it dresses
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "tutor_emotion.demo.browser_rules.ContentPolicy",
    "tutor_emotion.middleware.SensorsPolicy",
    "django_permissions_policy.PermissionsPolicyMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "tutor_emotion.demo.accounts.StaffNeedsSecondStep",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "simple_history.middleware.HistoryRequestMiddleware",
]
ROOT_URLCONF = "tutor_emotion.demo.urls"
ASGI_APPLICATION = "tutor_emotion.demo.asgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]

CONTENT_SECURITY_POLICY = {"DIRECTIVES": CONTENT_POLICY}
PERMISSIONS_POLICY = FEATURES
# A form carries its own token, and the learner's element is given one: no script reads the cookie.
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = SESSION_COOKIE_SAMESITE = "Lax"

REDIS_URL = secret("REDIS_URL", "redis://127.0.0.1:16379/0")
DATABASES: dict[str, dict[str, Any]]
if os.environ.get("POSTGRES_HOST"):
    DATABASES = {
        "default": {
            "ENGINE": "django.db.backends.postgresql",
            "HOST": os.environ["POSTGRES_HOST"],
            "PORT": os.environ.get("POSTGRES_PORT", ""),
            "NAME": os.environ.get("POSTGRES_DB", "tutor_emotion"),
            "USER": os.environ.get("POSTGRES_USER", "tutor_emotion"),
            "PASSWORD": secret("POSTGRES_PASSWORD"),
            # A server that is gone without a word, or a table that another program holds, is a
            # fault within seconds; without these a thread waits for it for hours.
            "OPTIONS": {
                "sslmode": os.environ.get("POSTGRES_SSLMODE", "prefer"),
                "connect_timeout": 5,
                "keepalives_idle": 10,
                "keepalives_interval": 5,
                "keepalives_count": 3,
                "tcp_user_timeout": 20_000,
                "options": "-c lock_timeout=20s",
            },
            # A pooler lends a connection for one transaction, which a cursor cannot outlive.
            "DISABLE_SERVER_SIDE_CURSORS": os.environ.get("POSTGRES_POOLER", "0") == "1",
        }
    }
else:
    DATABASES = {
        "default": {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": VAR_DIR / "db.sqlite3",
            "OPTIONS": {
                # Without these two, several processes get "database is locked".
                "transaction_mode": "IMMEDIATE",
                "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; "
                "PRAGMA temp_store=MEMORY; "  # or large sorts are files in the temporary folder
                "PRAGMA cache_size=-512;",  # KiB a connection; the system's own cache has the rest
                "timeout": 20,
            },
        }
    }
# A thread keeps its connection; one that died meanwhile is opened anew.
DATABASES["default"] |= {
    "CONN_MAX_AGE": int(os.environ.get("POSTGRES_CONN_MAX_AGE", "60")),
    "CONN_HEALTH_CHECKS": True,
}
CHANNEL_LAYERS = {
    "default": {
        "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
        "CONFIG": {"hosts": [redis_url.channel_host(REDIS_URL)]},
    }
}
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": "cache",
        "OPTIONS": {
            "serializer": "tutor_emotion.demo.accounts.JsonSerializer",
            "pool_class": "tutor_emotion.redis_url.Pool",
        },
    }
}
_BROKER = redis_url.broker(_or_none("CELERY_BROKER_URL") or REDIS_URL)
CELERY_BROKER_URL = _BROKER["BROKER_URL"]
CELERY_BROKER_TRANSPORT_OPTIONS = _BROKER.get("BROKER_TRANSPORT_OPTIONS", {})
CELERY_BROKER_USE_SSL = _BROKER.get("BROKER_USE_SSL", False)
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = CELERY_RESULT_ACCEPT_CONTENT = ["json"]
CELERY_RESULT_SERIALIZER = CELERY_EVENT_SERIALIZER = "json"
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
# For whoever runs `celery beat`; `manage.py prune` from any other timetable does the same.
CELERY_BEAT_SCHEDULE = {
    "prune": {
        "task": "tutor_emotion.prune",
        "schedule": crontab(hour="3", minute="15"),
        "options": {"queue": "celery", "expires": 3600},  # CHORES_QUEUE's default
    }
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {
            "()": "tutor_emotion.faults.Formatter",  # tracebacks without what exceptions say
            "format": "{asctime} {levelname} {name} {message}",
            "style": "{",
        },
        "json": {"()": "tutor_emotion.telemetry.logs.JsonFormatter"},
    },
    "filters": {
        "strangers": {"()": "tutor_emotion.demo.strangers.BriefAboutStrangers"},
        "sockets": {"()": "tutor_emotion.demo.strangers.NoSocketsAddress"},
    },
    "handlers": {
        "stderr": {
            "class": "logging.StreamHandler",
            "formatter": os.environ.get("LOG_FORMAT", "line"),
            "filters": ["strangers", "sockets"],
        }
    },
    "root": {"handlers": ["stderr"], "level": os.environ.get("LOG_LEVEL", "INFO")},
    # At INFO it writes every address, tokens and all, of what the simulated learners ask.
    # And uvicorn's own lines go the way of all others.
    "loggers": {
        "httpx": {"level": "WARNING"},
        "uvicorn": {"handlers": ["stderr"], "level": "INFO", "propagate": False},
        "uvicorn.access": {"propagate": False},  # addresses and paths, even without its handler
    },
}

AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"}
]
# A school's thousand learners come from one address; who tries names and passwords comes often.
ACCOUNT_RATE_LIMITS = {
    "login": os.environ.get("SIGN_IN_LIMIT", "600/m/ip"),
    "login_failed": os.environ.get("SIGN_IN_FAILED_LIMIT", "60/m/ip,5/5m/key"),
    "reauthenticate": "10/m/user",
}
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_REAUTHENTICATION_METHODS = ["password", "mfa"]
MFA_ADAPTER = "tutor_emotion.demo.accounts.SealedSecondSteps"
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_ISSUER = os.environ.get("SITE_NAME", "Fraction room")
STAFF_NEEDS_SECOND_STEP = os.environ.get("STAFF_NEEDS_SECOND_STEP", "0") == "1"
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "/"
LANGUAGE_CODE = "en"
TIME_ZONE = "UTC"
USE_TZ = True
LANGUAGES = [("en", "English"), ("de", "Deutsch"), ("ar", "العربية")]
STATIC_URL = "static/"
STATIC_ROOT = VAR_DIR / "static"
WHITENOISE_USE_FINDERS = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

TUTOR_EMOTION: dict[str, Any] = {
    "MASTER_KEYS": master_keys(VAR_DIR / "master.key"),
    # A consenting adult's demonstration; a deployment chooses its own profile.
    "JURISDICTION": "adult_demonstration",
    "REDIS_URL": REDIS_URL,
    "WEIGHTS_DIR": os.environ.get("TUTOR_EMOTION_WEIGHTS", BASE_DIR / "models"),
    "RUNNER": os.environ.get("TUTOR_EMOTION_RUNNER", "compact"),
    "SHADOW_RUNNER": _or_none("TUTOR_EMOTION_SHADOW_RUNNER"),
    "R1_OMNI_FOLDER": _or_none("TUTOR_EMOTION_R1_OMNI_FOLDER"),
    "REASON_WINDOW_S": os.environ.get("TUTOR_EMOTION_REASON_WINDOW_S", "0"),
    "MAX_SESSIONS": os.environ.get("TUTOR_EMOTION_MAX_SESSIONS", "200"),
    "FRAMES_PER_S": os.environ.get("TUTOR_EMOTION_FRAMES_PER_S", "5"),
    "MAX_BATCH": os.environ.get("TUTOR_EMOTION_MAX_BATCH", "32"),
    # The only web process has nowhere to send its learners.
    "DRAIN_S": os.environ.get("TUTOR_EMOTION_DRAIN_S", "0"),
    "DRAIN_SPREAD_S": os.environ.get("TUTOR_EMOTION_DRAIN_SPREAD_S", "5"),
    "METRICS_PORT": os.environ.get("TUTOR_EMOTION_METRICS_PORT", "0"),
    "METRICS_HOST": os.environ.get("TUTOR_EMOTION_METRICS_HOST", "127.0.0.1"),
    "METRICS_TOKEN": secret("TUTOR_EMOTION_METRICS_TOKEN"),
    "TRACES": _or_none("TUTOR_EMOTION_TRACES") or "",
    "TRACES_SHARE": os.environ.get("TUTOR_EMOTION_TRACES_SHARE", "0.05"),
}
