"""A real relay for tests: Debian's coturn with the configuration that we ship, on this machine."""

from __future__ import annotations

import shutil
import socket
import subprocess
import tempfile
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tutor_emotion.conf import Settings
from tutor_emotion.media.turn import browser_ice_servers

HOST = "127.0.0.1"
SHIPPED = Path(__file__).resolve().parents[1] / "docker" / "turnserver.conf"
SECRET = "between the tests and coturn"
# Addresses of the container network, which are this machine's own here.
_ELSEWHERE = ("listening-port", "relay-ip", "allowed-peer-ip", "denied-peer-ip")

needs_coturn = pytest.mark.skipif(
    shutil.which("turnserver") is None,
    reason="no TURN server on this machine; as root: apt-get install coturn",
)


class Turn:
    """``with Turn() as turn``. ``udp=False``: as behind a firewall that lets no UDP through.

    ``host``: an address of this machine, at which the web server can be reached, too.
    """

    def __init__(self, *, udp: bool = True, host: str = HOST) -> None:
        self.host = host
        self.port = _free_port(host)
        self._udp = udp
        self._process: subprocess.Popen[bytes] | None = None
        self._folder = tempfile.TemporaryDirectory(prefix="coturn-")

    def urls(self, transport: str) -> list[str]:
        return [f"turn:{self.host}:{self.port}?transport={transport}"]

    def ice_server(self, transport: str, secret: str = SECRET) -> dict[str, Any]:
        """What a browser is told of it, with credentials by ``media/turn.py``."""
        settings = Settings(TURN_URLS=self.urls(transport), TURN_SECRET=secret)
        (server,) = browser_ice_servers(settings, time.time())
        return server

    def __enter__(self) -> Turn:
        self.start()
        return self

    def __exit__(self, *error: object) -> None:
        self.stop()
        self._folder.cleanup()

    def start(self) -> None:
        folder = Path(self._folder.name)
        kept = [
            line
            for line in SHIPPED.read_text().splitlines()
            if line.partition("=")[0] not in _ELSEWHERE
        ]
        conf = folder / "turnserver.conf"
        conf.write_text("\n".join([*kept, *self._here(folder)]) + "\n")
        with (folder / "out").open("wb") as out:
            self._process = subprocess.Popen(
                ["turnserver", "-c", str(conf)], stdout=out, stderr=out, cwd=folder
            )
        end = time.monotonic() + 10
        while not self._answers():
            said = (folder / "out").read_text(errors="replace")
            ended = self._process.poll() is not None or time.monotonic() > end
            assert not ended, said[-2000:]
            time.sleep(0.05)

    def stop(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait(10)
            self._process = None

    def _here(self, folder: Path) -> list[str]:
        return [
            f"listening-port={self.port}",
            f"listening-ip={self.host}",
            f"relay-ip={self.host}",
            f"allowed-peer-ip={self.host}",
            "allow-loopback-peers",
            f"static-auth-secret={SECRET}",
            f"pidfile={folder / 'pid'}",
            f"userdb={folder / 'db'}",
            *([] if self._udp else ["no-udp"]),
        ]

    def _answers(self) -> bool:
        """It listens for TCP once everything else is ready."""
        with closing(socket.socket()) as probe:
            return probe.connect_ex((self.host, self.port)) == 0


def _free_port(host: str) -> int:
    with closing(socket.socket()) as probe:
        probe.bind((host, 0))
        return int(probe.getsockname()[1])
