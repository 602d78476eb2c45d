"""Every door by every role, found in the host's addresses: the table of tests/doors.py."""

from __future__ import annotations

from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import Path

import pytest
from django.db import transaction

from tests import doors
from tests.doors import ROLES
from tests.walking import Address, addresses, knock, methods, row_of
from tests.world import World, build

ADDRESSES = {address.name: address for address in addresses()}
KNOCKS = [(method, address) for address in ADDRESSES.values() for method in methods(address)]


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: pytest.FixtureRequest) -> Iterator[World]:
    """One for the whole walk, as each knock is taken back."""
    with django_db_blocker.unblock(), transaction.atomic():  # type: ignore[attr-defined]
        yield build()
        transaction.set_rollback(True)


@pytest.mark.parametrize(("method", "address"), KNOCKS, ids=[f"{m} {a.name}" for m, a in KNOCKS])
def test_each_role_gets_what_the_table_says(world: World, method: str, address: Address) -> None:
    is_now = {role: knock(world, role, method, address) for role in ROLES}
    expected = row_of(method, address)
    line = doors.line(f"{method} {address.name}", list(is_now.values()))
    assert expected is not None, (
        f"A door without a row. Add it to DOORS in tests/doors.py, once you have judged for each "
        f"role whether it is right (the columns are {', '.join(ROLES)}):\n{line}"
    )
    wrong = [f"{role}: {is_now[role]}, not {expected[role]}" for role in ROLES
             if is_now[role] != expected[role]]  # fmt: skip
    assert not wrong, f"{method} {address.name}: {'; '.join(wrong)}\nAs it is now:\n{line}"


@pytest.mark.django_db  # without one of these in a run pytest-django makes no tables
def test_no_row_is_about_a_door_that_is_gone() -> None:
    names = [f"{method} {address.name}" for method, address in KNOCKS]
    dead = [row for row in doors.DOORS if not any(fnmatchcase(name, row) for name in names)]
    assert not dead, f"rows of tests/doors.py without a door: {dead}"


def test_the_page_of_the_docs_is_the_table() -> None:
    page = Path(__file__).parents[2] / "docs" / "doors.md"
    assert page.read_text() == doors.page(), "run: python -m tests.doors"
