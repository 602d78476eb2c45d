"""docker/k8s/ as far as it can be shown without a cluster: the real kustomize, the real schemas,
and that everything fits together and fits what listens. docs/deployment.md has what is left.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from shutil import copytree
from typing import Any

import pytest
import yaml
from django.conf import settings as django_settings
from django.urls import resolve
from prometheus_client import REGISTRY

from tests.check import blanks_filled
from tests.site.test_docker import BIN, DOCKER, ROOT, command_of, compose
from tutor_emotion.conf import Settings
from tutor_emotion.simulate.growth import figures
from tutor_emotion.telemetry import collector

K8S = DOCKER / "k8s"
OVERLAYS = ("one-zone", "gpu", "rabbitmq")
WORKLOADS = ("Deployment", "StatefulSet", "Job")
OURS = {"web", "media", "worker", "chores", "beat", "migrate"}
GPUS_FIRST = ("worker-gpu", "worker")
CUSTOM = {"ScaledObject"}  # what no schema of Kubernetes' own knows; checked below
Objects = list[dict[str, Any]]


def secrets(overlay: Path, **given: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(K8S / "make_secrets.py"), str(overlay)]
    env = {"PATH": os.environ["PATH"]} | given
    return subprocess.run(command, env=env, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def rendered(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Each overlay as `kubectl kustomize` renders it, with secrets made for it."""
    folder = tmp_path_factory.mktemp("k8s")
    copytree(K8S, folder / "k8s", ignore=lambda *_: ["secrets.env"])
    files = {}
    for name in OVERLAYS:
        overlay = folder / "k8s" / "overlays" / name
        done = secrets(overlay, POSTGRES_PASSWORD="p" * 32, REDIS_PASSWORD="r" * 32)
        assert done.returncode == 0, done.stderr
        command = [str(BIN / "kubectl"), "kustomize", str(overlay)]
        whole = subprocess.run(command, capture_output=True, text=True, check=False)
        assert whole.returncode == 0, whole.stderr
        assert "warning" not in whole.stderr.lower(), whole.stderr
        files[name] = folder / f"{name}.yaml"
        files[name].write_text(whole.stdout)
    return files


@pytest.fixture(params=OVERLAYS)
def objects(request: pytest.FixtureRequest, rendered: dict[str, Path]) -> Objects:
    return [one for one in yaml.safe_load_all(rendered[request.param].read_text()) if one]


def of(objects: Objects, *kinds: str) -> Iterator[dict[str, Any]]:
    return (one for one in objects if one["kind"] in kinds)


def name(one: dict[str, Any]) -> str:
    return str(one["metadata"]["name"])


def pod(workload: dict[str, Any]) -> dict[str, Any]:
    template: dict[str, Any] = workload["spec"]["template"]
    return template


def containers(workload: dict[str, Any]) -> list[dict[str, Any]]:
    return list(pod(workload)["spec"]["containers"])


def matches(selector: dict[str, Any], workload: dict[str, Any]) -> bool:
    """A selector of labels, with the one operator that is used here."""
    labels = pod(workload)["metadata"]["labels"]
    for rule in selector.get("matchExpressions", ()):
        assert rule["operator"] == "In"
        if labels.get(rule["key"]) not in rule["values"]:
            return False
    return all(labels.get(key) == value for key, value in selector.get("matchLabels", {}).items())


def ports(workload: dict[str, Any]) -> dict[str, tuple[int, str]]:
    found = [port for one in containers(workload) for port in one.get("ports", ())]
    return {p["name"]: (p["containerPort"], p.get("protocol", "TCP")) for p in found}


# --- it works -------------------------------------------------------------------------------------


def test_every_object_is_what_kubernetes_knows(rendered: dict[str, Path]) -> None:
    command = [str(BIN / "kubernetes-validate"), "--strict", *map(str, rendered.values())]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    said = done.stdout + done.stderr
    unknown = re.findall(r"^(?:WARN|ERROR).*", said, re.MULTILINE)
    assert done.returncode == 0, said
    assert all("scaledobject" in line.lower() for line in unknown), unknown
    assert said.count("passed") > 100


