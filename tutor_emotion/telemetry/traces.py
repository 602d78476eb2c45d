"""OpenTelemetry traces: browser event, socket, Window, worker, Estimate, push.

Off while TRACES is empty: then nothing of it is imported and ``span`` does nothing. A
context crosses processes as a ``traceparent`` (W3C), a random number, in the Window's slot and in
what the worker sends back. The doorbell carries none: it rings for many learners at once. A span
has kinds and counts as its attributes, and never what an exception says.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from typing import TYPE_CHECKING, Any

from tutor_emotion.conf import get_settings

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.trace import Tracer

_here: ContextVar[str] = ContextVar("traceparent", default="")
_role = "web"


def begin(role: str) -> None:
    """Say what this process is; its spans carry it as their service."""
    global _role
    _role = role


def chosen() -> bool:
    """Whether the events of one more browser are to be traced: a share of TRACES_SHARE are."""
    settings = get_settings()
    return bool(settings.TRACES) and random.random() < settings.TRACES_SHARE  # noqa: S311


def here() -> str:
    """The ``traceparent`` of the span that we are in, empty outside of any."""
    return _here.get()


def trace_id() -> str:
    """Its trace's id, 32 hexadecimal digits, or empty."""
    return here()[3:35]


@contextmanager
def span(name: str, parent: str | None = None, **attributes: str | int) -> Iterator[None]:
    """What is done within is one span. ``parent`` is a ``traceparent``, empty for a new trace;
    None: the span that we are in."""
    if not get_settings().TRACES:
        yield
        return
    with _recorded(_tracer(), name, here() if parent is None else parent, attributes):
        yield


@contextmanager
def span_of(name: str, parent: str, **attributes: str | int) -> Iterator[None]:
    """As ``span``, where there is a parent; without one nothing."""
    if not parent:
        yield
        return
    with span(name, parent, **attributes):
        yield


@contextmanager
def _recorded(
    tracer: Tracer, name: str, parent: str, attributes: dict[str, str | int]
) -> Iterator[None]:
    from opentelemetry.trace import StatusCode
    from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

    context = TraceContextTextMapPropagator().extract({"traceparent": parent})
    made = tracer.start_span(name, context, attributes=attributes)
    told = made.get_span_context()
    token = _here.set(f"00-{told.trace_id:032x}-{told.span_id:016x}-{told.trace_flags:02x}")
    try:
        yield
    except Exception as error:
        made.set_status(StatusCode.ERROR)
        made.set_attribute("error.type", type(error).__name__)
        raise
    finally:
        _here.reset(token)
        made.end()


@cache
def _provider() -> TracerProvider:
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor
    from opentelemetry.sdk.trace.sampling import ParentBased, TraceIdRatioBased

    settings = get_settings()
    provider = TracerProvider(
        sampler=ParentBased(TraceIdRatioBased(settings.TRACES_SHARE)),
        resource=Resource.create({"service.name": f"tutor_emotion.{_role}"}),
    )
    endpoint = f"{settings.TRACES.rstrip('/')}/v1/traces"
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(endpoint=endpoint)))
    return provider


@cache
def _tracer() -> Any:
    return _provider().get_tracer("tutor_emotion")
