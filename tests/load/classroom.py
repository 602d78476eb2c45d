"""What a classroom of 400 costs its teacher's browser, and how soon a change is on the screen.

``python -m tests.load.classroom`` starts a demonstration of its own (Valkey, web server; no
worker), plays a web process with 400 live sessions through the real push path, opens the real page
in Chromium, and prints one JSON object. Takes about a minute and a half.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tutor_emotion.demo.children import Child
from tutor_emotion.demo.supervisor import Plan, _answers, _is_ready, web
from tutor_emotion.demo.valkey import EmbeddedValkey, free_port

ROOT = Path(__file__).resolve().parents[2]
WARM_UP_S = 10.0
# What a learner's row says changes when they miss, ask, go on, or another band is reached.
CHANGES_EACH_S = 8.0
# And they get into another need, or out of it: some 24 times an hour, four times what is allowed
# to call for a teacher (affect.md: at most 6 alarms an hour).
NEEDS_EACH_S = 150.0
NEEDS = (
    ("fine", 0.62, None),
    ("on_a_roll", 0.08, "run"),
    ("idle", 0.08, "idle"),
    ("rushing", 0.02, "hurried"),
    ("struggle", 0.12, "misses_on_step"),
    ("frustrated", 0.02, "misses_on_step"),
    ("unresolved", 0.04, "misses_on_step"),
    ("wheelspin", 0.02, "without_mastery"),
)
# Each row carries the time of its change; when the next frame after it is through, it is seen.
WATCH = """() => {
  const seen = new Set(), late = (window.late = []);
  const stamps = (node) => (node.textContent ?? '').matchAll(/#(\\d{13})/g);
  const observer = new MutationObserver((changes) => {
    const fresh = [];
    for (const change of changes)
      for (const node of change.type === 'childList' ? change.addedNodes : [change.target])
        for (const [, stamp] of stamps(node))
          if (!seen.has(stamp)) { seen.add(stamp); fresh.push(Number(stamp)); }
    if (fresh.length > 0)
      requestAnimationFrame(() => setTimeout(() => {
        const now = Date.now();
        late.push(...fresh.map((stamp) => now - stamp));
      }));
  });
  const root = document.querySelector('tutor-emotion-classroom').shadowRoot;
  const lists = root.querySelector('.lists');
  for (const [, stamp] of stamps(lists)) seen.add(stamp);
  observer.observe(root, { characterData: true, childList: true, subtree: true });
}"""


class Crowd(threading.Thread):
    """A web process with live sessions: rows that change, and an answer to who asks for all."""

    def __init__(self, course: str, size: int, seed: int) -> None:
        super().__init__(daemon=True)
        self.course, self.random = course, random.Random(seed)
        self.ids = [str(uuid.UUID(int=self.random.getrandbits(128))) for _ in range(size)]
        self.rows: dict[str, Any] = {}
        self.changes = 0
        self.over = threading.Event()

    def run(self) -> None:
        asyncio.run(self._live())

    async def _live(self) -> None:
        from channels.layers import get_channel_layer

        from tutor_emotion.live import push
        from tutor_emotion.live.board import Board

        self.board, layer = Board(), get_channel_layer()
        inbox = await layer.new_channel()
        await layer.group_add(push.course_group(self.course), inbox)
        for session in self.ids:
            self.rows[session] = self._row(session)
        answering = asyncio.create_task(self._answer(layer, inbox))
        pause_s = CHANGES_EACH_S / len(self.ids)
        due_s = time.monotonic()
        while not self.over.is_set():
            session = self.random.choice(self.ids)
            self.rows[session] = self._row(session, self.rows[session])
            self.board.changed(self.course, session, self.rows[session])
            self.changes += 1
            due_s += self.random.expovariate(1 / pause_s)
            await asyncio.sleep(max(0.0, due_s - time.monotonic()))
        answering.cancel()

    async def _answer(self, layer: Any, inbox: str) -> None:
        from tutor_emotion.live import push
        from tutor_emotion.live.board import in_parts

        while True:
            message = await layer.receive(inbox)
            if message["type"] != "session.row":
                continue
            rows = [push.row_of(session, row) for session, row in self.rows.items()]
            for some in in_parts(rows):
                seq = self.board.seq(self.course)
                await push.rows_to(message["reply"], self.board.origin, seq, some)

    def _row(self, session: str, before: Any = None) -> Any:
        from tutor_emotion.protocol import LearnerRow, Reason

        change = before is None or self.random.random() < CHANGES_EACH_S / NEEDS_EACH_S
        weights = [weight for _, weight, _ in NEEDS]
        need, _, measure = self.random.choices(NEEDS, weights)[0]
        number = self.ids.index(session)
        row = LearnerRow(
            session=session,
            name=f"Learner {number:03d}",
            need=need,  # type: ignore[arg-type]
            reasons=[Reason(measure=measure, value=self.random.randint(2, 9), skill="Fractions")]
            if measure
            else [],
            since_s=0.0,
            confidence=self.random.choice(("low", "medium", "high")),
            coverage=round(self.random.random(), 1),
            step=f"Step {self.random.randint(1, 12)} #{time.time() * 1000:.0f}",
            last_adaptation=self.random.choice((None, "hint", "worked_step")),
            last_outcome=self.random.choice((None, "taken", "dismissed")),
        )
        kept = {} if change else {"need": before.need, "reasons": before.reasons}
        return row.model_copy(update=kept)


@contextmanager
def demonstration(var: Path) -> Iterator[Plan]:
    """Valkey and a web server with the demonstration's courses; its settings are this process's."""
    embedded = EmbeddedValkey.on_free_port()
    plan = Plan("127.0.0.1", free_port(), ROOT, var)
    os.environ |= {
        "DJANGO_SETTINGS_MODULE": "tutor_emotion.demo.settings",
        "TUTOR_EMOTION_VAR": str(var),
        "REDIS_URL": embedded.url,
    }
    children = [
        Child("valkey", embedded.command, var / "log" / "valkey.log", embedded.config(var)),
        web(plan),
    ]
    try:
        children[0].start(os.environ, ROOT)
        _until(lambda: _answers(embedded.url))
        for command in (["migrate", "-v0"], ["seed_demo"]):
            subprocess.run(
                [sys.executable, "manage.py", *command], cwd=ROOT, check=True, capture_output=True
            )
        children[1].start(os.environ, ROOT)
        _until(lambda: _is_ready(plan.address + "readyz"))
        yield plan
    finally:
        for child in reversed(children):
            child.terminate()
            if not child.wait(10.0):
                child.kill()


def _until(ready: Any, limit_s: float = 60.0) -> None:
    end = time.monotonic() + limit_s
    while not ready():
        if time.monotonic() > end:
            raise SystemExit("it is not ready")
        time.sleep(0.1)


def measure(plan: Plan, crowd: Crowd, seconds: float, picture: Path | None) -> dict[str, Any]:
    """The page of a teacher for so long, in a browser of its own."""
    from playwright.sync_api import sync_playwright

    from tests.e2e.pages import Classroom, SignIn
    from tests.e2e.site import PASSWORD, TEACHER
    from tutor_emotion.demo.bootstrap.browser import find

    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=find(), args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1280, "height": 800})
        SignIn(page, plan.address).open().sign_in(TEACHER, PASSWORD)
        page.wait_for_url(plan.address)
        classroom = Classroom(page, plan.address).open()
        classroom.root.locator("[data-session]").nth(len(crowd.ids) - 1).wait_for(state="attached")
        time.sleep(WARM_UP_S)
        devtools = page.context.new_cdp_session(page)
        # The thread's own time: on a machine that does other things, too, a task's begin and end
        # tell how long others had the processor.
        devtools.send("Performance.enable", {"timeDomain": "threadTicks"})
        page.evaluate(WATCH)
        before, changes, began_s = _metrics(devtools), crowd.changes, time.monotonic()
        time.sleep(seconds)
        after, wall_s = _metrics(devtools), time.monotonic() - began_s
        changes = crowd.changes - changes
        late = sorted(page.evaluate("late"))
        if picture:
            page.screenshot(path=picture)
        browser.close()
    share = {k: round((after[k] - before[k]) / wall_s, 4) for k in after if k.endswith("Duration")}
    return {
        "seconds": round(wall_s, 1),
        "learners": len(crowd.ids),
        "changes_a_second": round(changes / wall_s, 1),
        "seen": len(late),
        "main_thread": share["TaskDuration"],
        "of_it": {k: v for k, v in share.items() if k != "TaskDuration"},
        "update_to_screen_ms": {
            name: late[int(q * (len(late) - 1))]
            for name, q in (("p50", 0.5), ("p95", 0.95), ("p99", 0.99), ("max", 1.0))
        },
        "heap_mib": round(after["JSHeapUsedSize"] / 2**20, 1),
    }


def _metrics(devtools: Any) -> dict[str, float]:
    return {m["name"]: m["value"] for m in devtools.send("Performance.getMetrics")["metrics"]}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--learners", type=int, default=400)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--picture", type=Path, help="where to put a screenshot of the page")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, demonstration(Path(folder)) as plan:
        import django

        django.setup()
        crowd = Crowd("fractions", chosen.learners, chosen.seed)
        crowd.start()
        result = measure(plan, crowd, chosen.seconds, chosen.picture)
        crowd.over.set()
        crowd.join(5.0)
    result["load_average"] = [round(x, 2) for x in os.getloadavg()]
    result["cores"] = os.cpu_count()
    sys.stdout.write(json.dumps(result, indent=1) + "\n")


if __name__ == "__main__":
    main()
