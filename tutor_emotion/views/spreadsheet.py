"""Tables as CSV files: streamed, and nothing in them that a spreadsheet would run."""

from __future__ import annotations

import csv
import io
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from itertools import islice

from asgiref.sync import sync_to_async
from django.core.handlers.asgi import ASGIRequest
from django.http import HttpRequest, StreamingHttpResponse

_ROWS_IN_CHUNK = 200
_RUN = ("=", "+", "-", "@", "\t", "\r")  # OWASP: CSV injection
_BOM = "\ufeff"  # without it some spreadsheets take UTF-8 for something else


def csv_response(
    request: HttpRequest, name: str, rows: Iterable[Sequence[object]], *, bom: bool
) -> StreamingHttpResponse:
    """``rows`` as a file to save; they are asked for while it is sent."""
    chunks = _chunks(rows, _BOM if bom else "")
    # Under ASGI Django would take a plain iterator into memory before it sends anything.
    body = _awaited(chunks) if isinstance(request, ASGIRequest) else chunks
    response = StreamingHttpResponse(body, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return response


def safe(cell: object) -> object:
    """A text that a spreadsheet would take for a formula, as text."""
    return f"'{cell}" if isinstance(cell, str) and cell.lstrip(" ").startswith(_RUN) else cell


def _chunks(rows: Iterable[Sequence[object]], start: str) -> Iterator[bytes]:
    found = iter(rows)
    while some := list(islice(found, _ROWS_IN_CHUNK)):
        text = io.StringIO()
        csv.writer(text).writerows([safe(cell) for cell in row] for row in some)
        yield (start + text.getvalue()).encode()
        start = ""


async def _awaited(chunks: Iterator[bytes]) -> AsyncIterator[bytes]:
    following = sync_to_async(lambda: next(chunks, b""))
    while chunk := await following():
        yield chunk
