"""Accounts of the host, by the name or address that somebody wrote."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeVar

from django.contrib.auth import get_user_model
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils.translation import gettext as _

CHUNK = 250  # an older SQLite takes 999 values in one statement
Item = TypeVar("Item")


class Fault(ValueError):
    """Why a row cannot be done, in words."""


def find_person(text: str) -> tuple[Any, str]:
    """The account of this username or address; or None, and why not, in words."""
    try:
        return only(text.strip(), accounts_named([text.strip()])), ""
    except Fault as fault:
        return None, str(fault)


def only(person: str, people: Mapping[str, Sequence[Any]]) -> Any:
    """The one account of a name or address. Raises Fault, why there is none."""
    found = people.get(person.lower(), ())
    exact = [one for one in found if one.get_username() == person]
    found = exact if len(exact) == 1 else found
    if not found:
        raise Fault(_("There is no such account. Accounts are made by the site, not here."))
    if len(found) > 1:
        raise Fault(_("Several accounts have this name or address. Write the username."))
    if not found[0].is_active:
        raise Fault(_("This account is switched off."))
    return found[0]


def accounts_named(named: Iterable[str]) -> dict[str, list[Any]]:
    """Accounts by these names and addresses, in lower case."""
    model = get_user_model()
    known = {field.name for field in model._meta.get_fields()}
    names = (model.USERNAME_FIELD, model.get_email_field_name())
    fields = [name for name in names if name in known]
    accounts = model._default_manager.annotate(**{f"_{name}": Lower(name) for name in fields})
    found: dict[str, list[Any]] = defaultdict(list)
    written = sorted(set(named))
    asked = {name.lower() for name in written}
    for part in chunks(written):
        lower = [name.lower() for name in part]
        # As written too: SQLite's own lower case knows no letter but A to Z.
        match = Q(**{f"{model.USERNAME_FIELD}__in": part})
        for name in fields:
            match |= Q(**{f"_{name}__in": lower})
        for user in accounts.filter(match).order_by("pk"):
            for key in {str(getattr(user, name)).lower() for name in fields} & asked:
                if user not in found[key]:
                    found[key].append(user)
    return found


def chunks(items: Sequence[Item]) -> Iterator[Sequence[Item]]:
    """As many at a time as one statement takes."""
    return (items[i : i + CHUNK] for i in range(0, len(items), CHUNK))
