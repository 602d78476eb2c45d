"""``manage.py doctor``: is this deployment as it must be, and what to do where it is not."""

from __future__ import annotations

from tutor_emotion.doctor import machine, ours, processes, relays, servers
from tutor_emotion.doctor.diagnosis import Check, Diagnosis, State, examine

CHECKS = (
    Check("settings", ours.agree, 20.0),
    Check("secrets", ours.secret_strength),
    Check("jurisdiction", ours.law),
    Check("database", servers.database),
    Check("migrations", servers.migrations),
    Check("valkey", servers.valkey),
    Check("broker", servers.broker),
    Check("channel-layer", servers.layer),
    Check("clock", servers.clock),
    Check("timezone", ours.time_zone),
    Check("workers", processes.workers),
    Check("web", processes.web),
    Check("weights", machine.weights, 30.0),
    Check("gpu", machine.gpu, machine.GPU_S + 5),
    Check("udp", relays.udp_ports),
    Check("turn", relays.relays),
    Check("static", ours.static_files),
    Check("disk", machine.disk),
    Check("files", machine.open_files),
    Check("memory", machine.memory_at_rest),
)
NAMES = tuple(check.name for check in CHECKS)

__all__ = ["CHECKS", "NAMES", "Check", "Diagnosis", "State", "examine"]
