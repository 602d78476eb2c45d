"""The demonstration's Celery app as the next release would be: its Windows have another schema."""

from __future__ import annotations

from tutor_emotion.inference import schema

schema.SCHEMA += 1

from tutor_emotion.demo.celery import app  # noqa: E402

__all__ = ["app"]
