"""Sessions that have been, as their rows tell them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.utils import timezone

from tutor_emotion.models import (
    AdaptationRecord,
    AffectSignalRecord,
    EventRecord,
    Session,
)


def ago(session: Session, *, minutes: float, ended: bool = True) -> Session:
    """The session as one that began ``minutes`` ago, and took ten."""
    began = timezone.now() - timedelta(minutes=minutes)
    ended_at = began + timedelta(minutes=10) if ended else None
    Session.objects.filter(pk=session.pk).update(started_at=began, ended_at=ended_at)
    session.refresh_from_db()
    return session


class Story:
    """Writes down what happened in a session, with the clocks that the rows would have."""

    def __init__(self, session: Session, *, clock_began_s: float = 0.0) -> None:
        self.session, self.clock_began_s = session, clock_began_s

    def _made(self, row: Any) -> Any:
        at = self.session.started_at + timedelta(seconds=self.clock_began_s + row.at_s)
        type(row).objects.filter(pk=row.pk).update(created_at=at)
        return row

    def event(self, kind: str, at_s: float, step: str = "", **columns: Any) -> Story:
        data = columns.pop("data", {})
        self._made(
            EventRecord.objects.create(
                session=self.session, kind=kind, at_s=at_s, step=step, data=data, **columns
            )
        )
        return self

    def shown(self, at_s: float, step: str, title: str = "", **data: Any) -> Story:
        return self.event("StepShown", at_s, step, data={"title": title, **data})

    def answer(
        self, at_s: float, step: str, *, right: bool, took_s: float = 10.0, **data: Any
    ) -> Story:
        return self.event("Answer", at_s, step, correct=right, took_s=took_s, data=data)

    def hint(self, at_s: float, step: str, level: int = 1) -> Story:
        return self.event("HintRequest", at_s, step, data={"level": level, "bottom_out": False})

    def signal(self, at_s: float, kind: str, edge: str = "raised", **fields: Any) -> Story:
        values = {"confidence": 0.7, "coverage": 0.8} | fields
        self._made(
            AffectSignalRecord.objects.create(
                session=self.session, kind=kind, edge=edge, at_s=at_s, **values
            )
        )
        return self

    def offer(self, at_s: float, number: int, kind: str = "hint", **fields: Any) -> Story:
        values = {"mode": "offer"} | fields
        self._made(
            AdaptationRecord.objects.create(
                session=self.session, number=number, kind=kind, at_s=at_s, **values
            )
        )
        return self