def test_an_overlay_has_the_parts_that_it_promises(rendered: dict[str, Path]) -> None:
    parts = {
        overlay: {
            name(one) for one in yaml.safe_load_all(file.read_text()) if one["kind"] in WORKLOADS
        }
        for overlay, file in rendered.items()
    }
    assert parts["gpu"] == OURS | {"turn", "worker-gpu"}
    assert parts["one-zone"] == OURS | {"turn", "postgres", "valkey"}
    assert parts["rabbitmq"] == parts["one-zone"] | {"rabbitmq"}


def test_only_the_learners_socket_goes_to_media(objects: Objects) -> None:
    (ingress,) = of(objects, "Ingress")
    (rule,) = ingress["spec"]["rules"]
    routes = {p["path"]: p["backend"]["service"]["name"] for p in rule["http"]["paths"]}
    assert routes == {"/ws/tutor-emotion/session/": "media", "/": "web"}
    from tutor_emotion.routing import websocket_urlpatterns

    assert str(websocket_urlpatterns[0].pattern).startswith("ws/tutor-emotion/session/")
    images = {name(d): containers(d)[0]["image"] for d in of(objects, "Deployment")}
    assert images["web"] == images["media"], "the same image"


def test_workers_on_gpus_have_nodes_and_a_queue_of_their_own(rendered: dict[str, Path]) -> None:
    whole = list(yaml.safe_load_all(rendered["gpu"].read_text()))
    (worker,) = [d for d in of(whole, "Deployment") if name(d) == "worker-gpu"]
    (plain,) = [d for d in of(whole, "Deployment") if name(d) == "worker"]
    assert "nodeSelector" not in pod(plain)["spec"]
    spec, (app,) = pod(worker)["spec"], containers(worker)
    assert app["resources"]["limits"]["nvidia.com/gpu"] == "1"
    assert spec["nodeSelector"] == {"nvidia.com/gpu.present": "true"}
    assert spec["tolerations"][0]["key"] == "nvidia.com/gpu"
    assert {"name": "TUTOR_EMOTION_DEVICE", "value": "cuda"} in app["env"]
    assert worker["spec"]["strategy"]["rollingUpdate"]["maxSurge"] == 0, "no GPU is left for it"


def test_workers_on_gpus_may_speak_to_whom_others_may() -> None:
    """Also in an overlay of somebody's own, with components that none of ours has together."""
    lists = [
        names.split(", ")
        for file in K8S.rglob("*.yaml")
        for names in re.findall(r"operator: In, values: \[([^]]+)\]", file.read_text())
    ]
    assert sum("worker" in names for names in lists) >= 8
    assert all("worker-gpu" in names for names in lists if "worker" in names)


def test_it_scales_on_numbers_that_are_there(rendered: dict[str, Path]) -> None:
    whole = list(yaml.safe_load_all(rendered["gpu"].read_text()))
    scaled = {name(one): one["spec"] for one in of(whole, *CUSTOM)}
    deployments = {name(d) for d in of(whole, "Deployment")}
    named = "".join(spec["triggers"][0]["metadata"]["query"] for spec in scaled.values())
    assert set(scaled) == {"worker", "worker-gpu", "media"} <= deployments
    known = {family.name for family in REGISTRY.collect()}
    known.add(collector.QUEUE_OLDEST)
    assert set(re.findall(r"tutor_emotion_\w+", named)) <= known
    for spec in scaled.values():
        assert spec["scaleTargetRef"]["name"] in deployments
        assert 1 <= spec["minReplicaCount"] < spec["maxReplicaCount"]
        assert spec["triggers"][0]["type"] == "prometheus"
        assert float(spec["triggers"][0]["metadata"]["threshold"]) > 0
    ages = [float(scaled[n]["triggers"][0]["metadata"]["threshold"]) for n in GPUS_FIRST]
    assert ages == sorted(ages)
    assert scaled["media"]["minReplicaCount"] >= 2, "one that drains needs another"


