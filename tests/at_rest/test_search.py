"""The search finds marked media in whatever it was packed, and nothing where there is none."""

from __future__ import annotations

import base64
import gzip
import json
import os
import sqlite3
from collections.abc import Callable
from pathlib import Path

import av
import cv2
import msgpack
import numpy as np
import pytest

from tests.at_rest import marks
from tests.at_rest.search import find, in_picture
from tutor_emotion.media.cropping import FaceCropper
from tutor_emotion.simulate.clips import Clip

Wrap = Callable[[bytes], bytes]
SHAPES = (
    cv2.COLOR_RGB2BGR,
    cv2.COLOR_RGB2GRAY,
    cv2.COLOR_RGB2YUV_I420,
    cv2.COLOR_RGB2RGBA,
)
NOISE = np.random.default_rng(1).bytes(70_001)


@pytest.fixture(scope="module")
def sent(tmp_path_factory: pytest.TempPathFactory) -> marks.Sent:
    return marks.sent(tmp_path_factory.mktemp("marked"))


@pytest.fixture(scope="module")
def frame(sent: marks.Sent) -> marks.Image:
    """The picture as it comes out of the network."""
    return decoded(sent.video, "vp8")[-1].to_ndarray(format="rgb24")


@pytest.fixture(scope="module")
def crop(frame: marks.Image, settings_weights: Path) -> marks.Image:
    seen = FaceCropper(settings_weights).look(frame, at_s=0.0, media_s=0.0)
    assert seen.crop is not None
    return seen.crop.pixels


@pytest.fixture(scope="module")
def settings_weights() -> Path:
    from tutor_emotion.conf import get_settings

    return get_settings().WEIGHTS_DIR


def decoded(clip: Clip, codec: str) -> list[av.VideoFrame]:
    decoder = av.CodecContext.create(codec, "r")
    return [frame for packet in clip.packets for frame in decoder.decode(av.Packet(packet))]


def heard(clip: Clip) -> np.ndarray:
    """The sound as the ingest hears it: through Opus, 16 kHz."""
    resampler = av.AudioResampler(format="s16", layout="mono", rate=16_000)
    frames = decoded(clip, "libopus")
    return np.concatenate([r.to_ndarray()[0] for f in frames for r in resampler.resample(f)])


def as_jpeg(picture: marks.Image) -> bytes:
    return encoded(picture, ".jpg", [cv2.IMWRITE_JPEG_QUALITY, 92])


def encoded(picture: marks.Image, suffix: str, options: list[int]) -> bytes:
    return cv2.imencode(suffix, cv2.cvtColor(picture, cv2.COLOR_RGB2BGR), options)[1].tobytes()


# --- pictures -------------------------------------------------------------------------------------


@pytest.mark.parametrize("suffix", [".jpg", ".png", ".webp"])
def test_a_crop_is_found_as_a_file_in_the_middle_of_others(crop: marks.Image, suffix: str) -> None:
    assert find(NOISE + encoded(crop, suffix, []) + NOISE) - {"jpeg"} == {"face"}


@pytest.mark.parametrize("quality", [95, 60, 30])
def test_a_poor_jpeg_is_still_found(crop: marks.Image, quality: int) -> None:
    assert "face" in find(encoded(crop, ".jpg", [cv2.IMWRITE_JPEG_QUALITY, quality]))


@pytest.mark.parametrize("size", [128, 192, 224])
@pytest.mark.parametrize("shape", SHAPES)
def test_raw_pixels_are_found_in_any_order(crop: marks.Image, size: int, shape: int) -> None:
    raw = cv2.cvtColor(cv2.resize(crop, (size, size)), shape).tobytes()
    assert "face" in find(b"before" + raw + b"after")


def test_the_whole_frame_shows_the_room_and_the_crop_does_not(
    frame: marks.Image, crop: marks.Image
) -> None:
    assert "room" in in_picture(frame[:, :70])
    assert "room" in in_picture(frame[:, 250:])
    assert "room" in find(as_jpeg(frame[:, :90]))
    assert find(as_jpeg(crop)) == {"face", "jpeg"}


# --- sound ----------------------------------------------------------------------------------------


def mu_law(sound: np.ndarray) -> bytes:
    encoder = av.CodecContext.create("pcm_mulaw", "w")
    encoder.format, encoder.layout, encoder.sample_rate = "s16", "mono", 16_000
    frame = av.AudioFrame.from_ndarray(sound[None], format="s16", layout="mono")
    frame.sample_rate = 16_000
    return b"".join(bytes(packet) for packet in encoder.encode(frame))


