"""What strangers send is no fault of ours: it gets a line in the log, not a traceback."""

from __future__ import annotations

import logging


class BriefAboutStrangers(logging.Filter):
    """Of a request that was refused (a host that is none, a form that is broken): one line.

    Django logs some of them as errors with thirty lines of traceback, so that anybody could fill
    the log and bury what matters.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        refused = record.name == "django.request" and record.levelno < logging.ERROR
        if refused or record.name.startswith("django.security"):
            record.exc_info = record.exc_text = None
            record.levelno, record.levelname = logging.WARNING, "WARNING"
        return True


class NoSocketsAddress(logging.Filter):
    """Not uvicorn's line of each websocket, which has its learner's address and session."""

    def filter(self, record: logging.LogRecord) -> bool:
        return not (record.name.startswith("uvicorn") and "WebSocket" in str(record.msg))
