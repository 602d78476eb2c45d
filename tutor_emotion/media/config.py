"""What a Peer is told when it is made: limits and places, from the one door for settings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aiortc import RTCIceServer
from aiortc.rtcicetransport import connection_kwargs

from tutor_emotion.conf import Settings
from tutor_emotion.errors import BadInput


@dataclass(frozen=True, slots=True)
class PeerConfig:
    """Limits of one Peer. ``ice_servers`` are RTCIceServer dictionaries; empty means none."""

    weights_dir: Path
    connect_timeout_s: float = 15.0
    frame_watchdog_s: float = 3.0
    stalled_close_s: float = 20.0
    max_frame_width: int = 320
    max_frame_height: int = 240
    utterance_max_age_s: float = 10.0
    ice_servers: tuple[Mapping[str, Any], ...] = ()
    loopback_only: bool = False
    video_kbps: int = 150
    audio_kbps: int = 24
    audio_ptime_ms: int = 60  # half the work of 20; what is lost is asked for again


def peer_config(settings: Settings) -> PeerConfig:
    """The PeerConfig of the project's settings.

    Raises:
        BadInput: ``bad_settings``, if ``ICE_SERVERS`` is not a list of RTCIceServer dictionaries.
    """
    try:
        connection_kwargs([RTCIceServer(**server) for server in settings.ICE_SERVERS])
    except (TypeError, ValueError, AttributeError) as error:
        raise BadInput(
            "bad_settings",
            "TUTOR_EMOTION['ICE_SERVERS'] has a server that cannot be read.",
            hint='Each is {"urls": "stun:host:port"}, with username and credential for turn:.',
        ) from error
    return PeerConfig(
        weights_dir=settings.WEIGHTS_DIR,
        connect_timeout_s=settings.CONNECT_TIMEOUT_S,
        frame_watchdog_s=settings.FRAME_WATCHDOG_S,
        stalled_close_s=settings.STALLED_CLOSE_S,
        max_frame_width=settings.MAX_FRAME_WIDTH,
        max_frame_height=settings.MAX_FRAME_HEIGHT,
        utterance_max_age_s=settings.UTTERANCE_MAX_AGE_S,
        ice_servers=tuple(settings.ICE_SERVERS),
    )
