"""Tells other services, over HTTPS and signed, what a host's own receivers hear as Django signals.

``sending`` (after commit, in the process that has the session) → a Celery task with ids alone →
``message`` (what is said, and its signature) → ``posting`` (to a public address, once).
"""
