"""What goes over Valkey: bytes by process and commands by kind, as the server counts them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, cast

import psutil
import redis

# What the layers of the product send, and nothing else in it does.
OF_LAYER = {
    "channels": ("publish", "subscribe", "unsubscribe"),
    "celery": ("lpush", "brpop"),
}


@dataclass(frozen=True)
class Count:
    """Since the server began. ``to`` and ``back``: bytes from each role to Valkey, and back."""

    commands: Counter[str] = field(default_factory=Counter)
    to: Counter[str] = field(default_factory=Counter)
    back: Counter[str] = field(default_factory=Counter)

    def since(self, earlier: Count) -> Count:
        return Count(
            self.commands - earlier.commands, self.to - earlier.to, self.back - earlier.back
        )


def url_of(process: psutil.Process) -> str:
    """The address that a process of the demonstration was started with."""
    return str(process.environ()["REDIS_URL"])


def count(client: redis.Redis, processes: Mapping[str, psutil.Process]) -> Count:
    """One look. Connections that ended meanwhile are not counted: the product keeps its own."""
    roles = _roles_by_port(processes)
    found = Count()
    for row in cast(list[dict[str, Any]], client.client_list()):
        role = roles.get(int(str(row["addr"]).rpartition(":")[2]))
        if role is not None:
            found.to[role] += int(row["tot-net-in"])
            found.back[role] += int(row["tot-net-out"])
    stats = cast(dict[str, dict[str, Any]], client.info("commandstats"))
    for name, row in stats.items():
        found.commands[name.removeprefix("cmdstat_")] = int(row["calls"])
    return found


def _roles_by_port(processes: Mapping[str, psutil.Process]) -> dict[int, str]:
    return {
        connection.laddr.port: role
        for role, process in processes.items()
        if role != "valkey"
        for connection in process.net_connections(kind="tcp")
        if connection.laddr
    }


def per_second(found: Count, seconds: float) -> dict[str, Any]:
    """Messages and bytes a second. ``commands`` are all, those inside a transaction too."""
    layers = {
        layer: round(sum(found.commands[name] for name in names) / seconds, 2)
        for layer, names in OF_LAYER.items()
    }
    return {
        "commands": round(found.commands.total() / seconds, 1),
        **layers,
        "by_command": {n: round(k / seconds, 2) for n, k in found.commands.most_common(12)},
        "bytes_to_valkey": {role: round(n / seconds) for role, n in found.to.items()},
        "bytes_from_valkey": {role: round(n / seconds) for role, n in found.back.items()},
    }
