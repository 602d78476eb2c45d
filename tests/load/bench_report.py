"""What ``make bench`` shows: a line a step, tables, and a picture.

``python -m tests.load.bench_report`` puts the last run into ``docs/capacity.md``.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.load import bench_line
from tutor_emotion.simulate.growth.writing import replaced

ROOT = Path(__file__).resolve().parents[2]
BEGIN, END = "<!-- generated: make bench-docs -->", "<!-- end of make bench-docs -->"

_WORDS = {True: "yes", False: "NO", None: "not measured"}


def step_line(step: Mapping[str, Any]) -> str:
    cpu = ", ".join(f"{role} {share:.0%}" for role, share in step["cpu"].items())
    late = f"{step['p50_ms']} / {step['p95_ms']} ms"
    lost = f"{step['windows_never_read']} of {step['windows']} Windows never read"
    if step["faces_read"] is not None:
        lost += f", {step['faces_read']:.0%} of the faces were"
    return f"      {step['count']:>3} learners: {late}, {lost}; {cpu}; {step['failed'] or 'passed'}"


def tables(result: Mapping[str, Any]) -> str:
    """Markdown, as the docs have it."""
    parts = [_steps(result), _hops(result), _split(result), _goals(result)]
    return "\n".join(parts)


def _steps(result: Mapping[str, Any]) -> str:
    head = (
        "| learners | delay p50 / p95 ms | never read | faces read | packets lost | web | worker "
        "| Valkey | sender | web MiB |\n|---|---|---|---|---|---|---|---|---|---|\n"
    )
    return head + "".join(_step(step) for step in result["climb"])


def _step(step: Mapping[str, Any]) -> str:
    cpu = step["cpu"]
    cells = (
        f"{step['count']}{' (' + step['failed'] + ')' if step['failed'] else ''}",
        f"{step['p50_ms']:.0f} / {step['p95_ms']:.0f}" if step["p95_ms"] is not None else "–",
        f"{step['windows_never_read']} of {step['windows']}",
        "–" if step["faces_read"] is None else f"{step['faces_read']:.0%}",
        f"{step['packets_lost']} of {step['packets_sent']}",
        *(f"{cpu.get(role, 0.0):.0%}" for role in ("web", "worker", "valkey", "sender")),
        f"{step['rss_mib']['web']:.0f}",
    )
    return f"| {' | '.join(cells)} |\n"


def hops(step: Mapping[str, Any]) -> dict[str, float]:
    """Bytes a second and learner over each hop, and messages a second and learner."""
    n, valkey = step["count"], step["valkey"]
    to, back = valkey["bytes_to_valkey"], valkey["bytes_from_valkey"]
    return {
        "browser → web, media": step["media_bytes"]["up"],
        "web → browser, media": step["media_bytes"]["down"],
        "browser → web, socket": step["socket_bytes"]["up"],
        "web → browser, socket": step["socket_bytes"]["down"],
        "web → Valkey": round(to.get("web", 0) / n),
        "Valkey → worker": round(back.get("worker", 0) / n),
        "worker → Valkey": round(to.get("worker", 0) / n),
        "Valkey → web": round(back.get("web", 0) / n),
    }


def _hops(result: Mapping[str, Any]) -> str:
    step = bench_line.judged(result["climb"])
    if step is None:
        return ""
    out = "| hop | bytes a second and learner |\n|---|---|\n"
    out += "".join(f"| {name} | {size:,} |\n" for name, size in hops(step).items())
    valkey, n = step["valkey"], step["count"]
    out += "\n| messages | a second and learner |\n|---|---|\n"
    for name, rate in (
        ("commands of Valkey", valkey["commands"]),
        ("of them channel layer", valkey["channels"]),
        ("of them Celery", valkey["celery"]),
    ):
        out += f"| {name} | {rate / n:.2f} |\n"
    return out + f"| rows written | {sum(step['rows'].values()):.3f} |\n"


def _split(result: Mapping[str, Any]) -> str:
    if not result.get("profile"):
        return ""
    shares = bench_line.cpu_split(result["profile"])
    out = "| part | share of the processor time |\n|---|---|\n"
    return out + "".join(f"| {part} | {share:.1%} |\n" for part, share in shares.items())


def _goals(result: Mapping[str, Any]) -> str:
    out = "| goal | met |\n|---|---|\n"
    return out + "".join(f"| {goal} | {_WORDS[met]} |\n" for goal, met in bench_line.goals(result))


def draw(result: Mapping[str, Any], path: Path) -> None:
    """Delay and processor time by learners."""
    from matplotlib.figure import Figure

    steps = result["climb"]
    counts = [step["count"] for step in steps]
    figure = Figure(figsize=(9.0, 3.6), layout="constrained")
    delay, cpu = figure.subplots(1, 2)
    for key, style in (("p50_ms", "o--"), ("p95_ms", "o-")):
        delay.plot(counts, [step[key] for step in steps], style, label=key[:3], color="#1f5fa8")
    delay.axhline(bench_line.GOAL_P95_MS, color="0.6", linewidth=1)
    delay.set(xlabel="learners", ylabel="from capture to Estimate, ms", ylim=(0, None))
    for role, colour in (
        ("web", "#1f5fa8"),
        ("worker", "#b3402e"),
        ("valkey", "#6a8f3c"),
        ("sender", "0.6"),
    ):
        shares = [step["cpu"].get(role, 0.0) for step in steps]
        cpu.plot(counts, shares, "o-", label=role, color=colour)
    cpu.set(xlabel="learners", ylabel="cores in use", ylim=(0, None))
    for axes in (delay, cpu):
        axes.legend()
        axes.grid(alpha=0.3)
    figure.savefig(path, dpi=110)


def page(result: Mapping[str, Any]) -> str:
    """The measured part of ``docs/capacity.md``."""
    machine = result["machine"]
    where = f"{machine['cores']} cores ({machine['processor']}), load average {machine['load'][0]}"
    last = json.dumps(result["line"], indent=1)
    when = f"{machine['at']}, {where} before it began; {result['took_s']} s."
    picture = "![Delay and processor time by learners](images/capacity.png)"
    return f"{when}\n\n{tables(result)}\n{picture}\n\n```json\n{last}\n```\n"


def main() -> None:
    result = json.loads((ROOT / "bench" / "result.json").read_text(encoding="utf-8"))
    docs = ROOT / "docs" / "capacity.md"
    text = docs.read_text(encoding="utf-8")
    docs.write_text(replaced(text, page(result), docs.name, BEGIN, END), encoding="utf-8")
    draw(result, ROOT / "docs" / "images" / "capacity.png")


if __name__ == "__main__":
    main()