def test_a_pod_is_asked_for_no_more_than_its_core_carries(rendered: dict[str, Path]) -> None:
    whole = list(yaml.safe_load_all(rendered["gpu"].read_text()))
    (media,) = [one["spec"] for one in of(whole, *CUSTOM) if name(one) == "media"]
    sessions = float(media["triggers"][0]["metadata"]["threshold"])
    assert sessions * figures.load()["web_cores"] < 0.9


def test_prometheus_finds_every_process_that_counts(objects: Objects) -> None:
    """Its job for a cluster: by the name of a port, into the namespace, with the token."""
    jobs = [
        yaml.safe_load((DOCKER / "observability" / file).read_text())["scrape_configs"][0]
        for file in ("kubernetes.yaml", "prometheus.yaml")
    ]
    assert jobs[0]["job_name"] == jobs[1]["job_name"], "the alerts go by it"
    assert jobs[0]["authorization"]["type"] == "Bearer"
    (sd,), keep = jobs[0]["kubernetes_sd_configs"], jobs[0]["relabel_configs"][0]
    (space,) = of(objects, "Namespace")
    assert sd == {"role": "pod", "namespaces": {"names": [name(space)]}}
    found = {name(w) for w in of(objects, *WORKLOADS) if keep["regex"] in ports(w)}
    assert found - {"worker-gpu"} == {"web", "media", "worker", "chores"}
    (policy,) = [p["spec"] for p in of(objects, "NetworkPolicy") if name(p) == "metrics"]
    let_in = {name(w) for w in of(objects, *WORKLOADS) if matches(policy["podSelector"], w)}
    assert let_in == found
    (rule,) = policy["ingress"]
    assert [p["port"] for p in rule["ports"]] == [keep["regex"]]
    (peer,) = rule["from"]
    monitors = peer["namespaceSelector"]["matchLabels"]["kubernetes.io/metadata.name"]
    asked = [
        one["spec"]["triggers"][0]["metadata"]["serverAddress"] for one in of(objects, *CUSTOM)
    ]
    assert all(f".{monitors}.svc" in address for address in asked)
    (config,) = [m["data"] for m in of(objects, "ConfigMap") if name(m).startswith("config-")]
    assert config["TUTOR_EMOTION_METRICS_HOST"] == "0.0.0.0"


# --- it fits together -----------------------------------------------------------------------------


def test_every_service_finds_a_pod_that_has_its_port(objects: Objects) -> None:
    for service in of(objects, "Service"):
        found = [
            w
            for w in of(objects, *WORKLOADS)
            if matches({"matchLabels": service["spec"]["selector"]}, w)
        ]
        assert len(found) == 1, name(service)
        for port in service["spec"]["ports"]:
            number, protocol = ports(found[0])[port["targetPort"]]
            assert (number, protocol) == (port["port"], port.get("protocol", "TCP"))
    served = {(name(s), p["name"]) for s in of(objects, "Service") for p in s["spec"]["ports"]}
    for ingress in of(objects, "Ingress"):
        for path in ingress["spec"]["rules"][0]["http"]["paths"]:
            backend = path["backend"]["service"]
            assert (backend["name"], backend["port"]["name"]) in served


