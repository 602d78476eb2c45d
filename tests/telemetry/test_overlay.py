"""The overlay that runs Prometheus and Grafana, read by the real compose parser."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import yaml

from tests.check import blanks_filled, docker_compose

ROOT = Path(__file__).resolve().parents[2]
DOCKER = ROOT / "docker"
FOLDER = DOCKER / "observability"
GIVEN = {"METRICS_TOKEN": "a-token-of-the-scrape", "GRAFANA_PASSWORD": "another-word"}


def composed(**env: str) -> subprocess.CompletedProcess[str]:
    command = [
        *(str(docker_compose()), "--env-file", str(DOCKER / ".env.example")),
        *("-f", str(DOCKER / "compose.yaml"), "-f", str(FOLDER / "compose.yaml")),
        *("--profile", "*", "config", "--format", "json"),
    ]
    plain = {"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/")}
    return subprocess.run(
        command, env=plain | blanks_filled() | env, capture_output=True, text=True, timeout=60
    )


def services() -> dict[str, Any]:
    done = composed(**GIVEN)
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)["services"]
    return found


def test_every_process_opens_the_port_that_prometheus_scrapes() -> None:
    scraped = yaml.safe_load((FOLDER / "prometheus.yaml").read_text())["scrape_configs"][0]
    found, (target,) = services(), scraped["dns_sd_configs"]
    for name in target["names"]:
        env = found[name]["environment"]
        assert env["TUTOR_EMOTION_METRICS_PORT"] == str(target["port"])
        assert env["TUTOR_EMOTION_METRICS_TOKEN"] == GIVEN["METRICS_TOKEN"]
        assert env["DJANGO_SETTINGS_MODULE"], "the overlay adds, and takes nothing away"
    assert "back" in found["prometheus"]["networks"]


def test_its_files_are_there_and_only_this_machine_sees_grafana() -> None:
    found = services()
    for name in ("prometheus", "grafana"):
        for volume in found[name]["volumes"]:
            assert volume["type"] == "volume" or Path(volume["source"]).is_file(), volume
    assert "ports" not in found["prometheus"]
    assert [port["host_ip"] for port in found["grafana"]["ports"]] == ["127.0.0.1"]


def test_without_a_token_it_does_not_start() -> None:
    done = composed(METRICS_TOKEN="", GRAFANA_PASSWORD="another-word")
    assert done.returncode != 0
    assert "METRICS_TOKEN" in done.stderr
