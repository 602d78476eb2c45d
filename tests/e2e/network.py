"""A network between browser and server that can go away: TCP, passed on until it is cut.

Or until the learner goes over to another network: what was connected is then silent for ever, and
nobody says so, but what connects anew comes through.
"""

from __future__ import annotations

import contextlib
import socket
import threading
from types import TracebackType

HOST = "127.0.0.1"
_MOST = 64 * 1024


class Network:
    """``with Network(port) as network:`` and browse ``network.address``."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._door = socket.create_server((HOST, 0))
        self._pairs: set[tuple[socket.socket, socket.socket]] = set()
        self._lock = threading.Lock()
        self._away = False
        self._era = 0  # connections of an earlier one are dead

    @property
    def address(self) -> str:
        return f"http://localhost:{self._door.getsockname()[1]}/"

    def __enter__(self) -> Network:
        threading.Thread(target=self._serve, daemon=True).start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._door.close()
        self.cut()

    def cut(self) -> None:
        """Every connection breaks, and no new one comes through until `mend`."""
        with self._lock:
            self._away = True
            pairs, self._pairs = self._pairs, set()
        for ends in pairs:
            _close(ends)

    def change(self) -> None:
        """The learner's address is another one now."""
        self._era += 1

    def mend(self) -> None:
        self._away = False

    def turn_to(self, port: int) -> None:
        """New connections go there; those that are open stay where they are."""
        self._port = port

    def _serve(self) -> None:
        while True:
            try:
                near, _ = self._door.accept()
            except OSError:  # the door is closed
                return
            self._pass_on(near)

    def _pass_on(self, near: socket.socket) -> None:
        if self._away:
            near.close()
            return
        far = socket.create_connection((HOST, self._port))
        with self._lock:
            self._pairs.add((near, far))
        for source, sink in ((near, far), (far, near)):
            pump = (source, sink, self._era)
            threading.Thread(target=self._pump, args=pump, daemon=True).start()

    def _pump(self, source: socket.socket, sink: socket.socket, era: int) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(_MOST):
                if era == self._era:
                    sink.sendall(data)
        if era == self._era:
            _close((source, sink))


def _close(ends: tuple[socket.socket, ...]) -> None:
    for end in ends:
        with contextlib.suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)
        end.close()
