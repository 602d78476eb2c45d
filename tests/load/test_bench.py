"""``make bench``'s arithmetic: from stacks, counters and learners' own figures to its last line.

The run itself is a command of minutes; ``python -m tests.load.bench --short`` is its short form.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import psutil
import pytest
import redis

from tests.load import bench_line, bench_report, brokering, capacity, profiles, scraped
from tests.load.profiles import Stack

# As py-spy 0.4.3 wrote it of a web process with learners: a line a stack, outermost frame first.
LOOP = "main (uvicorn/main.py:61);Runner.run (asyncio/runners.py:86)"
THREAD = "Thread._bootstrap (threading.py:988);Thread.run (threading.py:971)"
DECODER = f"{THREAD};decoder_worker (aiortc/rtcrtpreceiver.py:54)"
MEDIA = f"{THREAD};_worker (concurrent/futures/thread.py:69)"
RECORDED = f"""
thread (10): MainThread;{LOOP} 60
thread (10): MainThread;{LOOP};LiveSession._feed (tutor_emotion/live/session.py:340);step (tutor_emotion/core/engine.py:60) 10
thread (10): MainThread;{LOOP};RTCDtlsTransport.__run (aiortc/rtcdtlstransport.py:569);Session.unprotect (pylibsrtp/__init__.py:247) 30
thread (20): video-decoder;{DECODER};Queue.get (queue.py:154);Condition.wait (threading.py:295) 90
thread (20): video-decoder;{DECODER};Vp8Decoder.decode (aiortc/codecs/vpx.py:167) 10
thread (21): video-decoder;{DECODER};Queue.get (queue.py:154);Condition.wait (threading.py:295) 100
thread (30): tutor-media_0;{MEDIA} 40
thread (30): tutor-media_0;{MEDIA};FaceCropper.detect (tutor_emotion/media/cropping.py:37);Interpreter.invoke (ai_edge_litert/interpreter.py:1002) 30
thread (30): tutor-media_0;{MEDIA};Vad.probability (tutor_emotion/media/speech.py:69);Session.run (onnxruntime/capi/onnxruntime_inference_collection.py:383) 20
thread (30): tutor-media_0;{MEDIA};to_rgb (tutor_emotion/media/pixels.py:12);_mean (numpy/_core/_methods.py:115) 10
thread (40): torn li
"""  # noqa: E501


def split(**cpu_s: float) -> dict[str, float]:
    used = {int(thread[1:]): seconds for thread, seconds in cpu_s.items()}
    return profiles.split(profiles.parse(RECORDED), used, every_s=0.01)


# --- the profile ----------------------------------------------------------------------------------


def test_stacks_are_read_as_py_spy_writes_them() -> None:
    stacks = profiles.parse(RECORDED)
    assert len(stacks) == 10
    frames = f"{DECODER};Vp8Decoder.decode (aiortc/codecs/vpx.py:167)"
    assert stacks[4] == Stack(20, "video-decoder", tuple(frames.split(";")), 10)


def test_the_kernel_says_how_much_and_the_stacks_of_what() -> None:
    found = split(t30=1.2)
    assert found == pytest.approx({"face nets": 0.6, "voice": 0.4, "resize": 0.2})


def test_a_thread_that_only_waited_is_shared_out_as_its_namesakes() -> None:
    assert split(t20=0.1, t21=0.3) == pytest.approx({"decode": 0.4})


def test_what_the_loop_does_in_c_is_what_is_left_of_its_thread() -> None:
    found = split(t10=0.5)  # its frames were seen for 0.4 s
    assert found == pytest.approx({"engine": 0.1, "network": 0.3, "event loop": 0.1})
    busy = split(t10=0.2)  # runnable for longer than it ran
    assert busy == pytest.approx({"engine": 0.05, "network": 0.15})


def test_threads_without_python_belong_to_the_nets_that_start_them() -> None:
    found = split(t30=0.6, t99=1.0)
    assert found == pytest.approx({"face nets": 0.3 + 0.6, "voice": 0.2 + 0.4, "resize": 0.1})
    assert split(t99=1.0) == {"unattributed": 1.0}


def test_nothing_is_lost_or_doubled() -> None:
    used = {"t10": 0.7, "t20": 0.2, "t30": 1.9, "t77": 0.4}
    assert sum(split(**used).values()) == pytest.approx(sum(used.values()))


@pytest.mark.parametrize(
    ("frames", "part"),
    [
        (("run (celery/worker.py)", "step (tutor_emotion/core/engine.py)"), "engine"),
        (("put (tutor_emotion/inference/queue.py)", "send (redis/client.py)"), "queue"),
        (("send (tutor_emotion/inference/doorbell.py)", "x (redis/client.py)"), "Celery"),
        (("receive (channels_redis/pubsub.py)", "read (redis/asyncio/connection.py)"), "Channels"),
        (("decode (aiortc/codecs/opus.py)",), "decode"),
        (("parse (aiortc/rtp.py)",), "network"),
        (("letterbox (tutor_emotion/media/blazeface.py)",), "resize"),
        (("level_dbfs (tutor_emotion/core/quality.py)",), "voice"),
        (("ask (tutor_emotion/live/gate.py)", "execute (django/db/models/query.py)"), "database"),
        (("forward (torch/nn/modules/conv.py)",), "unattributed"),
        (("<module> (aiortc_of_others/x.py)",), "unattributed"),
    ],
)
def test_the_innermost_known_frame_decides(frames: tuple[str, ...], part: str) -> None:
    assert profiles.table().part(frames) == part


def test_each_row_of_the_table_is_of_one_part_and_of_a_module_that_exists() -> None:
    known = profiles.table()
    root = Path(__file__).resolve().parents[2]
    ours = [row.partition("::")[0] for row in known.parts if row.startswith("tutor_emotion/")]
    missing = [place for place in ours if not (root / place).exists()]
    assert not missing
    assert set(known.pools) <= set(known.parts.values())


def test_a_real_process_is_recorded(tmp_path: Path) -> None:
    """py-spy itself, on a process that only resizes pictures."""
    code = (
        "import time; from tutor_emotion.core.quality import luma; import numpy as np\n"
        "picture = np.zeros((240, 320, 3), np.uint8)\n"
        "print('on', flush=True); end = time.monotonic() + 20\n"
        "while time.monotonic() < end: luma(picture)\n"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        try:
            found = profiles.record({"one": psutil.Process(process.pid)}, 1.0)["one"]
        finally:
            process.kill()
    assert found["face nets"] > 0.6 * sum(found.values())


# --- counters -------------------------------------------------------------------------------------


def test_valkey_says_which_process_sent_what(valkey: redis.Redis) -> None:
    here = {"web": psutil.Process()}
    before = brokering.count(valkey, here)
    valkey.publish("nobody", b"x" * 10_000)
    found = brokering.count(valkey, here).since(before)
    assert found.commands["publish"] == 1
    assert 10_000 < found.to["web"] < 12_000
    shown = brokering.per_second(found, 2.0)
    assert shown["channels"] == 0.5
    assert shown["celery"] == 0


# --- one step -------------------------------------------------------------------------------------


def heard(**changes: Any) -> dict[str, Any]:
    traffic = {
        "seconds": 20.0, "frames": 400, "packets": 3000, "lost": 0, "media_out_bytes": 500_000,
        "media_in_bytes": 5_000, "socket_out_bytes": 2_000, "socket_in_bytes": 8_000,
    }  # fmt: skip
    whole = {
        "connected": 2, "errors": [], "latency_ms": {"p50": 210.0, "p95": 330.0},
        "windows": {"face": {"ok": 400, "no_frames": 2}}, "windows_read": 399,
    }  # fmt: skip
    return {**whole, **changes, "traffic": {**traffic, **changes.get("traffic", {})}}


def looks() -> tuple[capacity.Look, capacity.Look]:
    count = brokering.Count
    cpu, faces = {"web": 5.0, "sender": 1.0}, scraped.Faces
    first = capacity.Look(100.0, cpu, {"web": 200.0}, count(), Counter(a=4), faces(500.0, 10.0))
    commands = Counter(publish=20, get=10)
    later = count(commands, Counter(web=1000), Counter(web=100))
    return first, capacity.Look(
        110.0,
        {"web": 9.0, "sender": 2.0},
        {"web": 210.0},
        later,
        Counter(a=8),
        faces(600.0, 35.0),
    )


def test_a_step_is_what_its_learners_saw_and_what_the_site_used() -> None:
    found = capacity.row(2, heard(), *looks())
    assert found["failed"] is None
    assert found["cpu"] == {"web": 0.4, "sender": 0.1}
    assert found["media_bytes"] == {"up": 25_000, "down": 250}
    assert found["rows"] == {"a": 0.2}
    assert found["valkey"]["channels"] == 2.0
    assert found["windows_never_read"] == 0
    assert found["faces_read"] == 0.75


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"connected": 1}, "not_connected"),
        ({"errors": ["connection_lost"]}, "not_connected"),
        ({"latency_ms": {"p50": 900.0, "p95": 1501.0}}, "too_late"),
        ({"latency_ms": {"p50": None, "p95": None}}, "too_late"),
        ({"windows_read": 393}, "windows_lost"),
        ({"traffic": {"lost": 31}}, "packets_lost"),
    ],
)
def test_a_step_fails_and_says_why(changes: dict[str, Any], why: str) -> None:
    assert capacity.row(2, heard(**changes), *looks())["failed"] == why


# --- the last line --------------------------------------------------------------------------------


def steps(*counts: int, fails: str | None = None) -> list[dict[str, Any]]:
    rows = []
    for n in counts:
        base = capacity.row(2, heard(), *looks())
        cpu = {"web": 0.05 * n, "worker": 0.04 * n, "valkey": 0.01 * n, "sender": 0.02 * n}
        size = {"web": 200.0 + 2.0 * n}
        rows.append({**base, "count": n, "p95_ms": 300.0 + n, "cpu": cpu, "rss_mib": size})
    rows[-1]["failed"] = fails
    return rows


def result(**changes: Any) -> dict[str, Any]:
    profile = {
        "web": {"decode": 1.0, "resize": 0.5, "unattributed": 0.1},
        "worker": {"face nets": 2.0, "unattributed": 0.1},
        "valkey": {"Valkey": 0.3},
    }
    whole = {
        "climb": steps(1, 4, 8, 12, 16, fails="too_late"),
        "profile": profile,
        "push": {"kept_loop_ms": 0.23},
        "ingest": {
            "ingest_ratio": 0.61,
            "streams_without_a_lost_frame": 40,
            "steps": [{"streams": 40, "each_pct": 1.7}, {"streams": 10, "each_pct": 2.0}],
        },
    }
    return {**whole, **changes}


def test_the_last_line_has_the_names_that_others_rely_on() -> None:
    last = json.loads(json.dumps(bench_line.line(result())))
    assert (last["ingest_ratio"], last["learners"], last["p95_ms"]) == (0.61, 12, 312.0)
    assert last["web_mb_per_learner"] == pytest.approx(2.0 * 1.048576, abs=0.01)
    assert last["learners_per_core"] == 10.0
    assert next(iter(last["cpu_split"])) == "face nets"
    assert sum(last["cpu_split"].values()) == pytest.approx(1.0, abs=0.003)


def test_what_was_not_measured_is_null_and_no_zero() -> None:
    last = bench_line.line({"climb": steps(1)})
    for name in ("ingest_ratio", "web_mb_per_learner", "push_ms", "cpu_split"):
        assert last[name] is None
    assert dict(bench_line.goals({"climb": steps(1)})) == dict.fromkeys(
        (goal for goal, _ in bench_line.goals(result())), None
    )


def test_a_site_that_carries_nobody_says_so() -> None:
    last = bench_line.line(result(climb=steps(1, fails="not_connected")))
    assert (last["learners"], last["p95_ms"]) == (0, 301.0)


def test_goals_are_judged_at_their_own_size() -> None:
    assert all(met for _, met in bench_line.goals(result()))
    slow = steps(1, 12)
    slow[-1]["p95_ms"] = 1200.0
    met = dict(bench_line.goals(result(climb=slow)))
    assert met["12 learners with p95 of at most 1000 ms"] is False
    met = dict(bench_line.goals(result(climb=steps(1, 8, 12, fails="too_late"))))
    assert met["12 learners with p95 of at most 1000 ms"] is False
    dear = {"steps": [{"streams": 10, "each_pct": 1.0}, {"streams": 40, "each_pct": 1.2}]}
    assert bench_line.linear(dear) is False


def test_the_tables_and_the_picture_are_of_the_same_figures(tmp_path: Path) -> None:
    text = bench_report.tables(result())
    assert "| 16 (too_late) |" in text
    assert "| browser → web, media | 25,000 |" in text
    assert "| face nets | 50.0% |" in text
    bench_report.draw(result(), tmp_path / "capacity.png")
    assert (tmp_path / "capacity.png").read_bytes().startswith(b"\x89PNG")


def test_a_run_is_put_into_the_docs_between_their_marks() -> None:
    machine = {"at": "2026-11-28 11:00", "cores": 2, "processor": "x", "load": [0.1]}
    whole = result(machine=machine, took_s=500, line=bench_line.line(result()))
    text = bench_report.page(whole)
    assert text.startswith("2026-11-28 11:00, 2 cores (x), load average 0.1 before it began")
    assert '"ingest_ratio": 0.61' in text
    docs = (bench_report.ROOT / "docs" / "capacity.md").read_text(encoding="utf-8")
    assert docs.count(bench_report.BEGIN) == docs.count(bench_report.END) == 1


def test_a_slope_needs_two_places() -> None:
    assert capacity.slope([(1, 10.0), (2, 12.0), (3, 14.0)]) == pytest.approx(2.0)
    assert capacity.slope([(3, 1.0), (3, 2.0)]) is None
