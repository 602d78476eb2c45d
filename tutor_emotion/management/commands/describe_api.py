"""``manage.py describe_api > docs/openapi.json``: every JSON door, as OpenAPI 3.1.

The doors are those of the host's URLs that say what they are (``described``), so a host that has
the lessons app gets its doors too, and one that has not does not.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from inspect import getdoc
from typing import Any

from django.core.management.base import BaseCommand
from django.urls import URLPattern, URLResolver, get_resolver
from django.urls.resolvers import RoutePattern
from pydantic import BaseModel
from pydantic.json_schema import JsonSchemaMode, models_json_schema

from tutor_emotion import __version__
from tutor_emotion.described import Described, Fault, description_of

REF = "#/components/schemas/{model}"
_PARAMETER = re.compile(r"<(?:\w+:)?(\w+)>")
_HEAD = (
    "JSON over HTTP, with the host's own sign-in: Django's session cookie, and its CSRF token with "
    "every POST. Each fault is `{code, message, hint, retry}`. The two websockets are in "
    "protocol.md. There is no field for a mark, and no door that gives a signal to one. Written "
    "by `manage.py describe_api`; a test keeps it true."
)
# What every door may say to somebody who is, or should be, signed in.
_OF_ALL = {401: ("not_signed_in",), 429: ("too_fast",), 500: ("internal",), 503: ("database_away",)}
Schemas = Mapping[Any, Mapping[str, Any]]  # by model and mode


class Command(BaseCommand):
    help = "Print every JSON door as an OpenAPI 3.1 description."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(page(), ending="")


def page() -> str:
    """The whole description, as it stands in ``docs/openapi.json``."""
    return json.dumps(description(), indent=2, ensure_ascii=False) + "\n"


def description() -> dict[str, Any]:
    """The OpenAPI 3.1 description of this host's doors."""
    doors = list(_doors(get_resolver()))
    schemas, definitions = models_json_schema(
        [(model, mode) for _, _, door in doors for model, mode in _models(door)],
        ref_template=REF,
    )
    paths: dict[str, Any] = {}
    for url, pattern, door in doors:
        operation = _operation(door, schemas, _path_parameters(pattern))
        words = (getdoc(pattern[-1].callback) or "").replace("``", "`")
        operation = {"operationId": pattern[-1].name, "summary": words, **operation}
        paths.setdefault(url, {})[door.method] = operation
    return {
        "openapi": "3.1.0",
        "info": {"title": "tutor_emotion", "version": __version__, "description": _HEAD},
        "paths": dict(sorted(paths.items())),
        "components": {
            "schemas": dict(sorted(definitions["$defs"].items())),
            "securitySchemes": {
                "session": {"type": "apiKey", "in": "cookie", "name": "sessionid"},
                "csrf": {"type": "apiKey", "in": "header", "name": "X-CSRFToken"},
            },
        },
    }


Route = tuple[URLResolver | URLPattern, ...]


def _doors(
    resolver: URLResolver, above: Route = ()
) -> Iterator[tuple[str, tuple[Any, ...], Described]]:
    """Address, the URL patterns that lead there, and what the door says of itself."""
    for pattern in resolver.url_patterns:
        route = (*above, pattern)
        if isinstance(pattern, URLResolver):
            yield from _doors(pattern, route)
        elif (door := description_of(pattern.callback)) is not None:
            url = "/" + "".join(str(part.pattern) for part in route)
            yield _PARAMETER.sub(r"{\1}", url), route, door


def _path_parameters(route: tuple[Any, ...]) -> list[dict[str, Any]]:
    return [
        {
            "name": name,
            "in": "path",
            "required": True,
            "schema": {"type": "string", "pattern": f"^{converter.regex}$"},
        }
        for part in route
        if isinstance(part.pattern, RoutePattern)
        for name, converter in part.pattern.converters.items()
    ]


def _models(door: Described) -> Iterator[tuple[type[BaseModel], JsonSchemaMode]]:
    yield Fault, "serialization"
    if door.body is not None:
        yield door.body, "validation"
    for answer in door.answers.values():
        if answer is not None:
            yield answer, "serialization"


def _operation(door: Described, schemas: Schemas, path: list[dict[str, Any]]) -> dict[str, Any]:
    said: dict[str, Any] = {}
    if parameters := [*path, *(_query(door.query) if door.query else ())]:
        said["parameters"] = parameters
    if door.body is not None:
        said["requestBody"] = {
            "required": True,
            "content": _json(schemas[door.body, "validation"]),
        }
    faults = dict(door.faults)
    for status, codes in _OF_ALL.items() if door.signed_in else ():
        faults[status] = (*faults.get(status, ()), *codes)
    responses = {status: _answer(model, schemas) for status, model in door.answers.items()} | {
        status: _fault(codes) for status, codes in faults.items()
    }
    said["responses"] = {str(status): responses[status] for status in sorted(responses)}
    if door.signed_in:
        said["security"] = [{"session": []} | ({"csrf": []} if door.method == "post" else {})]
    return said


def _query(model: type[BaseModel]) -> list[dict[str, Any]]:
    schema = model.model_json_schema(ref_template=REF)
    required = schema.get("required", [])
    return [
        {"name": name, "in": "query", "required": name in required, "schema": field}
        for name, field in schema.get("properties", {}).items()
    ]


def _answer(model: type[BaseModel] | None, schemas: Schemas) -> dict[str, Any]:
    said: dict[str, Any] = {"description": "The answer." if model else "Done."}
    return said | ({"content": _json(schemas[model, "serialization"])} if model else {})


def _fault(codes: tuple[str, ...]) -> dict[str, Any]:
    named = sorted(codes)
    fault = {"$ref": REF.format(model=Fault.__name__)}
    narrowed = {"allOf": [fault, {"properties": {"code": {"enum": named}}}]}
    words = ", ".join(f"`{code}`" for code in named)
    return {"description": words, "content": _json(narrowed)}


def _json(schema: Mapping[str, Any]) -> dict[str, Any]:
    return {"application/json": {"schema": schema}}
