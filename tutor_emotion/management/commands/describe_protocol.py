"""``manage.py describe_protocol > docs/protocol.md``: every message, from its own definition."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, get_args

from django.core.management.base import BaseCommand
from pydantic import BaseModel

from tutor_emotion import protocol

_P = protocol
HEAD = f"""# Protocol

Version {_P.PROTOCOL_VERSION}. Two websockets, both JSON text, both closed unions by `type`: an
unknown type, an unknown field or an impossible value is answered with an `error` and changes
nothing. Limits: {_P.MAX_MESSAGE_BYTES // 1024} KiB a message, {_P.MAX_SDP_BYTES // 1024} KiB an
SDP, {_P.MAX_MESSAGES_PER_S} messages a second. `frontend/src/protocol.ts` has the same types. This
page is written by `manage.py describe_protocol`; a test keeps it true.

A socket offers two subprotocols: `{_P.SUBPROTOCOL}`, and a ticket. `POST sessions/` answers with
the first, `POST sessions/<id>/ticket/` and `POST classroom/<key>/ticket/` with the next: each opens
one socket of its user, once, within `TICKET_MAX_AGE_S`. A page of another site is refused by its
`Origin`.

Close codes: 1008 no ticket that is good (fetch another), 4401 not signed in, 4403 not allowed, 4404
no such session of yours, 4409 opened in another tab (do not come back by yourself), 4429 far too
many messages, 4430 too many lessons open at once, 1013 full or not ready (come back later).
"""

UNIONS: tuple[tuple[str, Any], ...] = (
    ("The learner's socket, browser → server: `/ws/tutor-emotion/session/<id>/`", "FromLearner"),
    ("The learner's socket, server → browser", "ToLearner"),
    (
        "The classroom's socket, browser → server: `/ws/tutor-emotion/classroom/<key>/`",
        "FromTeacher",
    ),
    ("The classroom's socket, server → browser", "ToTeacher"),
)
PARTS = ("IceServer", "EvidenceItem", "LearnerRow", "Reason")
BODIES = (
    "Setup",
    "ModalityRule",
    "CalibrationRule",
    "ConsentBody",
    "SessionBody",
    "SessionOpened",
    "Ticket",
    "SessionSummary",
)


class Command(BaseCommand):
    help = "Print every wire message as a Markdown page."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(page(), ending="")


def page() -> str:
    """The whole page."""
    sections = [f"\n## {title}\n{_messages(_members(name))}" for title, name in UNIONS]
    parts = _messages(getattr(protocol, name) for name in PARTS)
    bodies = _messages(getattr(protocol, name) for name in BODIES)
    return f"{HEAD}{''.join(sections)}\n## Parts of messages\n{parts}\n## HTTP bodies\n{bodies}"


def _members(name: str) -> Iterator[type[BaseModel]]:
    """The models of a union, in the order of their definition."""
    union, *_ = get_args(getattr(protocol, name))
    yield from get_args(union)


def _messages(models: Any) -> str:
    return "".join(_message(model) for model in models)


def _message(model: type[BaseModel]) -> str:
    schema = model.model_json_schema()
    name = schema["properties"].get("type", {}).get("const", model.__name__)
    doc = " ".join((model.__doc__ or "").split()).replace("``", "`")
    required = schema.get("required", [])
    rows = [
        f"| `{key}` | {_kind(field)} | {'yes' if key in required else 'no'} |"
        for key, field in schema["properties"].items()
        if key != "type"
    ]
    table = (
        "\n| field | type | required |\n|---|---|---|\n" + "\n".join(rows) + "\n" if rows else ""
    )
    return f"\n### `{name}`\n\n{doc}\n{table}" if doc else f"\n### `{name}`\n{table}"


def _kind(field: dict[str, Any]) -> str:
    if "anyOf" in field:
        return " or ".join(_kind(option) for option in field["anyOf"])
    if "enum" in field:
        return ", ".join(f"`{value}`" for value in field["enum"])
    if "const" in field:
        return f"`{field['const']}`"
    if "$ref" in field:
        return f"`{field['$ref'].rsplit('/', 1)[-1]}`"
    if field.get("type") == "array":
        return f"list of {_kind(field['items'])}"
    limits = {"minimum": "≥", "maximum": "≤", "minLength": "length ≥", "maxLength": "length ≤"}
    said = "".join(f", {word} {field[key]}" for key, word in limits.items() if key in field)
    return f"{field.get('type', 'object')}{said}"