def test_every_selector_selects_somebody(objects: Objects) -> None:
    workloads = list(of(objects, *WORKLOADS))
    for one in of(objects, "PodDisruptionBudget"):
        found = [w for w in workloads if matches(one["spec"]["selector"], w)]
        assert len(found) == 1, name(one)
        assert found[0]["spec"]["replicas"] >= 2, "one alone keeps its node for ever"
    for policy in of(objects, "NetworkPolicy"):
        spec = policy["spec"]
        found = [w for w in workloads if matches(spec["podSelector"], w)]
        assert found, name(policy)
        for rule in spec.get("ingress", ()):
            for port in rule.get("ports", ()):
                if isinstance(port["port"], str):
                    assert all(port["port"] in ports(w) for w in found), (name(policy), port)
        for rule in [*spec.get("ingress", ()), *spec.get("egress", ())]:
            for peer in [*rule.get("from", ()), *rule.get("to", ())]:
                if "podSelector" in peer:
                    assert any(matches(peer["podSelector"], w) for w in workloads), name(policy)
    for workload in workloads:
        for spread in pod(workload)["spec"].get("topologySpreadConstraints", ()):
            assert matches(spread["labelSelector"], workload)


def test_nobody_speaks_to_anybody_by_default_and_who_may_is_heard(objects: Objects) -> None:
    policies = {name(p): p["spec"] for p in of(objects, "NetworkPolicy")}
    assert policies["nobody"] == {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}
    workloads = list(of(objects, *WORKLOADS))
    # What one side may send to a pod, that pod's own side lets in, at a port where it listens.
    for spec in policies.values():
        senders = [w for w in workloads if matches(spec["podSelector"], w)]
        for rule in spec.get("egress", ()):
            for peer in rule.get("to", ()):
                if "podSelector" not in peer:
                    continue
                for target in (w for w in workloads if matches(peer["podSelector"], w)):
                    for port in rule["ports"]:
                        for sender in senders:
                            assert lets_in(policies.values(), sender, target, port), (
                                name(sender),
                                name(target),
                                port,
                            )


def lets_in(policies: Any, sender: Any, target: Any, port: dict[str, Any]) -> bool:
    named = ports(target)
    for spec in policies:
        if not matches(spec["podSelector"], target):
            continue
        for rule in spec.get("ingress", ()):
            from_all = "from" not in rule
            peers = [p["podSelector"] for p in rule.get("from", ()) if "podSelector" in p]
            if not from_all and not any(matches(peer, sender) for peer in peers):
                continue
            for inward in rule.get("ports", ()):
                number = inward["port"]
                number = named[number][0] if isinstance(number, str) else number
                same = inward.get("protocol", "TCP") == port.get("protocol", "TCP")
                if same and number == port["port"] and inward.get("endPort") == port.get("endPort"):
                    return True
    return False


def test_every_name_that_is_referred_to_is_there(objects: Objects) -> None:
    maps = {name(m): m["data"] for m in of(objects, "ConfigMap", "Secret")}
    for workload in of(objects, *WORKLOADS):
        spec = pod(workload)["spec"]
        volumes = {v["name"] for v in spec.get("volumes", ())}
        volumes |= {c["metadata"]["name"] for c in workload["spec"].get("volumeClaimTemplates", ())}
        for volume in spec.get("volumes", ()):
            if "configMap" in volume:
                assert volume["configMap"]["name"] in maps
        for one in spec["containers"]:
            assert {m["name"] for m in one.get("volumeMounts", ())} <= volumes
            for source in one.get("envFrom", ()):
                (ref,) = source.values()
                assert ref["name"] in maps
            for variable in one.get("env", ()):
                for kind in ("configMapKeyRef", "secretKeyRef"):
                    ref = variable.get("valueFrom", {}).get(kind)
                    assert ref is None or ref["key"] in maps[ref["name"]], variable


def test_every_name_of_the_environment_is_read(objects: Objects) -> None:
    demo = ROOT / "tutor_emotion" / "demo"
    code = "".join((demo / file).read_text() for file in ("settings.py", "production.py"))
    read = set(re.findall(r'"([A-Z][A-Z0-9_]+)"', code)) | {"DJANGO_SETTINGS_MODULE"}
    others = {"VALKEY_PASSWORD", "RABBITMQ_PASSWORD", "REDIS_PASSWORD"}  # of their own images
    for one in of(objects, "ConfigMap", "Secret"):
        if name(one).startswith(("config-", "secrets-")):
            assert set(one["data"]) - others <= read, name(one)


