"""Django signals that a host's lesson engine connects to; sent after the row is committed.

``affect_signal``: ``sender`` is the Session class, with ``session`` (Session row),
``record`` (AffectSignalRecord row). Django keeps the name ``signal`` for itself.
``adaptation``: likewise, with ``record`` (AdaptationRecord row).

``learner_erased``: sent in the transaction of the erasure, with ``learner_id``; erase what you keep
of them. An exception takes everything back, so that nobody is half erased. ``learner_exported``:
with ``learner_id``; return tables of what you keep, ``{title: [{column: value}, …]}``. An app whose
tables have a line of ``services.kept`` needs neither.
"""

from __future__ import annotations

from django.dispatch import Signal

affect_signal = Signal()
adaptation = Signal()
learner_erased = Signal()
learner_exported = Signal()
