"""Memory and time are those of the processes that serve the port."""

from __future__ import annotations

import socket
import time

import psutil

from tests.load.processes import Watch, of_port


def test_the_process_that_listens_is_found_and_measured() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        found = of_port(server.getsockname()[1])
    assert found["web"].pid == psutil.Process().pid
    with Watch({"web": found["web"]}, every_s=0.05) as watch:
        ballast = bytearray(64 * 2**20)
        end = time.monotonic() + 0.3
        while time.monotonic() < end:
            pass
        del ballast
    row = watch.report()["web"]
    assert row["peak_mib"] >= row["first_mib"] + 60
    assert 0.3 < row["cpu"] <= 1.6


def test_a_port_that_nobody_serves_has_no_processes() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    assert of_port(port) == {}
