"""Logs as JSON lines, for whoever collects them. Tracebacks are as ``faults.Formatter`` has it."""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime

from tutor_emotion import faults
from tutor_emotion.telemetry import traces

OURS = "tutor_emotion"


class JsonFormatter(faults.Formatter):
    """One object a line: ``at``, ``level``, ``logger``, ``message``; of our own lines ``event``,
    their constant text, to count them by; ``error`` for a traceback; ``trace``, where there is
    one."""

    def format(self, record: logging.LogRecord) -> str:
        said: dict[str, object] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "process": record.process,
            "message": record.getMessage(),
        }
        if record.name.split(".")[0] == OURS:
            said["event"] = str(record.msg)
        if record.exc_info:
            said["error"] = self.formatException(record.exc_info)
        if trace := traces.trace_id():
            said["trace"] = trace
        return json.dumps(said, ensure_ascii=False)
