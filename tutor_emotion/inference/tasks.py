"""The doorbell: a task without arguments that says that there is work."""

from __future__ import annotations

import logging
from typing import Any

from celery import current_app, shared_task
from celery.signals import worker_init, worker_process_init, worker_shutdown

from tutor_emotion import contradictions, faults
from tutor_emotion.conf import get_settings
from tutor_emotion.errors import TutorEmotionError
from tutor_emotion.inference import worker
from tutor_emotion.inference.doorbell import TASK
from tutor_emotion.telemetry.serving import serve

log = logging.getLogger(__name__)


@shared_task(name=TASK, ignore_result=True)  # type: ignore[untyped-decorator]
def run_windows() -> int:
    """Run all waiting Windows as one batch; other doorbells then find nothing. Never retried."""
    return worker.current().run_waiting()


@worker_init.connect  # type: ignore[untyped-decorator]
def refuse_what_cannot_be(sender: Any = None, **_: Any) -> None:
    """Before anything is forked: settings that contradict each other, a pool that forks CUDA."""
    here = get_settings()
    if not _served():
        return
    failed = contradictions.failed()
    for one in failed:
        faults.refused(log, "the start of a worker", str(one.id), str(one.hint))
    if failed:
        raise SystemExit("\n".join(map(contradictions.said, failed)))
    pool = getattr(sender, "pool_cls", "")  # a name, or already the class
    pool_name = pool if isinstance(pool, str) else pool.__module__.rpartition(".")[2]
    if pool_name in contradictions.FORKS and contradictions.on_cuda(here):
        hint = "Start it with --pool solo: one process for each GPU."
        faults.refused(log, "the start of a worker", "pool_forks", hint)
        raise SystemExit(f"pool_forks: CUDA does not survive a fork. {hint}")


@worker_process_init.connect  # type: ignore[untyped-decorator]
def load_runner(**_: Any) -> None:
    """Load the Runner where it will run, after any fork, and only where our queue is served.

    The host's other workers import this module too; they must not pay for torch.
    """
    served = _served()
    serve("worker" if served else "chores")
    if not served:
        return
    here = get_settings()
    if here.GPU_QUEUE in served and not contradictions.on_cuda(here):
        log.warning("a worker of GPU_QUEUE has no GPU: it is asked first, and others wait for it")
    try:
        worker.current()
    except TutorEmotionError as error:
        # Celery swallows a handler's exception, and a worker that cannot infer would seem alive.
        log.critical(
            "the Runner cannot be loaded (see manage.py models verify, fetch_weights, r1_omni "
            "check), and learners go on without a camera: %s. %s",
            error.code,
            error.hint,
        )
        faults.refused(log, "the start of a worker", error.code, error.hint)
        raise SystemExit(1) from None


def _served() -> set[str]:
    """Those of the doorbell's queues that this worker listens to."""
    here = get_settings()
    return {here.QUEUE, here.GPU_QUEUE} & set(current_app.amqp.queues.consume_from)


@worker_shutdown.connect  # type: ignore[untyped-decorator]
def say_goodbye(**_: Any) -> None:
    """A worker that is stopped is nobody who died."""
    worker.goodbye()
