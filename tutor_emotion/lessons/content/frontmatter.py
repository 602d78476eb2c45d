"""YAML between two ``---`` lines, with the line of every key.

A small YAML: mappings, lists, text, numbers, true and false. No aliases (a billion of them fit in
a few lines), no tags, no dates; what is not plain text or a plain number belongs in quotes.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, TypeAlias

import yaml
from django.utils.translation import gettext as _

from tutor_emotion.lessons.content.faults import BadCourse, Fault

MAX_CHARS = 64_000
MAX_DEPTH = 8  # where the text of a choice of a skill's item stands
Loc: TypeAlias = tuple[str | int, ...]

_INT = re.compile(r"[-+]?\d{1,9}")
_FLOAT = re.compile(r"[-+]?(\d{1,9}\.\d{0,9}|\.\d{1,9})")
_TAG = "tag:yaml.org,2002:"


@dataclass(frozen=True, slots=True)
class Located:
    """``data`` and, for the place of each value in it, the line in the file."""

    data: dict[str, Any]
    lines: dict[Loc, int]


def read_yaml(file: str, text: str, first_line: int) -> Located:
    """The mapping that ``text`` holds, which begins at ``first_line`` of ``file``.

    Raises:
        BadCourse: not YAML, or YAML that a course may not use.
    """
    if len(text) > MAX_CHARS:
        raise BadCourse([Fault(file, first_line, _("The part between the --- is too long."))])
    try:
        node = yaml.compose(text, Loader=_Loader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = first_line + (mark.line if mark else 0)
        problem = getattr(error, "problem", None) or getattr(error, "reason", "") or _("not YAML")
        raise BadCourse([Fault(file, line, str(problem))]) from None
    reader = _Reader(file, first_line)
    if node is None:
        return Located({}, {(): first_line})
    if not isinstance(node, yaml.MappingNode):
        raise BadCourse([Fault(file, first_line, _("Expected lines of the form “key: value”."))])
    data = reader.value(node, ())
    if reader.faults:
        raise BadCourse(reader.faults)
    return Located(data, reader.lines)


class _Loader(yaml.SafeLoader):
    """Aliases, anchors, tags and depth are refused as they come, before anything is built."""

    depth = 0

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        event = self.peek_event()  # type: ignore[no-untyped-call]
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise self._refusal(event, _("Aliases (* and &) are not used here; quote it."))
        if getattr(event, "tag", None):
            raise self._refusal(event, _("Tags (!) are not used here; quote it."))
        if self.depth >= MAX_DEPTH:
            raise self._refusal(event, _("This is nested too deep."))
        self.depth += 1
        node = super().compose_node(parent, index)
        self.depth -= 1
        return node

    def _refusal(self, event: yaml.Event, problem: str) -> yaml.MarkedYAMLError:
        return yaml.MarkedYAMLError(problem=problem, problem_mark=event.start_mark)  # type: ignore[arg-type]


class _Reader:
    """Plain data from nodes, noting the line of each value and what cannot be one."""

    def __init__(self, file: str, first_line: int) -> None:
        self.file = file
        self.first_line = first_line
        self.lines: dict[Loc, int] = {}
        self.faults: list[Fault] = []

    def value(self, node: yaml.Node, loc: Loc) -> Any:
        self.lines.setdefault(loc, self._line(node))
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, loc)
        if isinstance(node, yaml.SequenceNode):
            return [self.value(item, (*loc, index)) for index, item in enumerate(node.value)]
        return self._scalar(node)

    def _mapping(self, node: yaml.MappingNode, loc: Loc) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key_node, value_node in node.value:
            key = key_node.value
            if key_node.tag != f"{_TAG}str":
                self._fault(key_node, _("Put this key in quotes."))
                continue
            if key in found:
                self._fault(key_node, _("“%(key)s” is here twice.") % {"key": key[:60]})
            self.lines[(*loc, key)] = self._line(key_node)
            found[key] = self.value(value_node, (*loc, key))
        return found

    def _scalar(self, node: yaml.Node) -> str | int | float | bool | None:
        kind, text = node.tag.removeprefix(_TAG), str(node.value)
        if kind == "str":
            return text
        if kind == "null":
            return None
        if kind == "bool" and text.lower() in ("true", "false"):
            return text.lower() == "true"
        if kind == "int" and _INT.fullmatch(text):
            return int(text)
        if kind == "float" and _FLOAT.fullmatch(text):
            return float(text)
        self._fault(node, _("Put “%(text)s” in quotes.") % {"text": text[:60]})
        return None

    def _fault(self, node: yaml.Node, message: str) -> None:
        self.faults.append(Fault(self.file, self._line(node), message))

    def _line(self, node: yaml.Node) -> int:
        return self.first_line + int(node.start_mark.line)
