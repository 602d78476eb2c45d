"""How a learner usually sounds goes round with the utterances, and is gone with the session."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import asdict, replace

import msgpack
import numpy as np
import pytest
import redis

from tests.inference.windows import window
from tutor_emotion.conf import get_settings
from tutor_emotion.core.types import Reading, Window
from tutor_emotion.inference import queue
from tutor_emotion.inference.slots import Slots
from tutor_emotion.live.sensors import Sensors
from tutor_emotion.media.status import PeerStatus

LEARNED = (1.0, 3.0, 0.25, -1e-300)


class SpeakingPeer:
    """A peer with an utterance in each Window, as far as Sensors can tell."""

    status = PeerStatus("live", frozenset({"face", "voice"}))
    speaking = True

    def cut(self, now_s: float) -> Window:
        return window(crops=1, utterances=1)

    def pause(self, paused: bool) -> None:
        return None

    def drop(self, modality: str) -> None:
        return None

    async def close(self) -> None:
        return None


@pytest.fixture
def sensors(valkey: redis.Redis) -> Sensors:
    made = Sensors("specific.nobody", lambda: 1.0, lambda _: None)
    made._peer = SpeakingPeer()  # type: ignore[assignment]
    return made


def sent() -> tuple[float, ...]:
    """What the newest Window that waits says is usual."""
    (waiting,) = Slots(get_settings().REDIS_URL).take(1)
    return waiting.window.utterances[-1].usual


def answer(sensors: Sensors, seq: int, learned: tuple[float, ...]) -> None:
    reading = Reading("voice", 0.0, 1.0, {}, 1.0, 1, "compact/1", learned=learned)
    # As the channel layer brings it: lists, not tuples.
    sensors.arrived(seq, msgpack.unpackb(msgpack.packb([asdict(reading)])))


async def test_what_the_runner_learned_goes_to_it_with_the_next_utterance(
    sensors: Sensors,
) -> None:
    await sensors.tick()
    assert sent() == ()
    answer(sensors, 0, LEARNED)
    await sensors.tick()
    assert sent() == LEARNED


async def test_the_newest_stands(sensors: Sensors) -> None:
    for seq, learned in enumerate([(1.0,), (2.0,), ()]):
        await sensors.tick()
        answer(sensors, seq, learned)
    await sensors.tick()
    assert sent() == (2.0,)  # a Reading that learned nothing takes nothing away


@pytest.mark.parametrize(
    "stop",
    [
        lambda sensors: sensors.pause(True),
        lambda sensors: sensors.restrict(frozenset({"face"})),
        lambda sensors: sensors.close(),
    ],
    ids=["pause", "revoke", "end"],
)
async def test_it_is_gone_with_pause_revoked_voice_and_the_end(
    sensors: Sensors, stop: Callable[[Sensors], Awaitable[None]]
) -> None:
    await sensors.tick()
    answer(sensors, 0, LEARNED)
    assert sensors._usual == LEARNED
    await sensors.tick()
    await stop(sensors)
    answer(sensors, 1, LEARNED)  # a Reading that comes too late teaches nothing either
    assert sensors._usual == ()


async def test_a_revoked_face_leaves_the_voice_alone(sensors: Sensors) -> None:
    await sensors.tick()
    answer(sensors, 0, LEARNED)
    await sensors.restrict(frozenset({"voice"}))
    assert sensors._usual == LEARNED


async def test_it_crosses_the_queue_bit_for_bit(valkey: redis.Redis) -> None:
    usual = tuple(np.random.default_rng(0).normal(size=200).tolist())
    whole = window(crops=0, utterances=2)
    said = tuple(replace(u, usual=usual) for u in whole.utterances)
    await queue.put("slot", "channel", replace(whole, utterances=said))
    (waiting,) = Slots(get_settings().REDIS_URL).take(1)
    assert [u.usual for u in waiting.window.utterances] == [usual, usual]


async def test_an_utterance_of_an_older_sender_has_no_usual(valkey: redis.Redis) -> None:
    await queue.put("slot", "channel", window(crops=0, utterances=1))
    row = msgpack.unpackb(valkey.lpop("te:speech:slot"))
    del row["usual"]
    valkey.rpush("te:speech:slot", msgpack.packb(row))
    assert sent() == ()
