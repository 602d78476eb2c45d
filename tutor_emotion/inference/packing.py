"""A waiting Window as bytes, and back: msgpack, crops as JPEG, nothing that could execute."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

import cv2
import msgpack
import numpy as np

from tutor_emotion.conf import get_settings
from tutor_emotion.core.types import FaceCrop, TextMessage, UInt8Image, Utterance, Window
from tutor_emotion.inference import schema
from tutor_emotion.inference.schema import SchemaMismatch, schema_of
from tutor_emotion.telemetry import traces

# AttributeError: msgpack that is whole, and no mapping.
UNREADABLE = (
    ValueError,
    TypeError,
    LookupError,
    AttributeError,
    msgpack.UnpackException,
    cv2.error,
)
JPEG_QUALITY = 92


@dataclass(frozen=True, slots=True, eq=False)
class Waiting:
    """A Window that waits: where its Readings go, and what they are of."""

    reply_to: str
    window: Window
    trace: str = ""  # a ``traceparent``, where it is traced


def pack_window(reply_to: str, window: Window) -> bytes:
    """A Window without its utterances, as msgpack; crops are JPEG (about 9 kB each)."""
    return cast(
        bytes,
        msgpack.packb(
            {
                "schema": schema.SCHEMA,
                "reply_to": reply_to,
                "trace": traces.here(),
                "seq": window.seq,
                "start_s": window.start_s,
                "end_s": window.end_s,
                "face": window.face,
                "voice": window.voice,
                "frames_sampled": window.frames_sampled,
                "other_faces": window.other_faces,
                "crops": [_pack_crop(crop) for crop in window.crops],
                "messages": [(message.at_s, message.text) for message in window.messages],
            }
        ),
    )


def _pack_crop(crop: FaceCrop) -> dict[str, Any]:
    image = cv2.cvtColor(crop.pixels, cv2.COLOR_RGB2BGR)
    _, jpeg = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])
    return {
        "at_s": crop.at_s,
        "media_s": crop.media_s,
        "scale": crop.scale,
        "roll_deg": crop.roll_deg,
        "quality": crop.quality,
        "jpeg": jpeg.tobytes(),
    }


def _unpack_crop(row: dict[str, Any]) -> FaceCrop:
    jpeg = np.frombuffer(row.pop("jpeg"), np.uint8)
    image = cast(UInt8Image, cv2.imdecode(jpeg, cv2.IMREAD_COLOR))
    return FaceCrop(pixels=cast(UInt8Image, cv2.cvtColor(image, cv2.COLOR_BGR2RGB)), **row)


def pack_utterance(utterance: Utterance, now_unix_s: float) -> bytes:
    """16-bit samples as they are, with the time from which their age counts."""
    return cast(
        bytes,
        msgpack.packb(
            {
                "unix_s": now_unix_s,
                "start_s": utterance.start_s,
                "end_s": utterance.end_s,
                "gap_share": utterance.gap_share,
                "quality": utterance.quality,
                "samples": utterance.samples.tobytes(),
                "usual": utterance.usual,
            }
        ),
    )


def _unpack_utterances(rows: Sequence[bytes], now_unix_s: float) -> tuple[Utterance, ...]:
    out = []
    for row in map(msgpack.unpackb, rows):
        if now_unix_s - row.pop("unix_s") <= get_settings().UTTERANCE_MAX_AGE_S:
            row["samples"] = np.frombuffer(row["samples"], np.int16)
            row["usual"] = tuple(map(float, row.get("usual", ())))
            out.append(Utterance(**row))
    return tuple(out)


@dataclass(frozen=True, slots=True)
class Refused:
    """A Window of another version: where that is said, of which, and why."""

    reply_to: str
    seq: int
    error: SchemaMismatch


def unpack(head: bytes, speech: Sequence[bytes], now_unix_s: float) -> Waiting | Refused:
    """A Window with those of its utterances that are not too old. Raises one of ``UNREADABLE``."""
    row = msgpack.unpackb(head)
    reply_to, theirs = row.pop("reply_to"), schema_of(row.pop("schema", 0))
    if theirs != schema.SCHEMA:
        return Refused(reply_to, int(row["seq"]), SchemaMismatch("a Window", theirs))
    trace = str(row.pop("trace", ""))
    crops = tuple(_unpack_crop(crop) for crop in row.pop("crops"))
    utterances = _unpack_utterances(speech, now_unix_s)
    messages = tuple(TextMessage(at_s, text) for at_s, text in row.pop("messages", ()))
    window = Window(crops=crops, utterances=utterances, messages=messages, **row)
    return Waiting(reply_to, window, trace)
