"""Logs carry ids and numbers only: each log call of the code is read, and faults are watched."""

from __future__ import annotations

import ast
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from tutor_emotion import faults

ROOT = Path(__file__).parents[2] / "tutor_emotion"
METHODS = {"debug", "info", "warning", "error", "exception", "critical", "log"}
LOGGERS = {"log", "logger", "logging"}
# What an argument may end in: who or how many, which of ours, which kind of fault.
SHAPES = (
    "id", "pk", "key", "number", "seq", "count", "code", "kind", "name", "version", "status",
    "bytes", "_s", "_ms", "seconds", "days", "hash", "measure", "gap", "sure",
    "hint",  # our own words
)  # fmt: skip
# Never, even where the ending would do: names of people, what they wrote, what an exception says.
PERSONAL = ("username", "user_name", "first_name", "last_name", "full_name", "email", "answer",
            "text", "message", "title", "label", "error", "exc", "learner_name")  # fmt: skip
# Programs that talk to their terminal, and to nobody's server log.
TALKS = ("management/commands/", "demo/bootstrap/", "demo/supervisor.py", "nets/bench.py",
         "r1_omni/bench.py", "evaluation/panel.py", "training/")  # fmt: skip


class Call:
    """A log call as it stands in the code."""

    def __init__(self, where: str, node: ast.Call) -> None:
        self.where, self.node = where, node
        self.method = getattr(node.func, "attr", "")

    @property
    def faults(self) -> Iterator[str]:
        args = self.node.args[1:] if self.method == "log" else self.node.args
        if not args or not isinstance(args[0], ast.Constant) or not isinstance(args[0].value, str):
            yield "the message is not a constant"
        yield from (f"{ast.unparse(arg)} is not an id or a number" for arg in args[1:]
                    if not is_plain(arg))  # fmt: skip
        if self.method == "exception":
            yield "writes what an exception says: use faults.note"
        yield from (f"{word.arg}=…: use faults.note" for word in self.node.keywords
                    if word.arg in ("exc_info", "stack_info", "extra"))  # fmt: skip


def is_plain(arg: ast.expr) -> bool:
    """Ids, numbers, codes and kinds, by their names; no call but that of a clock or a count."""
    match arg:
        case ast.Constant():
            return True
        case ast.Attribute(value=ast.Call(func=ast.Name(id="type")), attr="__name__"):
            return True
        case ast.Attribute(attr=name) | ast.Name(id=name):
            return name.endswith(SHAPES) and name not in PERSONAL
        case ast.Subscript(slice=ast.Constant(value=str(name))):
            return name in ("type", "id", "seq", "number")
        case ast.Call(func=ast.Name(id="len")):
            return True
        case ast.Starred(value=ast.Tuple(elts=parts)):
            return all(is_plain(part) for part in parts)
        case ast.IfExp(body=one, orelse=other):
            return is_plain(one) and is_plain(other)
        case ast.BinOp(left=left, op=ast.Sub() | ast.Add() | ast.Div() | ast.Mult(), right=right):
            return is_clock(left) or (is_plain(left) and is_plain(right))
    return False


def is_clock(arg: ast.expr) -> bool:
    return isinstance(arg, ast.Call) and ast.unparse(arg.func).startswith("time.")


def modules() -> list[Path]:
    return sorted(path for path in ROOT.rglob("*.py") if "/migrations/" not in path.as_posix())


def calls_in(source: str, where: str = "x.py") -> Iterator[Call]:
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
            continue
        owner = ast.unparse(node.func.value).split(".")[-1].lower().strip("_")
        if node.func.attr in METHODS and (owner in LOGGERS or owner.startswith("getlogger(")):
            yield Call(f"{where}:{node.lineno}", node)


def told(source: str) -> list[str]:
    return [fault for call in calls_in(source) for fault in call.faults]


# --- it works -------------------------------------------------------------------------------------


