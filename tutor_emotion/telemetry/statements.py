"""Counts the statements that a database refuses or does not answer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db import DatabaseError
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created

from tutor_emotion.telemetry import metrics


def connect() -> None:
    """Watch every connection of this process."""
    connection_created.connect(_opened, dispatch_uid="tutor_emotion.statements")


def _opened(connection: BaseDatabaseWrapper, **_: Any) -> None:
    if _count not in connection.execute_wrappers:
        connection.execute_wrappers.append(_count)


def _count(
    execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]
) -> Any:
    try:
        return execute(sql, params, many, context)
    except DatabaseError as error:
        metrics.DATABASE_FAILURES.labels(error=type(error).__name__).inc()
        raise
