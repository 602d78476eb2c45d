"""The way of camera and microphone: UDP of this machine, STUN, and a real relay for a moment."""

from __future__ import annotations

import asyncio
import socket
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any, cast

from aioice import stun
from aioice.turn import create_turn_endpoint
from aiortc.rtcicetransport import parse_stun_turn_uri

from tutor_emotion.conf import get_settings
from tutor_emotion.doctor.diagnosis import Diagnosis, fail, ok, warn, worst
from tutor_emotion.media.turn import browser_ice_servers

RANGE = Path("/proc/sys/net/ipv4/ip_local_port_range")
TRIED_SOCKETS = 64
SOCKETS_A_LEARNER = 2  # one for each address of this host that a peer names; often it has two
ANSWER_S = 3.0


def udp_ports() -> Diagnosis:
    """Sockets can be opened, and the range has enough for as many learners as we take."""
    first, last = _range()
    try:
        with ExitStack() as opened:
            for _ in range(TRIED_SOCKETS):
                one = opened.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
                one.bind(("", 0))
    except OSError as error:
        hint = "Look at the limit of open files and at what else uses UDP ports here."
        return fail(f"A UDP socket cannot be opened ({error.strerror}).", hint)
    wanted = SOCKETS_A_LEARNER * get_settings().MAX_SESSIONS
    if last - first < wanted:
        hint = f"Widen net.ipv4.ip_local_port_range to {wanted} or more, or lower MAX_SESSIONS."
        return warn(f"UDP ports {first} to {last} are too few for MAX_SESSIONS.", hint)
    return ok(f"UDP {first} to {last} can be opened; let them in at the firewall.")


def _range() -> tuple[int, int]:
    """Ports that the system gives; IANA's own where it does not say."""
    try:
        first, last = map(int, RANGE.read_text().split())
    except (OSError, ValueError):
        return 49152, 65535
    return first, last


def relays() -> Diagnosis:
    """Each STUN server answers, and each TURN server gives a relay for our credentials."""
    servers = browser_ice_servers(get_settings(), time.time())
    if not servers:
        hint = "Set TURN_URLS and TURN_SECRET: a learner without UDP has no camera otherwise."
        return warn("No STUN and no TURN server is set.", hint)
    asked = [(url, server) for server in servers for url in _urls(server)]
    found = asyncio.run(_ask_all(asked))
    return worst(found, " ".join(one.said for one in found))


def _urls(server: dict[str, Any]) -> list[str]:
    urls = server.get("urls", [])
    return [urls] if isinstance(urls, str) else list(urls)


async def _ask_all(asked: list[tuple[str, dict[str, Any]]]) -> list[Diagnosis]:
    return list(await asyncio.gather(*(_ask(url, server) for url, server in asked)))


async def _ask(url: str, server: dict[str, Any]) -> Diagnosis:
    try:
        parts = parse_stun_turn_uri(url)
    except ValueError:
        return fail(f"{url} is no address of STUN or TURN.", "Write it as turn:host:3478.")
    try:
        async with asyncio.timeout(ANSWER_S):
            if parts["scheme"].startswith("stun"):
                return await _bind(url, (parts["host"], parts["port"]))
            return await _allocate(url, parts, server)
    except TimeoutError:
        hint = "Start coturn, and let its port in at the firewall (UDP and TCP 3478, TLS 5349)."
        return fail(f"{url} does not answer within {ANSWER_S:g} s.", hint)
    except stun.TransactionFailed as error:
        return _refused(url, error)
    except (OSError, stun.TransactionError) as error:
        hint = "Look at its name, its port and the firewall between."
        return fail(f"{url} cannot be reached ({type(error).__name__}).", hint)


async def _bind(url: str, address: tuple[str, int]) -> Diagnosis:
    """A STUN binding: which address of ours it sees."""
    loop = asyncio.get_running_loop()
    transport, protocol = await loop.create_datagram_endpoint(_Stun, remote_addr=address)
    try:
        request = stun.Message(stun.Method.BINDING, stun.Class.REQUEST)
        for _ in range(3):  # UDP may lose one
            transport.sendto(bytes(request))
            done, _late = await asyncio.wait([protocol.answer], timeout=ANSWER_S / 4)
            if done:
                return ok(f"{url} answers.")
        raise TimeoutError
    finally:
        transport.close()


class _Stun(asyncio.DatagramProtocol):
    def __init__(self) -> None:
        self.answer: asyncio.Future[stun.Message] = asyncio.get_running_loop().create_future()

    def datagram_received(self, data: bytes, addr: Any) -> None:
        try:
            message = stun.parse_message(data)
        except ValueError:
            return
        if not self.answer.done() and message.message_method is stun.Method.BINDING:
            self.answer.set_result(message)

    def error_received(self, exc: Exception) -> None:
        if not self.answer.done():
            self.answer.set_exception(exc)


async def _allocate(url: str, parts: dict[str, Any], server: dict[str, Any]) -> Diagnosis:
    """A relay, with the credentials that a browser would get; given back at once."""
    transport, _protocol = await create_turn_endpoint(
        asyncio.DatagramProtocol,
        server_addr=(parts["host"], parts["port"]),
        username=server.get("username"),
        password=server.get("credential"),
        ssl=parts["scheme"] == "turns",
        transport=parts["transport"],
    )
    host, port = cast(tuple[str, int], transport.get_extra_info("sockname"))[:2]
    transport.close()
    await asyncio.sleep(0)  # the relay hears of it
    return ok(f"{url} gave the relay {host}:{port}.")


def _refused(url: str, error: stun.TransactionFailed) -> Diagnosis:
    code, _reason = error.response.attributes.get("ERROR-CODE", (0, ""))
    hints = {
        401: "TURN_SECRET must be coturn's static-auth-secret; and the clocks must agree.",
        403: "coturn forbids this address: look at allowed-peer-ip and denied-peer-ip.",
        486: "coturn's quota is used up: raise user-quota and total-quota.",
        508: "coturn has no port left: widen min-port and max-port.",
    }
    return fail(f"{url} refuses with {code}.", hints.get(code, "Read coturn's log."))
