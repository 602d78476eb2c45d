"""A large site in a database of its own, beside the one of the other tests."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection

from tests.growth.filling import fill

NAME = "a_million_signals"


@pytest.fixture(scope="module")
def large(django_db_setup: None, django_db_blocker: Any) -> Iterator[float]:
    """The default connection leads to it meanwhile; gives the seconds that filling it took."""
    with django_db_blocker.unblock():
        before = connection.settings_dict["NAME"]
        _make(before)
        connection.settings_dict["NAME"] = NAME
        try:
            yield fill()
        finally:
            connection.close()
            connection.settings_dict["NAME"] = before
            with connection.cursor() as cursor:
                cursor.execute(f"DROP DATABASE {NAME} WITH (FORCE)")
            connection.close()


def _make(template: str) -> None:
    """With the tables that the tests' database has, and the rows of its migrations."""
    connection.close()
    connection.settings_dict["NAME"] = "postgres"
    with connection.cursor() as cursor:
        cursor.execute(f"DROP DATABASE IF EXISTS {NAME} WITH (FORCE)")
        for _ in range(50):
            cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE datname = %s", [template])
            if cursor.fetchone() == (0,):
                break
            time.sleep(0.1)  # another thread's connection is on its way out
        cursor.execute(f'CREATE DATABASE {NAME} TEMPLATE "{template}"')
    connection.close()
