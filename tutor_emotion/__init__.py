"""Affect-aware pacing for Django tutoring platforms, with consent, without a camera too."""

__version__ = "0.1.0"