@pytest.mark.parametrize(
    "shape",
    [
        lambda s: s.astype("<i2").tobytes(),
        lambda s: s.astype(">i2").tobytes(),
        lambda s: b"x" + s.astype("<i2").tobytes(),
        lambda s: (s / 32768).astype("<f4").tobytes(),
        lambda s: b"xyz" + (s / 32768).astype("<f4").tobytes(),
        lambda s: np.repeat(s.astype("<i2"), 2).tobytes(),
        mu_law,
    ],
    ids=["int16", "big-endian", "odd byte", "float32", "three bytes on", "stereo", "mu-law"],
)
def test_an_utterance_is_found_as_any_samples(
    sent: marks.Sent, shape: Callable[[np.ndarray], bytes]
) -> None:
    sound = heard(sent.sound)[16_000:40_000]
    assert "voice" in find(NOISE + shape(sound))


def test_the_packets_of_the_network_are_found(sent: marks.Sent) -> None:
    packets = sent.packets
    assert len(packets) > 200
    assert find(NOISE + sent.video.packets[0] + NOISE, packets) == {"packet"}
    assert find(NOISE + sent.sound.packets[99], packets) == {"packet"}
    assert find(NOISE, packets) == set()


# --- wrapped --------------------------------------------------------------------------------------

WRAPS: tuple[Wrap, ...] = (
    base64.b64encode,
    lambda b: base64.urlsafe_b64encode(b).rstrip(b"="),
    lambda b: b.hex().encode(),
    lambda b: repr(b).encode(),
    lambda b: json.dumps({"body": base64.b64encode(b).decode()}).encode(),
    lambda b: gzip.compress(b),
    lambda b: msgpack.packb({"jpeg": b}),
    lambda b: str(list(b)).encode(),
)


@pytest.mark.parametrize("wrap", WRAPS)
def test_what_is_wrapped_is_unwrapped(crop: marks.Image, sent: marks.Sent, wrap: Wrap) -> None:
    log = b"2026-11-28 10:00:00 ERROR worker: "
    assert "face" in find(log + wrap(as_jpeg(crop)) + b"\n" + log)
    sound = heard(sent.sound)[16_000:24_000].astype("<i2").tobytes()
    assert "voice" in find(log + wrap(sound) + b"\n")


def test_numbers_that_a_traceback_would_print_are_found(sent: marks.Sent) -> None:
    sound = heard(sent.sound)[16_000:24_000]
    assert "voice" in find(f"samples = array({sound.tolist()}, dtype=int16)".encode())
    floats = np.round(sound / 32768, 5).tolist()
    assert "voice" in find(f"x = {floats}".encode())


# --- the kinds of places: planted, and found ------------------------------------------------------


def test_a_row_of_a_database_is_found(tmp_path: Path, crop: marks.Image) -> None:
    path = tmp_path / "db.sqlite3"
    with sqlite3.connect(path) as database:
        database.execute("PRAGMA journal_mode=WAL")
        database.execute("CREATE TABLE t (b BLOB)")
        database.execute("INSERT INTO t VALUES (?)", [as_jpeg(crop)])
        database.commit()
        wal = Path(f"{path}-wal").read_bytes()
        assert "jpeg" in find(wal)
    database.close()
    assert "jpeg" in find(path.read_bytes())


# --- and nothing else -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "innocent",
    [
        NOISE,
        b"2026-11-28 10:00:00 INFO worker ready in 3.1 s\n" * 4000,
        json.dumps([{"measure": "pause_ratio", "value": 0.31, "z": 1.2}] * 2000).encode(),
        base64.b64encode(NOISE),
        NOISE.hex().encode(),
        bytes(200_000),
        os.urandom(300_000),
    ],
)
def test_there_is_nothing_where_nothing_is(innocent: bytes, sent: marks.Sent) -> None:
    assert find(innocent, sent.packets) == set()


def test_a_database_of_many_like_rows_is_not_taken_for_a_picture(
    tmp_path: Path, sent: marks.Sent
) -> None:
    path = tmp_path / "db.sqlite3"
    with sqlite3.connect(path) as database:
        database.execute("CREATE TABLE t (a INTEGER, b TEXT, c REAL, d TEXT)")
        rows = ((n, f"hint_request {n % 7}", n / 3, "2026-11-28 10:00:00") for n in range(9000))
        database.executemany("INSERT INTO t VALUES (?, ?, ?, ?)", rows)
    database.close()
    assert find(path.read_bytes(), sent.packets) == set()


def test_a_face_and_a_voice_without_marks_are_not_taken_for_it(sent: marks.Sent) -> None:
    plain = marks.picture(marked=False)
    assert find(as_jpeg(plain), sent.packets) == {"jpeg"}
    assert find(plain.tobytes(), sent.packets) == set()
    assert find(marks.voice(16_000, marked=False).tobytes(), sent.packets) == set()
