"""docker/Caddyfile on this machine, where Debian's caddy is installed: two servers behind it."""

from __future__ import annotations

import http.server
import os
import shutil
import socket
import subprocess
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from tutor_emotion.demo.children import tied_to_parent
from tutor_emotion.demo.valkey import free_port

ROOT = Path(__file__).resolve().parents[2]
CADDY = shutil.which("caddy")
pytestmark = pytest.mark.skipif(CADDY is None, reason="needs caddy (apt-get install caddy)")


class Echo(http.server.BaseHTTPRequestHandler):
    """Says what reached it; answers an upgrade as a websocket's server does."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        if self.headers.get("Upgrade") == "websocket":
            self.send_response(101)
            self.send_header("Upgrade", "websocket")
            self.send_header("Connection", "Upgrade")
            self.end_headers()
            self.wfile.write(self.rfile.read(4))
            return
        body = f"{self.headers.get('X-Forwarded-Proto')} {self.headers.get('X-Forwarded-For')}"
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body.encode())

    def log_message(self, *_: object) -> None:
        """Quiet."""


@pytest.fixture(scope="module")
def proxy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """Its port; the ports of the file are another's in a container, and any here."""
    folder = tmp_path_factory.mktemp("caddy")
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Echo)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    port = free_port()
    text = (ROOT / "docker" / "Caddyfile").read_text()
    assert "http_port 8080" in text
    conf = folder / "Caddyfile"
    conf.write_text(
        text.replace("http_port 8080", f"http_port {port}").replace(
            "https_port 8443", f"https_port {free_port()}"
        )
    )
    env = {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "SITE_ADDRESS": "http://localhost",
        "WEB_NAME": "localhost",
        "WEB_PORT": str(server.server_port),
    }
    command = [str(CADDY), "run", "--config", str(conf), "--adapter", "caddyfile"]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            command, env=env, stdout=log, stderr=log, preexec_fn=tied_to_parent()
        )
    end = time.monotonic() + 20
    while True:
        try:
            ask(port)
            break
        except (urllib.error.URLError, OSError):
            assert process.poll() is None, (folder / "log").read_text()
            assert time.monotonic() < end, (folder / "log").read_text()
            time.sleep(0.05)
    yield port
    process.terminate()
    process.wait(10)
    server.shutdown()


def ask(port: int, **headers: str) -> str:
    request = urllib.request.Request(f"http://localhost:{port}/")
    for name, value in headers.items():
        request.add_header(name.replace("_", "-"), value)
    with urllib.request.urlopen(request, timeout=5) as answer:
        return str(answer.read().decode())


def test_it_says_by_itself_how_and_from_where_somebody_came(proxy: int) -> None:
    said = ask(proxy, X_Forwarded_Proto="https", X_Forwarded_For="203.0.113.9")
    assert said.split()[0] == "http", "a stranger's word is not passed on"
    assert "203.0.113.9" not in said


def test_it_carries_a_websocket(proxy: int) -> None:
    with socket.create_connection(("localhost", proxy), timeout=5) as line:
        line.sendall(
            b"GET /ws/ HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\n"
            b"Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
            b"Sec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==\r\n\r\n"
        )
        assert line.recv(4096).startswith(b"HTTP/1.1 101")
        line.sendall(b"ping")
        assert line.recv(4) == b"ping"


@pytest.mark.skipif(shutil.which("nc") is None, reason="needs netcat-openbsd")
def test_composes_check_says_whether_it_listens(proxy: int) -> None:
    """Its words out of compose.yaml, on this proxy's port and on nobody's."""
    services = yaml.safe_load((ROOT / "docker" / "compose.yaml").read_text())["services"]
    shell, script = services["proxy"]["healthcheck"]["test"]
    assert (shell, script.split()[-1]) == ("CMD-SHELL", "8443")

    def code(port: int) -> int:
        return subprocess.run(["sh", "-c", script.replace("8443", str(port))]).returncode

    assert code(proxy) == 0
    assert code(free_port()) != 0
