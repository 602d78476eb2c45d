"""HTTP over ASGI, each request in one thread.

Django's own handler changes threads twice for each middleware, and gives every request a thread
and with it a database connection of its own. Our views and middlewares are plain ones, so a request
runs from end to end in one thread of a pool, which keeps its connection for ``CONN_MAX_AGE``.
"""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from typing import Any

from django.core.handlers.asgi import ASGIHandler
from django.core.handlers.base import BaseHandler
from django.db import close_old_connections
from django.http import HttpRequest
from django.http.response import HttpResponseBase

THREADS = 16  # also the most database connections that a process holds for HTTP


class Http(ASGIHandler):
    def __init__(self) -> None:
        BaseHandler.__init__(self)
        self.load_middleware()  # not async: a chain of plain calls
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="http")

    async def get_response_async(self, request: HttpRequest) -> HttpResponseBase:
        loop = asyncio.get_running_loop()
        # The language of one request is not that of the thread's next.
        return await loop.run_in_executor(self._threads, copy_context().run, self._answer, request)

    def _answer(self, request: Any) -> HttpResponseBase:
        close_old_connections()
        try:
            return self.get_response(request)
        finally:
            close_old_connections()
