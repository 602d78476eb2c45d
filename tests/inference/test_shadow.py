"""A second Runner on the same Windows: counted, never heard."""

from __future__ import annotations

import asyncio
import io
import json
import threading
from collections import Counter
from collections.abc import Mapping, Sequence

import pytest
import redis
from channels.layers import get_channel_layer
from django.core.management import call_command

from tests.inference.windows import window
from tutor_emotion.conf import get_settings
from tutor_emotion.core.types import Reading, Window
from tutor_emotion.inference import agreement, queue
from tutor_emotion.inference.agreement import Agreements, cells
from tutor_emotion.inference.runner import ScriptedRunner
from tutor_emotion.inference.shadow import Shadow
from tutor_emotion.inference.slots import Slots
from tutor_emotion.inference.worker import Worker


class Named(ScriptedRunner):
    """Sees ``label`` in every face and hears it in every voice."""

    def __init__(self, version: str, label: str, voice: str = "") -> None:
        super().__init__({f"expression_{label}": 0.8, "expression_neutral": 0.2})
        self.voice = {f"voice_{voice or label}": 0.9, "voice_neutral": 0.1}
        self.version = version


class Slow(Named):
    """Goes on only when it is let."""

    def __init__(self) -> None:
        super().__init__("slow/1", "anger")
        self.let = threading.Event()

    def run(self, windows: Sequence[Window]) -> list[list[Reading]]:
        assert self.let.wait(10)
        return super().run(windows)


class Broken(Named):
    def run(self, windows: Sequence[Window]) -> list[list[Reading]]:
        raise ValueError(f"cannot read {windows!r}")


def agreements() -> Agreements:
    return Agreements(get_settings().REDIS_URL)


# --- it works ------------------------------------------------------------------------------------


def test_what_two_runners_found_likeliest_is_counted(valkey: redis.Redis) -> None:
    live = Named("compact/2", "anger")
    shadow = Shadow(Named("r1-omni/1", "anger", voice="sadness"), agreements())
    windows = [window(seq=i, utterances=1) for i in range(3)]
    done = shadow.offer(live.version, windows, live.run(windows))
    assert done is not None
    done.result(5)
    (compared,) = agreements().read()
    assert (compared.live, compared.shadow, compared.skipped) == ("compact/2", "r1-omni/1", 0)
    face, voice = compared.agreements
    assert (face.of, face.both, face.share) == ("face emotion", 3, 1.0)
    assert (voice.of, voice.both, voice.share) == ("voice emotion", 3, 0.0)
    assert voice.counts == {"anger": {"sadness": 3}}


@pytest.mark.django_db(transaction=True)
async def test_nothing_of_the_shadow_reaches_the_session(valkey: redis.Redis) -> None:
    layer = get_channel_layer()
    channel = await layer.new_channel()
    await queue.put("slot", channel, window(seq=1))
    shadow = Slow()
    worker = Worker(
        Named("compact/2", "fear"),
        Slots(get_settings().REDIS_URL),
        8,
        shadow=Shadow(shadow, agreements()),
    )
    # The live Reading is there although the shadow has not begun.
    assert await asyncio.wait_for(asyncio.to_thread(worker.run_waiting), 5) == 1
    message = await asyncio.wait_for(layer.receive(channel), 3)
    (reading,) = message["readings"]
    assert reading["model"] == "compact/2"
    assert "expression_anger" not in reading["measures"]
    shadow.let.set()
    with pytest.raises(asyncio.TimeoutError):
        await asyncio.wait_for(layer.receive(channel), 0.3)


def test_what_is_kept_names_versions_and_labels_and_nobody(valkey: redis.Redis) -> None:
    live = Named("compact/2", "anger")
    shadow = Shadow(Named("r1-omni/1", "fear"), agreements())
    windows = [window(seq=41)]
    done = shadow.offer(live.version, windows, live.run(windows))
    assert done is not None
    done.result(5)
    (key,) = valkey.keys("te:*")
    assert key == b"te:agreement:compact/2|r1-omni/1"
    assert valkey.hgetall(key) == {b"face emotion|anger|fear": b"1"}
    assert 0 < valkey.ttl(key) <= agreement.KEPT_S


