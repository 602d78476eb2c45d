"""A worker with an omni Runner: live Windows through it, and what it refuses to start with."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path
from typing import Any

import pytest
import redis
from celery import current_app
from channels.layers import get_channel_layer

from tests.inference.windows import window
from tests.nets.r1_omni.test_runner import checkpoint
from tests.nets.r1_omni.tiny import TINY
from tutor_emotion import core_dumps
from tutor_emotion.conf import get_settings
from tutor_emotion.errors import BadInput
from tutor_emotion.inference import loading, queue, tasks, worker
from tutor_emotion.inference.slots import Slots
from tutor_emotion.inference.worker import Worker

pytestmark = pytest.mark.django_db(transaction=True)


def use(settings: Any, **ours: Any) -> None:
    settings.TUTOR_EMOTION = settings.TUTOR_EMOTION | {"DEVICE": "cpu"} | ours


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return checkpoint(tmp_path / "checkpoint", TINY)


async def test_live_windows_go_through_it_as_through_the_compact_one(
    valkey: redis.Redis, settings: Any, folder: Path
) -> None:
    use(settings, RUNNER="r1-omni", R1_OMNI_FOLDER=folder, R1_OMNI_LABELS="ravdess")
    made = Worker(loading.load_runner(get_settings()), Slots(get_settings().REDIS_URL), 8)
    layer = get_channel_layer()
    channels = [await layer.new_channel() for _ in range(3)]
    for n, channel in enumerate(channels):
        await queue.put(f"slot-{n}", channel, window(seq=n, utterances=n % 2))
    assert await asyncio.to_thread(made.run_waiting) == 3
    for n, channel in enumerate(channels):
        message = await asyncio.wait_for(layer.receive(channel), 5)
        (reading,) = message["readings"]
        assert message["seq"] == n
        assert reading["modality"] == "face"
        assert reading["model"].endswith("labels/ravdess")
        assert sum(reading["measures"].values()) == pytest.approx(1.0)


def start() -> None:
    """As Celery starts a worker that serves our queue."""
    worker._make.cache_clear()
    try:
        tasks.load_runner()
    finally:
        worker._make.cache_clear()


@pytest.mark.parametrize(
    ("ours", "spoil", "said"),
    [
        ({}, "", "no_checkpoint_folder"),
        ({"R1_OMNI_FOLDER": Path("/nowhere/at/all")}, "", "checkpoint_missing"),
        ({}, "model.safetensors", "checkpoint_"),
        ({}, "checked.json", "checkpoint_unchecked"),
    ],
)
def test_with_a_missing_or_broken_checkpoint_it_refuses_to_start_and_says_why(
    settings: Any,
    folder: Path,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
    ours: dict[str, Any],
    spoil: str,
    said: str,
) -> None:
    monkeypatch.setattr(core_dumps, "forbid", lambda: None)  # of this process
    if spoil:
        (folder / spoil).unlink()
        ours = {"R1_OMNI_FOLDER": folder}
    served = next(iter(current_app.amqp.queues.consume_from))
    use(settings, RUNNER="r1-omni", QUEUE=served, **ours)
    with pytest.raises(SystemExit), caplog.at_level(logging.CRITICAL):
        start()
    assert said in caplog.text
    assert "without a camera" in caplog.text


def test_a_shadow_that_cannot_be_loaded_is_left_out_and_told_of(
    settings: Any, caplog: pytest.LogCaptureFixture
) -> None:
    use(settings, RUNNER="scripted", SHADOW_RUNNER="r1-omni", R1_OMNI_FOLDER="/nowhere/at/all")
    assert loading.load_shadow(get_settings()) is None
    assert "checkpoint_missing" in caplog.text


def test_a_shadow_reads_with_the_checkpoint_that_is_set(settings: Any, folder: Path) -> None:
    use(settings, RUNNER="scripted", SHADOW_RUNNER="r1-omni", R1_OMNI_FOLDER=folder)
    shadow = loading.load_shadow(get_settings())
    assert shadow is not None
    assert shadow.runner.version.startswith("r1-omni/1+")
    use(settings, SHADOW_RUNNER=None)
    assert loading.load_shadow(get_settings()) is None


def test_reasons_are_measured_only_where_windows_are_kept_for_them(settings: Any) -> None:
    use(settings, RUNNER="omni-mini")
    assert loading.load_measurer(get_settings()) is None
    use(settings, RUNNER="compact", REASON_WINDOW_S=10)
    assert loading.load_measurer(get_settings()) is None
    use(settings, RUNNER="omni-mini", REASON_WINDOW_S=10)
    measurer = loading.load_measurer(get_settings())
    assert measurer is not None
    assert measurer.version.startswith("compact/")


def test_an_omni_runner_is_not_loaded_anew_when_a_model_of_ours_is_activated(
    settings: Any, tmp_path: Path
) -> None:
    def changes(runner: str) -> bool:
        use(settings, RUNNER=runner, WEIGHTS_DIR=tmp_path)
        (tmp_path / "active.json").unlink(missing_ok=True)
        before = loading.activated(get_settings())
        (tmp_path / "active.json").write_text("{}")
        return loading.activated(get_settings()) != before

    assert changes("compact")
    assert not changes("omni-mini")


def test_r1_omni_without_a_folder_is_a_coded_error(settings: Any) -> None:
    use(settings, RUNNER="r1-omni")
    with pytest.raises(BadInput) as refused:
        loading.load_runner(get_settings())
    assert refused.value.code == "no_checkpoint_folder"
    assert "R1_OMNI_FOLDER" in refused.value.hint