# --- it fits what listens -------------------------------------------------------------------------


def test_every_probe_asks_what_is_there(objects: Objects) -> None:
    (config,) = [m["data"] for m in of(objects, "ConfigMap") if name(m).startswith("config-")]
    for workload in of(objects, "Deployment", "StatefulSet"):
        for one in containers(workload):
            for probe in ("startupProbe", "livenessProbe", "readinessProbe"):
                asked = one.get(probe)
                if asked is None:
                    continue
                if "httpGet" in asked:
                    get = asked["httpGet"]
                    assert resolve(get["path"]).view_name in {"healthz", "readyz"}
                    assert ports(workload)[get["port"]][0] == 8000
                    (host,) = [h["value"] for h in get["httpHeaders"] if h["name"] == "Host"]
                    assert host in config["DJANGO_ALLOWED_HOSTS"].split(",")
                if "tcpSocket" in asked:
                    assert asked["tcpSocket"]["port"] in ports(workload)
                if "exec" in asked and one["image"].startswith("tutor-emotion"):
                    assert (ROOT / asked["exec"]["command"][1]).is_file()
    by_name = {name(d): containers(d)[0] for d in of(objects, "Deployment")}
    for app in ("web", "media"):
        assert by_name[app]["readinessProbe"]["httpGet"]["path"] == "/readyz", "503 while it drains"
        assert by_name[app]["livenessProbe"]["httpGet"]["path"] == "/healthz", (
            "alive while it drains"
        )
    for app in OURS & set(by_name):
        scraped = {
            p["containerPort"] for p in by_name[app].get("ports", ()) if p["name"] == "metrics"
        }
        assert scraped <= {int(config["TUTOR_EMOTION_METRICS_PORT"])}


def test_the_ports_are_those_of_the_images(objects: Objects) -> None:
    command = command_of(DOCKER / "Dockerfile.web")
    listens = int(command[command.index("--port") + 1])
    for deployment in of(objects, "Deployment"):
        if name(deployment) in {"web", "media"}:
            assert ports(deployment)["http"] == (listens, "TCP")
            assert "command" not in containers(deployment)[0], "the image's own, as in compose"


def test_commands_are_those_of_compose(objects: Objects) -> None:
    """Compose's are run for real by test_docker and by the demonstration's own supervisor."""
    done = compose("--format", "json", **blanks_filled())
    services = json.loads(done.stdout)["services"]
    by_name = {name(w): containers(w)[0] for w in of(objects, *WORKLOADS)}
    for app in ("beat", "chores", "migrate"):
        assert by_name[app]["command"] == services[app]["command"], app
    assert by_name["worker"]["command"] == command_of(DOCKER / "Dockerfile.worker")
    if "worker-gpu" in by_name:
        assert by_name["worker-gpu"]["command"] == services["worker-gpu"]["command"]


def test_a_pod_has_time_to_drain_and_the_server_to_end(objects: Objects) -> None:
    (config,) = [m["data"] for m in of(objects, "ConfigMap") if name(m).startswith("config-")]
    command = command_of(DOCKER / "Dockerfile.web")
    ends_s = int(command[command.index("--timeout-graceful-shutdown") + 1])
    drains_s, spread_s = (float(config[f"TUTOR_EMOTION_DRAIN{n}_S"]) for n in ("", "_SPREAD"))
    assert spread_s < drains_s
    for deployment in of(objects, "Deployment"):
        if name(deployment) not in {"web", "media"}:
            continue
        spec, (app,) = pod(deployment)["spec"], containers(deployment)
        assert app["lifecycle"]["preStop"]["exec"]["command"] == ["python", "docker/drain.py"]
        assert spec["terminationGracePeriodSeconds"] >= drains_s + ends_s
        rolling = deployment["spec"]["strategy"]["rollingUpdate"]
        assert rolling == {"maxSurge": 1, "maxUnavailable": 0}
    done = compose("--format", "json", **blanks_filled())
    web = json.loads(done.stdout)["services"]["web"]
    grace_s = int(web["stop_grace_period"].removesuffix("s"))
    assert grace_s >= float(web["environment"]["TUTOR_EMOTION_DRAIN_S"]) + ends_s


