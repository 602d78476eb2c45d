"""A port of its own for the scrape: what the public proxy in front cannot reach."""

from __future__ import annotations

import logging
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from tutor_emotion.conf import get_settings
from tutor_emotion.telemetry import exposition
from tutor_emotion.telemetry.exposition import Role

log = logging.getLogger(__name__)
SLOWEST_S = 5.0


class _Scrape(BaseHTTPRequestHandler):
    timeout = SLOWEST_S  # a client that never finishes its request
    server_version = "tutor-emotion"
    sys_version = ""

    def do_GET(self) -> None:
        if self.path != "/metrics":
            self._answer(404, b"")
        elif get_settings().METRICS_TOKEN and not exposition.may_read(
            self.headers.get("Authorization", "")
        ):
            self._answer(401, b"")
        else:
            self._answer(200, exposition.text())

    def _answer(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", exposition.CONTENT_TYPE)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Addresses and paths are nobody's business."""


def serve(role: Role) -> ThreadingHTTPServer | None:
    """Serve ``/metrics`` from a thread on METRICS_PORT, where one is set; the server, or None.

    One process, one port: of several processes of one machine each has its own in its environment.
    """
    exposition.build(role)
    settings = get_settings()
    port_number = settings.METRICS_PORT
    if not port_number:
        return None
    try:
        server = ThreadingHTTPServer((settings.METRICS_HOST, port_number), _Scrape)
    except OSError as error:
        log.warning(
            "no metrics of this process: port %d is not to be had: %s",
            port_number,
            type(error).__name__,
        )
        return None
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, name="metrics", daemon=True).start()
    return server