def test_every_log_call_is_a_constant_with_ids_and_numbers() -> None:
    calls = [
        call
        for path in modules()
        for call in calls_in(path.read_text(), path.relative_to(ROOT).as_posix())
        if path.name != "faults.py"  # what it writes is tested below
    ]
    assert len(calls) >= 20, "the walk has lost the log calls"
    wrong = [f"{call.where}: {fault}" for call in calls for fault in call.faults]
    assert not wrong, "\n".join(wrong)


def test_what_a_fault_is_called_is_a_constant() -> None:
    for path in modules():
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "faults.note":
                assert isinstance(node.args[1], ast.Constant), f"{path}:{node.lineno}"


def test_nothing_prints_but_programs_of_a_terminal() -> None:
    for path in modules():
        place = path.relative_to(ROOT).as_posix()
        if any(talk in place for talk in TALKS):
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call):
                called = ast.unparse(node.func)
                assert called not in ("print", "pprint", "traceback.print_exc"), place
                assert not called.startswith(("sys.stdout", "sys.stderr")), place


# --- its edges ------------------------------------------------------------------------------------


def fail() -> None:
    try:
        int("Ada wrote this")
    except ValueError as error:
        raise KeyError("ada@school.example") from error


def test_a_fault_is_a_number_types_and_lines(caplog: pytest.LogCaptureFixture) -> None:
    with pytest.raises(KeyError) as caught:
        fail()
    number = faults.note(logging.getLogger("tutor_emotion"), "a step", caught.value)
    assert f"fault {number}: a step: KeyError at site/test_logs.py:" in caplog.text
    assert "from ValueError at site/test_logs.py:" in caplog.text
    assert "fail" in caplog.text
    assert "Ada" not in caplog.text
    assert "ada@" not in caplog.text


def test_the_hosts_log_writes_no_words_of_an_exception(capsys: pytest.CaptureFixture[str]) -> None:
    from django.conf import settings

    line = settings.LOGGING["formatters"]["line"]
    assert line["()"] == "tutor_emotion.faults.Formatter"
    handler = logging.StreamHandler()
    handler.setFormatter(faults.Formatter(line["format"], style=line["style"]))
    other = logging.Logger("somebody.elses")
    other.addHandler(handler)
    try:
        fail()
    except KeyError:
        other.exception("it failed")
    said = capsys.readouterr().err
    assert "KeyError at site/test_logs.py:" in said
    assert "Ada" not in said
    assert "ada@" not in said


def test_an_endless_chain_and_one_without_frames_end() -> None:
    first, second = ValueError("a"), ValueError("b")
    first.__cause__, second.__cause__ = second, first
    assert faults.where(first).count("ValueError") == faults.MOST_CAUSES


# --- what it refuses ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "line",
    [
        'log.info(f"{learner_id} answered")',
        'log.info("%s answered" % learner_id)',
        'log.info("answered {}".format(learner_id))',
        'log.info("answered " + learner_id)',
        "log.info(text)",
        'log.info("%s answered", user)',
        'log.info("%s answered", str(user))',
        'log.info("%s answered", user.username)',
        'log.info("%s answered", user.get_full_name())',
        'log.info("%s", user.email)',
        'log.info("%s", message.text)',
        'log.info("%s", attempt.answer)',
        'log.warning("it failed: %s", error)',
        'log.warning("it failed: %s", repr(error))',
        'log.warning("it failed", exc_info=True)',
        'logger.exception("it failed")',
        'self.log.info("%r", row)',
        'logging.getLogger("x").error("%s", request.POST)',
        'logging.log(logging.INFO, "%s", learner)',
        'log.info("kept", extra={"user": user})',
    ],
)
def test_a_log_call_that_could_carry_a_person_is_found(line: str) -> None:
    assert told(line), line


@pytest.mark.parametrize(
    "line",
    [
        'log.info("%s rows of learner %s", len(rows), learner_id)',
        'log.warning("it failed: %s", type(error).__name__)',
        'log.warning("it was refused: %s", error.code)',
        'log.info("ready in %.1f s", time.monotonic() - started)',
        'logging.log(logging.INFO, "%s", course.pk)',
    ],
)
def test_ids_and_numbers_pass(line: str) -> None:
    assert not told(line), line
