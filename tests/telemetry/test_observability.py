"""The dashboard and the alert rules speak of metrics that real processes have."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import promql_parser
import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families as parse

from tests.telemetry.conftest import Seen
from tutor_emotion.management.commands import describe_metrics
from tutor_emotion.telemetry.families import FAMILIES, OTHER, Names

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "docker" / "observability"
# What Prometheus adds to each series, and what the dashboard's own words stand for.
ADDED = {"instance", "job", "le"}
OUTSIDE = {"up": {"instance", "job"}}
PERSONAL = re.compile(r"\bada\b|secret answer|wrote this|halves|127\.0\.0\.1", re.IGNORECASE)
pytestmark = pytest.mark.timeout(240)


def rules() -> list[dict[str, Any]]:
    return [
        r
        for g in yaml.safe_load((FOLDER / "alerts.yaml").read_text())["groups"]
        for r in g["rules"]
    ]


def panels() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads((FOLDER / "dashboard.json").read_text())["panels"]
    return found


def queries() -> Iterator[tuple[str, str]]:
    for rule in rules():
        yield rule["alert"], rule["expr"]
    for panel in panels():
        for target in panel.get("targets", ()):
            yield panel["title"], target["expr"].replace("$__rate_interval", "1m")


def parts(expression: Any) -> Iterator[Any]:
    """A parsed query and all that it is made of."""
    yield expression
    for name in ("expr", "lhs", "rhs", "vector_selector", "vs", "param"):
        inner = getattr(expression, name, None)
        if inner is not None and not isinstance(inner, str | int | float):
            yield from parts(inner)
    for inner in getattr(expression, "args", None) or ():
        yield from parts(inner)


@pytest.fixture(scope="module")
def live(seen: Seen) -> dict[str, list[dict[str, str]]]:
    """Label sets by series name, of both processes."""
    found: dict[str, list[dict[str, str]]] = {}
    for text in seen.scrapes.values():
        for family in parse(text):
            # A metric of names alone has no series before its first; its name is there.
            found.setdefault(_exposed(family.name, family.type), [])
            for sample in family.samples:
                found.setdefault(sample.name, []).append(dict(sample.labels))
    return found


def _exposed(name: str, kind: str) -> str:
    return f"{name}_total" if kind == "counter" else name


def _labels_of(series: str, live: dict[str, list[dict[str, str]]]) -> set[str]:
    if series in OUTSIDE:
        return OUTSIDE[series]
    family = FAMILIES.get(re.sub(r"_(bucket|sum|count)$", "", series)) or FAMILIES.get(series)
    declared = set(family.labels) if family else set()
    return declared | {label for labels in live.get(series, ()) for label in labels} | ADDED


def test_every_query_parses_and_each_metric_in_it_is_there(
    live: dict[str, list[dict[str, str]]],
) -> None:
    checked = 0
    for where, text in queries():
        for part in parts(promql_parser.parse(text)):
            if not isinstance(part, promql_parser.VectorSelector):
                continue
            checked += 1
            assert part.name in live or part.name in OUTSIDE, f"{where}: {part.name}"
            labels = _labels_of(part.name, live)
            for matcher in part.matchers.matchers:
                assert matcher.name in labels, f"{where}: {part.name} has no label {matcher.name}"
                if matcher.name in ADDED:
                    continue
                values = {one.get(matcher.name) for one in live.get(part.name, ())}
                for value in matcher.value.split("|"):
                    assert value in values, f"{where}: {part.name} has no {matcher.name}={value}"
    assert checked > 70, "the walk has lost the queries"


def test_what_is_grouped_by_is_a_label_of_what_is_grouped(
    live: dict[str, list[dict[str, str]]],
) -> None:
    grouped = 0
    for where, text in queries():
        for part in parts(promql_parser.parse(text)):
            if not isinstance(part, promql_parser.AggregateExpr) or part.modifier is None:
                continue
            names = [
                p.name for p in parts(part.expr) if isinstance(p, promql_parser.VectorSelector)
            ]
            for label in part.modifier.labels:
                grouped += 1
                assert all(label in _labels_of(n, live) for n in names), f"{where}: {label}"
    assert grouped > 20


def test_legends_name_labels_that_the_query_leaves() -> None:
    for panel in panels():
        for target in panel.get("targets", ()):
            wanted = set(re.findall(r"\{\{(\w+)\}\}", target["legendFormat"]))
            left = {
                label
                for part in parts(
                    promql_parser.parse(target["expr"].replace("$__rate_interval", "1m"))
                )
                if isinstance(part, promql_parser.AggregateExpr) and part.modifier is not None
                for label in part.modifier.labels
            }
            assert wanted <= left, panel["title"]


def test_a_query_of_a_metric_that_is_not_there_would_be_found(
    live: dict[str, list[dict[str, str]]],
) -> None:
    selectors = [
        part.name
        for part in parts(promql_parser.parse("rate(tutor_emotion_no_such_total[5m]) > 1"))
        if isinstance(part, promql_parser.VectorSelector)
    ]
    assert selectors == ["tutor_emotion_no_such_total"]
    assert selectors[0] not in live


def test_every_metric_is_on_the_dashboard_or_in_an_alert() -> None:
    text = " ".join(query for _, query in queries())
    quiet = {  # rates of these are seen through another
        "tutor_emotion_sockets", "tutor_emotion_sockets_opened_total",
        "tutor_emotion_sessions_resumed_total", "tutor_emotion_shadow_windows_total",
        "tutor_emotion_estimates_total",
    }  # fmt: skip
    missing = [name for name in FAMILIES if name not in text and name not in quiet]
    assert not missing


def test_every_alert_says_what_to_do_and_where_that_is_written() -> None:
    page = (ROOT / "docs" / "telemetry.md").read_text()
    headings = {h.strip().lower().replace(" ", "-") for h in re.findall(r"^#+ (.+)$", page, re.M)}
    for rule in rules():
        told = rule["annotations"]
        assert told["summary"].endswith(".")
        assert told["action"].endswith(".")
        file, _, anchor = told["runbook"].partition("#")
        assert (file, anchor) == ("docs/telemetry.md", rule["alert"].lower())
        assert anchor in headings, f"{rule['alert']} has no entry in docs/telemetry.md"


# --- the live numbers are those of one learner, and name nobody -----------------------------------


def _value(seen: Seen, process: str, name: str, **labels: str) -> float:
    return sum(
        sample.value
        for family in parse(seen.scrapes[process])
        for sample in family.samples
        if sample.name == name and labels.items() <= sample.labels.items()
    )


def test_one_learner_is_counted_at_every_stage(seen: Seen) -> None:
    web = [
        ("sockets_opened_total", {"room": "learner"}),
        ("sockets_closed_total", {"room": "learner"}),
        ("peers_opened_total", {}), ("frames_total", {}), ("frames_sampled_total", {}),
        ("sound_seconds_total", {}), ("window_quality_total", {"quality": "ok"}),
        ("windows_total", {"what": "queued"}), ("doorbells_total", {"what": "rung"}),
        ("readings_total", {"what": "taken"}), ("estimate_age_seconds_count", {"modality": "face"}),
        ("estimates_total", {"modality": "face"}), ("events_total", {"kind": "Answer"}),
        ("signals_total", {"edge": "raised"}), ("adaptations_total", {}),
        ("gate_answers_total", {"modality": "face", "answer": "used"}),
        ("engine_seconds_count", {}), ("sessions_limit", {}), ("queue_up", {}),
        ("chore_done_timestamp_seconds", {"chore": "prune"}),
        ("chore_done_timestamp_seconds", {"chore": "verify_ledger"}),
    ]  # fmt: skip
    for name, labels in web:
        assert _value(seen, "web", f"tutor_emotion_{name}", **labels) > 0, f"{name} {labels}"
    for name in ("inference_seconds_count", "batch_windows_sum", "push_seconds_count",
                 "window_queue_age_seconds_count", "workers"):  # fmt: skip
        assert _value(seen, "worker", f"tutor_emotion_{name}") > 0, name
    assert _value(seen, "worker", "tutor_emotion_doorbells_total", what="answered") > 0
    assert _value(seen, "worker", "tutor_emotion_build_info", role="worker") == 1


def test_what_went_in_came_out(seen: Seen) -> None:
    queued = _value(seen, "web", "tutor_emotion_windows_total", what="queued")
    read = _value(seen, "worker", "tutor_emotion_batch_windows_sum")
    taken = _value(seen, "web", "tutor_emotion_readings_total", what="taken")
    assert queued >= read >= taken >= queued - 2
    assert _value(seen, "web", "tutor_emotion_sockets", room="learner") == 0
    assert _value(seen, "web", "tutor_emotion_peers") == 0
    assert _value(seen, "web", "tutor_emotion_sessions", state="live") == 0


def test_no_label_of_a_live_scrape_is_of_a_person(seen: Seen) -> None:
    walked = 0
    for text in seen.scrapes.values():
        for family in parse(text):
            for sample in family.samples:
                walked += len(sample.labels)
                _must_be_listed(sample.name, dict(sample.labels))
        assert not PERSONAL.search(text)
    assert walked > 500


def _must_be_listed(series: str, labels: dict[str, str]) -> None:
    family = FAMILIES.get(re.sub(r"_(bucket|sum|count)$", "", series)) or FAMILIES.get(series)
    if family is None:
        assert series.startswith(("process_", "python_")), series
        return
    for label, value in labels.items():
        if label in ADDED or value == OTHER:
            continue
        listed = family.labels[label]
        if isinstance(listed, Names):
            assert re.fullmatch(r"[A-Za-z0-9_./+ -]{0,60}", value), f"{series} {label}={value}"
            assert not re.fullmatch(r"[0-9a-f-]{16,}", value), f"{series} {label}={value}"
        else:
            assert value in listed, f"{series} {label}={value}"


def test_the_page_of_metrics_is_what_the_code_says() -> None:
    assert (ROOT / "docs" / "metrics.md").read_text() == describe_metrics.page()
