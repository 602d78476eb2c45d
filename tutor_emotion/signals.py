"""Django signals that a host's lesson engine connects to; sent after the row is committed.

``affect_signal``: ``sender`` is the Session class, with ``session`` (Session row),
``signal`` (AffectSignalRecord row).
``adaptation``: likewise with ``adaptation`` (AdaptationRecord row).
"""

from __future__ import annotations

from django.dispatch import Signal

affect_signal = Signal()
adaptation = Signal()