# --- edges ---------------------------------------------------------------------------------------


def test_while_it_is_at_work_what_comes_is_skipped_and_said_so(valkey: redis.Redis) -> None:
    live, slow = Named("compact/2", "anger"), Slow()
    shadow = Shadow(slow, agreements())
    windows = [window(), window(seq=1)]
    first = shadow.offer(live.version, windows, live.run(windows))
    assert first is not None
    assert shadow.offer(live.version, windows, live.run(windows)) is None
    slow.let.set()
    first.result(5)
    second = shadow.offer(live.version, windows, live.run(windows))
    assert second is not None
    second.result(5)
    (compared,) = agreements().read()
    assert compared.skipped == 2
    assert compared.agreements[0].both == 4


def test_a_shadow_that_fails_is_told_of_without_what_it_saw(
    valkey: redis.Redis, caplog: pytest.LogCaptureFixture
) -> None:
    live = Named("compact/2", "anger")
    shadow = Shadow(Broken("broken/1", "anger"), agreements())
    windows = [window()]
    for _ in range(2):  # and it goes on
        done = shadow.offer(live.version, windows, live.run(windows))
        assert done is not None
        done.result(5)
    assert agreements().read() == []
    assert "a batch of the shadow: ValueError" in caplog.text
    assert "Window(" not in caplog.text


def reading(modality: str, measures: Mapping[str, float] | None = None, **p: float) -> Reading:
    return Reading(modality, 0.0, 1.0, measures or {}, 1.0, 1, "m", p or None)  # type: ignore[arg-type]


def test_what_only_one_could_read_is_no_disagreement() -> None:
    seen = reading("face", {"expression_fear": 0.9})
    assert cells([seen], []) == {("face emotion", "fear", "-"): 1}
    assert cells([], [seen]) == {("face emotion", "-", "fear"): 1}
    assert cells([], []) == Counter()
    found = agreement.agreement("face emotion", {("fear", "-"): 3, ("fear", "fear"): 1})
    assert (found.both, found.share, found.only_live, found.only_shadow) == (1, 1.0, 3, 0)


def test_states_and_emotions_are_not_compared() -> None:
    states = reading("face", confused=0.9, neutral=0.1)
    assert cells([reading("face", {"expression_fear": 0.9})], [states]) == Counter()
    assert cells([states], [states]) == {("face state", "confused", "confused"): 1}


def test_kappa_is_cohens() -> None:
    # Cohen 1960: 0.70 alike where 0.50 would be by chance.
    table = {("a", "a"): 20, ("a", "b"): 5, ("b", "a"): 10, ("b", "b"): 15}
    found = agreement.agreement("face emotion", table)
    assert found.share == pytest.approx(0.70)
    assert found.kappa == pytest.approx((0.70 - 0.50) / 0.50)
    alike = agreement.agreement("face emotion", {("a", "a"): 9})
    assert (alike.share, alike.kappa) == (1.0, None)  # one label only: chance would do as well


def test_it_can_begin_anew(valkey: redis.Redis) -> None:
    agreements().add("a", "b", {("face emotion", "fear", "fear"): 1})
    assert agreements().forget() == 1
    assert agreements().forget() == 0
    assert agreements().read() == []


def told(*arguments: str) -> str:
    out = io.StringIO()
    call_command("r1_omni", "agreement", *arguments, stdout=out)
    return out.getvalue()


def test_the_command_shows_the_counts_and_forgets_them(valkey: redis.Redis) -> None:
    assert "Nothing is counted yet" in told()
    cell = ("face emotion", "fear", "fear")
    agreements().add("compact/2", "r1-omni/1", {cell: 3, ("face emotion", "anger", "fear"): 1}, 2)
    shown = told()
    assert "compact/2 | r1-omni/1: 2 Windows skipped" in shown
    assert "face emotion: 4 Windows, 75.0% alike, kappa 0.000; only live 0, only shadow 0" in shown
    (pair,) = json.loads(told("--json"))
    assert pair["agreements"][0]["counts"] == {"anger": {"fear": 1}, "fear": {"fear": 3}}
    assert json.loads(told("--forget", "--json")) == []
