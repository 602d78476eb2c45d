"""A worker takes what was activated, without a restart; what is refused changes nothing."""

from __future__ import annotations

import asyncio
import logging
import time
from pathlib import Path

import pytest
import redis
from channels.layers import get_channel_layer

from tests.inference.windows import window
from tests.nets import models
from tutor_emotion.conf import get_settings
from tutor_emotion.core.states import PRIOR
from tutor_emotion.errors import Unavailable
from tutor_emotion.inference import queue, renewal
from tutor_emotion.inference.renewal import Renewal
from tutor_emotion.inference.runner import Runner, ScriptedRunner
from tutor_emotion.inference.slots import Slots
from tutor_emotion.inference.worker import Worker
from tutor_emotion.live.states import StatesInUse
from tutor_emotion.nets import registry
from tutor_emotion.nets.compact import CompactRunner

pytestmark = pytest.mark.django_db(transaction=True)


class Site:
    """A folder of models with the package's own files, and a worker that runs on it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for path in get_settings().WEIGHTS_DIR.glob("*.task"):
            (folder / path.name).symlink_to(path.resolve())
        self.loads = 0
        mark = registry.activation_mark(folder)
        self.worker = Worker(self.load(), Slots(get_settings().REDIS_URL), 8)
        self.renewal = Renewal(self.load, self.mark, self.worker.use, mark)

    def mark(self) -> object:
        return registry.activation_mark(self.folder)

    def load(self) -> Runner:
        self.loads += 1
        return CompactRunner(self.folder, "cpu")

    def activate(self, version: str) -> str:
        model = models.expression(self.folder / "own", version, seed=int(version))
        return registry.activate(self.folder, model.name).stamp


@pytest.fixture
def site(valkey: redis.Redis, tmp_path: Path) -> Site:
    return Site(tmp_path)


def test_what_is_activated_runs_and_what_is_rolled_back_does_not(site: Site) -> None:
    before = site.worker.runner.version
    site.renewal.look()
    assert (site.loads, site.worker.runner.version) == (1, before)
    first = site.activate("100")
    site.renewal.look()
    assert first in site.worker.runner.version
    second = site.activate("101")
    site.renewal.look()
    assert second in site.worker.runner.version
    assert first not in site.worker.runner.version
    registry.rollback(site.folder, "expression")
    site.renewal.look()
    assert first in site.worker.runner.version
    site.renewal.look()
    assert site.loads == 4


def test_the_heartbeat_names_what_truly_runs(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    stamp = site.activate("100")
    site.renewal.look()
    site.worker.slots.beat(site.worker.name, site.worker.runner.version, 5.0)
    assert any(stamp in version for version in queue.workers())


def test_a_broken_model_keeps_the_old_one_and_is_logged_once(
    site: Site, caplog: pytest.LogCaptureFixture
) -> None:
    good = site.activate("100")
    site.renewal.look()
    site.activate("101")
    path = site.folder / "own" / "expression-101" / "model.safetensors"
    path.write_bytes(path.read_bytes()[:-1] + b"\x7f")
    with caplog.at_level(logging.ERROR):
        for _ in range(3):
            site.renewal.look()
    assert good in site.worker.runner.version
    said = [record.getMessage() for record in caplog.records]
    assert len([line for line in said if "model_corrupt" in line]) == 1
    registry.rollback(site.folder, "expression")
    site.renewal.look()
    assert good in site.worker.runner.version


def test_a_fault_that_nobody_foresaw_ends_no_later_renewal(valkey: redis.Redis) -> None:
    worker = Worker(ScriptedRunner(), Slots(get_settings().REDIS_URL), 8)
    marks, news = iter([1, 2]), ScriptedRunner()
    answers: list[object] = [MemoryError("the GPU is full"), news]

    def load() -> Runner:
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        assert isinstance(answer, ScriptedRunner)
        return answer

    renewing = Renewal(load, lambda: next(marks), worker.use, 0)
    before = worker.runner
    renewing.look()
    assert worker.runner is before
    renewing.look()
    assert worker.runner is news


async def test_windows_are_read_while_another_model_is_being_loaded(valkey: redis.Redis) -> None:
    """Loading takes its time in a thread of its own; no batch waits for it."""
    channel = await get_channel_layer().new_channel()
    worker = Worker(ScriptedRunner({"yaw_deg": 1.0}), Slots(get_settings().REDIS_URL), 8)
    release = asyncio.Event()
    loop = asyncio.get_running_loop()

    def load() -> Runner:
        asyncio.run_coroutine_threadsafe(release.wait(), loop).result(10)
        return ScriptedRunner({"yaw_deg": 2.0})

    renewing = asyncio.create_task(asyncio.to_thread(Renewal(load, lambda: 1, worker.use, 0).look))
    for expected in (1.0, 2.0):
        await queue.put("slot", channel, window())
        await asyncio.to_thread(worker.run_waiting)
        message = await asyncio.wait_for(get_channel_layer().receive(channel), 3)
        assert message["readings"][0]["measures"] == {"yaw_deg": expected}
        release.set()
        await renewing


def test_it_looks_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(renewal, "LOOK_S", 0.01)
    got: list[Runner] = []
    Renewal(ScriptedRunner, lambda: 1, got.append, 0).start()
    end_s = time.monotonic() + 5
    while not got and time.monotonic() < end_s:
        time.sleep(0.01)
    time.sleep(0.05)  # five more looks: what has not changed is not loaded again
    assert len(got) == 1


# --- the web process: the mapping to states ------------------------------------------------------


def test_new_sessions_take_the_states_model_that_is_active(tmp_path: Path) -> None:
    in_use = StatesInUse(tmp_path)
    assert in_use.get() == PRIOR
    models.states(tmp_path / "own", "100")
    registry.activate(tmp_path, "states/100")
    assert in_use.get().version == "100"
    registry.rollback(tmp_path, "states")
    assert in_use.get() == PRIOR


def test_a_broken_states_model_keeps_the_old_one_and_is_logged_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    models.states(tmp_path / "own", "100")
    models.states(tmp_path / "own", "101")
    registry.activate(tmp_path, "states/100")
    in_use = StatesInUse(tmp_path)
    assert in_use.get().version == "100"
    registry.activate(tmp_path, "states/101")
    path = tmp_path / "own" / "states-101" / "config.json"
    path.write_text(path.read_text().replace('"seed": 0', '"seed": 1'))
    with caplog.at_level(logging.ERROR):
        assert {in_use.get().version for _ in range(3)} == {"100"}
    assert len([r for r in caplog.records if "model_corrupt" in r.getMessage()]) == 1


def test_a_worker_with_a_broken_model_does_not_start(tmp_path: Path, valkey: redis.Redis) -> None:
    site = Site(tmp_path)
    site.activate("100")
    (tmp_path / "own" / "expression-100" / "CARD.md").unlink()
    with pytest.raises(Unavailable, match="model_missing"):
        site.load()
