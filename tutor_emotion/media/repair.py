"""Our own lines in the places of aiortc's jitter buffer and NACK generator.

aiortc calls both for each packet, the generator first, and sends what they ask for.
``tuning.mend_losses`` puts them in.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tutor_emotion.media.jitter import (
    Coded,
    Missing,
    PictureLine,
    Piece,
    SoundLine,
    begins_key_frame,
)

# What is ready for the decoder, and the payload type of the packet that made it so.
Deliver = Callable[[int, Coded], None]


@dataclass(slots=True)
class AskAgain:
    """A NACK generator that repeats itself. ``clock`` in seconds."""

    clock: Callable[[], float]
    numbers: Missing = field(default_factory=Missing)
    missing: list[int] = field(default_factory=list)

    def add(self, packet: Any) -> bool:
        now_s = self.clock()
        self.numbers.saw(packet.sequence_number, now_s)
        self.missing = self.numbers.due(now_s)
        return bool(self.missing)


@dataclass(slots=True)
class SoundBuffer:
    asking: AskAgain
    deliver: Deliver
    line: SoundLine = field(default_factory=SoundLine)

    def add(self, packet: Any) -> tuple[bool, None]:
        piece = Piece(packet.sequence_number, packet.timestamp, packet._data)
        patience_s = self.asking.numbers.patience_s
        for coded in self.line.add(piece, self.asking.clock(), patience_s):
            self.deliver(packet.payload_type, coded)
        return False, None


@dataclass(slots=True)
class PictureBuffer:
    """``codec_of`` names the codec of a payload type."""

    asking: AskAgain
    deliver: Deliver
    codec_of: Callable[[int], str]
    line: PictureLine = field(default_factory=PictureLine)

    def add(self, packet: Any) -> tuple[bool, None]:
        codec = self.codec_of(packet.payload_type)
        key = begins_key_frame(codec, packet.payload, packet._data)
        piece = Piece(
            packet.sequence_number, packet.timestamp, packet._data, bool(packet.marker), key
        )
        patience_s = self.asking.numbers.patience_s
        ready, ask_key = self.line.add(piece, self.asking.clock(), patience_s)
        for coded in ready:
            self.deliver(packet.payload_type, coded)
        return ask_key, None
