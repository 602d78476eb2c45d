"""Django signals that a host's lesson engine connects to; sent after the row is committed.

``affect_signal``: ``sender`` is the Session class, with ``session`` (Session row),
``record`` (AffectSignalRecord row). Django keeps the name ``signal`` for itself.
``adaptation``: likewise, with ``record`` (AdaptationRecord row).
"""

from __future__ import annotations

from django.dispatch import Signal

affect_signal = Signal()
adaptation = Signal()