# --- what it refuses ------------------------------------------------------------------------------


def test_every_pod_is_an_ordinary_user_on_a_read_only_root(objects: Objects) -> None:
    for workload in of(objects, *WORKLOADS):
        spec = pod(workload)["spec"]
        assert spec["automountServiceAccountToken"] is False, name(workload)
        assert spec["securityContext"]["runAsNonRoot"] is True
        assert spec["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
        for one in spec["containers"]:
            context = one["securityContext"]
            assert context["allowPrivilegeEscalation"] is False
            assert context["capabilities"]["drop"] == ["ALL"]
            assert context["capabilities"].get("add", []) in ([], ["NET_BIND_SERVICE"])
            writes = name(workload) == "rabbitmq"  # into its own configuration, at its start
            assert writes or context["readOnlyRootFilesystem"] is True, name(workload)
            assert one["resources"]["requests"].keys() >= {"cpu", "memory"}
            assert "memory" in one["resources"]["limits"]
    (account,) = of(objects, "ServiceAccount")
    assert account["automountServiceAccountToken"] is False
    (space,) = of(objects, "Namespace")
    assert space["metadata"]["labels"]["pod-security.kubernetes.io/enforce"] == "restricted"


def test_what_holds_media_is_in_memory(objects: Objects) -> None:
    for workload in of(objects, "Deployment"):
        if name(workload) in OURS | {"valkey"}:
            for volume in pod(workload)["spec"]["volumes"]:
                assert volume["emptyDir"]["medium"] == "Memory", name(workload)


def test_no_secret_is_in_the_repository() -> None:
    assert "secrets.env" in (K8S / ".gitignore").read_text().split()
    for example in K8S.glob("overlays/*/secrets.env.example"):
        for line in example.read_text().splitlines():
            assert re.fullmatch(r"[A-Z_]+=.*\$\{\w+\}.*", line), line


def test_secrets_are_made_once_and_their_own_each(tmp_path: Path) -> None:
    example = K8S / "overlays" / "one-zone" / "secrets.env.example"
    for overlay in (tmp_path / "a", tmp_path / "b"):
        overlay.mkdir()
        (overlay / "secrets.env.example").write_text(example.read_text())
        assert secrets(overlay).returncode == 0
    a, b = ((tmp_path / n / "secrets.env").read_text().splitlines() for n in "ab")
    assert not set(a) & set(b)
    values = dict(line.split("=", 1) for line in a)
    assert values["VALKEY_PASSWORD"] in values["REDIS_URL"]
    assert (tmp_path / "a" / "secrets.env").stat().st_mode & 0o077 == 0
    again = secrets(tmp_path / "a")
    assert again.returncode == 1
    assert "is there already" in again.stderr
    assert (tmp_path / "a" / "secrets.env").read_text().splitlines() == a


def test_a_secret_that_only_the_operator_knows_is_asked_for(tmp_path: Path) -> None:
    (tmp_path / "secrets.env.example").write_text("POSTGRES_PASSWORD=${ask}\n")
    done = secrets(tmp_path)
    assert done.returncode == 1
    assert "POSTGRES_PASSWORD has no value" in done.stderr
    assert not (tmp_path / "secrets.env").exists()


def test_the_chores_of_the_clock_go_where_a_worker_takes_them() -> None:
    prune = django_settings.CELERY_BEAT_SCHEDULE["prune"]
    assert prune["options"]["queue"] == Settings().CHORES_QUEUE
