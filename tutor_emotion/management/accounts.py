"""Accounts of simulated learners, in this project's own database."""

from __future__ import annotations

from typing import Any

from django.contrib.auth import get_user_model
from django.db import DatabaseError
from django.utils.crypto import salted_hmac

from tutor_emotion.errors import NotAllowed, Unavailable
from tutor_emotion.models import LearnerRecord


def account(name: str) -> str:
    """Make the account where there is none; returns its password, which follows from SECRET_KEY.

    It stays the same from run to run: a new one would sign out a run that goes on beside this one.

    Raises:
        NotAllowed: ``account_taken``, where the name is somebody else's.
        Unavailable: ``no_database``.
    """
    password = salted_hmac("tutor_emotion.simulate_learner", name, algorithm="sha256").hexdigest()
    model = get_user_model()
    try:
        wanted: dict[str, Any] = {model.USERNAME_FIELD: name}
        user, made = model.objects.get_or_create(**wanted)
        if made:
            user.set_password(password)
            user.save(update_fields=["password"])
            # Nobody's child: a profile that asks nothing of minors lets it try everything.
            LearnerRecord.objects.create(learner=user, age_band="adult")
    except DatabaseError:
        raise Unavailable(
            "no_database",
            "The accounts could not be made in this project's database.",
            hint="Run `manage.py migrate`, or give --user and --password.",
        ) from None
    if not user.check_password(password):
        raise NotAllowed(
            "account_taken",
            f"There is an account {name} already that this command did not make.",
            hint="Choose other numbers with --first, or delete it if SECRET_KEY has changed.",
        )
    return password
