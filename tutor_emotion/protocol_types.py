"""The wire messages as one JSON schema, for the TypeScript that is generated from them.

``python -m tutor_emotion.protocol_types`` prints it; ``frontend/scripts/protocol.mjs`` turns it
into ``frontend/src/protocol.ts``. Needs no Django, so that a front-end developer needs none.
"""

from __future__ import annotations

import json
import sys
from typing import Any, Literal, get_args

from pydantic import TypeAdapter

from tutor_emotion import protocol
from tutor_emotion.core import types
from tutor_emotion.core.claims import KINDS
from tutor_emotion.core.measures import FACE_CUES, SHOWN_FACTS, VOICE_UNITS
from tutor_emotion.core.plans import MESSAGE_KEYS

_FROM_CLIENT: dict[str, Any] = {
    "FromLearner": protocol.FromLearner,
    "EventMessage": protocol.EventMessage,
    "FromTeacher": protocol.FromTeacher,
    "ConsentBody": protocol.ConsentBody,
    "SessionBody": protocol.SessionBody,
}
_TO_CLIENT: dict[str, Any] = {
    "ToLearner": protocol.ToLearner,
    "ToTeacher": protocol.ToTeacher,
    "Setup": protocol.Setup,
    "SessionOpened": protocol.SessionOpened,
    "Ticket": protocol.Ticket,
    "SessionSummary": protocol.SessionSummary,
}
# Literals that get a name of their own in TypeScript, and a list of their values.
_NAMED: dict[str, Any] = {
    "Modality": types.Modality,
    "AdaptationKind": types.AdaptationKind,
    "FaceQuality": types.FaceQuality,
    "VoiceQuality": types.VoiceQuality,
    "Need": protocol.Need,
}


def schema() -> dict[str, Any]:
    """Every message under ``$defs``, by the name it has in ``protocol.py``.

    What the client sends is described as it is validated (defaults may be left out), what it
    receives as it is serialised (every field is there).
    """
    from_client = _definitions(_FROM_CLIENT, "validation")
    to_client = _definitions(_TO_CLIENT, "serialization")
    for body in to_client.values():
        if "properties" in body:
            body["required"] = list(body["properties"])
    definitions = {**from_client, **to_client}
    named = {name: {"type": "string", "enum": list(get_args(t))} for name, t in _NAMED.items()}
    tidy = {name: _tidy(body, named) for name, body in sorted(definitions.items())}
    return {"title": "Protocol", "$defs": {**named, **tidy}}


def _definitions(
    kinds: dict[str, Any], mode: Literal["validation", "serialization"]
) -> dict[str, Any]:
    """The models and unions that ``kinds`` name, and all that they are made of."""
    inputs = [(name, mode, TypeAdapter(kind)) for name, kind in kinds.items()]
    by_name, shared = TypeAdapter.json_schemas(inputs)
    unions = {name: body for (name, _), body in by_name.items() if "$ref" not in body}
    return {**shared["$defs"], **unions}


def constants() -> dict[str, Any]:
    """Limits and lists that the client must know as values, not only as types."""
    return {
        "PROTOCOL_VERSION": protocol.PROTOCOL_VERSION,
        "MAX_MESSAGE_BYTES": protocol.MAX_MESSAGE_BYTES,
        "MAX_SDP_BYTES": protocol.MAX_SDP_BYTES,
        "MAX_MESSAGES_PER_S": protocol.MAX_MESSAGES_PER_S,
        "SUBPROTOCOL": protocol.SUBPROTOCOL,
        "MODALITIES": list(types.MODALITIES),
        "ADAPTATION_KINDS": list(types.ADAPTATION_KINDS),
        "NEEDS": list(protocol.NEEDS),
        "MESSAGE_KEYS": sorted(MESSAGE_KEYS),
        "COMPARED_MEASURES": [*FACE_CUES, *VOICE_UNITS],
        "HAPPENED_MEASURES": list(SHOWN_FACTS),
        "CLAIMS": [name for name, kind in KINDS.items() if kind.measures],
    }


def _tidy(node: Any, named: dict[str, Any]) -> Any:
    """Without titles of properties (each would become a type), and with the named literals."""
    if isinstance(node, list):
        return [_tidy(item, named) for item in node]
    if not isinstance(node, dict):
        return node
    for name, body in named.items():
        if node.get("enum") == body["enum"]:
            return {"$ref": f"#/$defs/{name}"}
    kept = {key: value for key, value in node.items() if not _is_title(key, value)}
    return {key: _tidy(value, named) for key, value in kept.items()}


def _is_title(key: str, value: object) -> bool:
    return key == "title" and isinstance(value, str)


def main() -> None:
    json.dump({"schema": schema(), "constants": constants()}, sys.stdout)


if __name__ == "__main__":
    main()
