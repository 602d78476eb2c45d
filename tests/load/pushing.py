"""What one push of Readings costs the worker: ``python -m tests.load.pushing``, one JSON object.

The same loop, layer and message as the worker's (``inference/worker.py``), to a real Valkey and a
channel that nobody reads. Beside it a bridge for each call, which the loop is there to avoid.
Processor time of this whole process, so that what else runs on the machine counts little.
"""

from __future__ import annotations

import asyncio
import json
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import wait
from dataclasses import asdict
from typing import Any

from tutor_emotion.core.types import Reading

BATCH, BATCHES, BRIDGED = 12, 100, 200
MEASURES = 62  # of a face: blendshapes, pose, expression


def reading() -> dict[str, Any]:
    """As large as one of the `compact` Runner's, made into data as the worker does."""
    return asdict(
        Reading(
            modality="face",
            start_s=812.25,
            end_s=813.25,
            measures={f"measure_number_{n}": 0.123456789 + n for n in range(MEASURES)},
            quality=0.912,
            n_valid=5,
            model="compact/2+64184e22 expression/1+0f1e2d3c",
        )
    )


def cost_ms(work: Callable[[], object], messages: int) -> float:
    before = time.process_time()
    work()
    return round(1000 * (time.process_time() - before) / messages, 3)


def main() -> None:
    import django

    django.setup()
    from asgiref.sync import async_to_sync

    from tutor_emotion.live import push

    loop = asyncio.new_event_loop()
    threading.Thread(target=loop.run_forever, daemon=True).start()
    channel = "specific.nobody!reads"

    def batches(count: int) -> None:
        for _ in range(count):
            sent = [
                asyncio.run_coroutine_threadsafe(push.readings(channel, n, [reading()]), loop)
                for n in range(BATCH)
            ]
            wait(sent)
            for one in sent:
                one.result()

    def bridged(count: int) -> None:
        for n in range(count):
            async_to_sync(push.readings)(channel, n, [reading()])

    batches(5)  # the connection is made once
    kept = cost_ms(lambda: batches(BATCHES), BATCH * BATCHES)
    bridged(3)
    each = cost_ms(lambda: bridged(BRIDGED), BRIDGED)
    sys.stdout.write(json.dumps({"kept_loop_ms": kept, "bridge_a_call_ms": each}) + "\n")


if __name__ == "__main__":
    main()
