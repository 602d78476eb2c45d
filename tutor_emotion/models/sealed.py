"""Rows of which a part is sealed with their learner's own key.

A model names who its learner is (``OWNER``) and what lies inside (``Inside``). What lies inside is
read and given like any field, but the database has only one token of it: no query can ask for it.
A row whose key is gone reads as its defaults, and says so (``is_erased``).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import Any, ClassVar, Generic, Self, TypeVar, overload

from django.db import IntegrityError, models
from django.db.models.query import ModelIterable

from tutor_emotion.errors import Unavailable
from tutor_emotion.models.keyring import box_of, boxes_of
from tutor_emotion.sealing import Box

T = TypeVar("T")
Row = TypeVar("Row", bound="SealedModel", covariant=True)
ERASED = "erased"
CHUNK = 2_000  # rows whose keys are read at once


class Inside(property, Generic[T]):
    """A value of the sealed part: what JSON can carry. ``default()``: where nothing was given."""

    def __init__(self, default: Callable[[], T]) -> None:
        super().__init__(self._read, self._give)
        self.default = default

    def __set_name__(self, owner: type[SealedModel], name: str) -> None:
        self.name = name
        owner.INSIDE = (*owner.INSIDE, name)

    @overload
    def __get__(self, row: None, owner: type | None = None) -> Inside[T]: ...
    @overload
    def __get__(self, row: SealedModel, owner: type | None = None) -> T: ...
    def __get__(self, row: SealedModel | None, owner: type | None = None) -> T | Inside[T]:
        return self if row is None else self._read(row)

    def _read(self, row: SealedModel) -> T:
        value: T = row.opened().setdefault(self.name, self.default())
        return value

    def _give(self, row: SealedModel, value: T) -> None:
        row.opened()[self.name] = value


class _Batch:
    """Rows that were read together: the first that is opened fetches the keys of all."""

    def __init__(self, rows: Sequence[SealedModel]) -> None:
        self.rows = rows
        self._boxes: dict[Any, Box] | None = None

    def box(self, row: SealedModel) -> Box | None:
        if self._boxes is None:
            self._boxes = _boxes(self.rows)
        return self._boxes.get(row.place_id)


class _Together(ModelIterable):  # type: ignore[type-arg] # no generic at runtime
    def __iter__(self) -> Iterator[Any]:
        rows = super().__iter__()
        while some := list(islice(rows, CHUNK)):
            batch = _Batch(some)
            for row in some:
                row.batch = batch
            yield from some


class SealedQuerySet(models.QuerySet[Row]):
    """Rows share the reading of their keys: two or three queries, however many rows."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._iterable_class = _Together

    def bulk_create(self, objs: Iterable[Any], *args: Any, **kwargs: Any) -> list[Any]:
        rows = list(objs)
        seal(rows)
        return super().bulk_create(rows, *args, **kwargs)


class SealedModel(models.Model):
    """``OWNER`` is the field that is the learner, or leads to them (``session__learner``)."""

    OWNER: ClassVar[str]
    INSIDE: ClassVar[tuple[str, ...]] = ()  # names, in their order
    batch: _Batch | None = None
    _opened: dict[str, Any] | None = None
    _is_erased = False

    sealed = models.BinaryField(default=b"", editable=False)
    objects = SealedQuerySet.as_manager()

    class Meta:
        abstract = True
        base_manager_name = "objects"  # whoever reads rows for others reads their keys at once, too

    def save(self, *args: Any, **kwargs: Any) -> None:
        if "sealed" in (kwargs.get("update_fields") or ("sealed",)):
            seal([self])
        super().save(*args, **kwargs)

    @property
    def is_erased(self) -> bool:
        """Whether nothing can open it any more: its key was destroyed, or it was tampered with."""
        self.opened()
        return self._is_erased

    @property
    def place_id(self) -> Any:
        """Key of the row that leads to the learner; a token opens only under the same one."""
        hop: Any = self._meta.get_field(self.OWNER.partition("__")[0])
        return hop.to_python(getattr(self, hop.attname))  # a row that is made may have text

    @property
    def place(self) -> str:
        return f"{self._meta.label_lower}:{self.place_id}"

    def opened(self) -> dict[str, Any]:
        """What lies inside, as far as it was given.

        Raises:
            BadInput: ``no_master_key``, ``bad_master_key``.
            Unavailable: ``not_opened``, when no master key opens the learner's key.
        """
        if self._opened is None:
            self._opened = self._open() if self.sealed else {}
        return self._opened

    def holding(self, **inside: Any) -> Self:
        """The row, with these inside it."""
        for name, value in inside.items():
            setattr(self, name, value)
        return self

    def refresh_from_db(self, *args: Any, **kwargs: Any) -> None:
        super().refresh_from_db(*args, **kwargs)
        self._opened, self._is_erased = None, False

    def _open(self) -> dict[str, Any]:
        box = (self.batch or _Batch([self])).box(self)
        try:
            if box is not None:
                inside: dict[str, Any] = box.open(self.sealed, self.place)
                return inside
        except Unavailable:
            pass
        self._is_erased = True
        return {}


def seal(rows: Sequence[SealedModel]) -> None:
    """Close what was given or changed; the keys of all are read at once.

    Raises:
        BadInput: ``no_master_key``, ``bad_master_key``.
        IntegrityError: the row that leads to the learner is gone.
    """
    changed = [r for r in rows if r._opened is not None or not r.sealed]
    changed = [r for r in changed if not r._is_erased]
    if not changed:
        return
    boxes = _boxes(changed, make=True)
    for row in changed:
        box = boxes.get(row.place_id)
        if box is None:
            raise IntegrityError(f"the row that a {row._meta.label_lower} belongs to is gone")
        row.sealed = box.seal(row.opened(), row.place)


def _boxes(rows: Sequence[SealedModel], *, make: bool = False) -> dict[Any, Box]:
    """Boxes by ``place_id``. ``make``: a learner without a key gets one."""
    owners = _owners(rows)
    boxes = boxes_of(owners.values())
    if make:
        boxes |= {one: box_of(one) for one in set(owners.values()) - set(boxes)}
    return {place: boxes[one] for place, one in owners.items() if one in boxes}


def _owners(rows: Sequence[SealedModel]) -> dict[Any, Any]:
    """Learners by ``place_id``; a row that leads to them may be gone."""
    model = type(rows[0])
    hop, _, rest = model.OWNER.partition("__")
    places = {row.place_id for row in rows}
    if not rest:
        return {place: place for place in places}
    leads: Any = model._meta.get_field(hop).related_model
    found = leads._base_manager.filter(pk__in=places).values_list("pk", f"{rest}_id")
    return dict(found)
