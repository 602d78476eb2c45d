"""Through a real relay: nothing else of the learner's network can reach us, and Windows flow."""

from __future__ import annotations

import re

import pytest
from aiortc import RTCConfiguration, RTCIceServer
from aiortc.rtcconfiguration import RTCIceTransportPolicy

from tests.coturn import Turn, needs_coturn
from tests.media.senders import Call, Camera, needs_weights

pytestmark = [needs_weights, needs_coturn, pytest.mark.timeout(60)]


def relayed(server: dict) -> RTCConfiguration:
    """A learner whose every packet goes by the relay."""
    return RTCConfiguration(
        iceServers=[RTCIceServer(**server)], iceTransportPolicy=RTCIceTransportPolicy.RELAY
    )


def kinds(sdp: str) -> set[str]:
    return set(re.findall(r"a=candidate:.* typ (\w+)", sdp))


@pytest.mark.parametrize(("transport", "udp"), [("udp", True), ("tcp", False)])
async def test_a_learner_behind_a_relay_is_seen(transport, udp):
    """``tcp``: the relay takes no UDP from learners at all, as where a firewall cuts it off."""
    with Turn(udp=udp) as turn:
        config = relayed(turn.ice_server(transport))
        async with Call(Camera(), config=config) as call:
            offer = await call.offer()
            assert kinds(offer) == {"relay"}
            await call.accept(await call.peer.answer(offer, frozenset({"face"})))
            assert await call.until("live", 10) < 5
            windows = await call.windows(3.0, hop_s=1.0)
            assert [w.face for w in windows][-1] == "ok"


async def test_without_udp_the_relay_cannot_be_had_over_udp():
    """That the firewall of the test is one."""
    with Turn(udp=False) as turn:
        async with Call(Camera(), config=relayed(turn.ice_server("udp"))) as call:
            assert kinds(await call.offer()) == set()


async def test_a_stranger_gets_no_relay():
    with Turn() as turn:
        config = relayed(turn.ice_server("tcp", secret="guessed"))
        async with Call(Camera(), config=config) as call:
            assert kinds(await call.offer()) == set()
