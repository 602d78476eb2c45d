"""``manage.py models``: which of our own models are here, whole and in use."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from tutor_emotion.conf import get_settings
from tutor_emotion.errors import TutorEmotionError
from tutor_emotion.nets import registry
from tutor_emotion.nets.registry import Found, Model
from tutor_emotion.nets.trial import try_out


class Command(BaseCommand):
    help = "List, verify, activate or roll back the models of this package and of this site."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True)
        for verb, words in (
            ("list", "What is here, and what is in use."),
            ("verify", "Read every model as a worker would; fails where one is not whole."),
            ("activate", "Put a model in use; one of your own is recorded with its sha256."),
            ("rollback", "Put back in use what was before the last activation of a kind."),
        ):
            one = verbs.add_parser(verb, help=words)
            if verb == "activate":
                one.add_argument("name", help="As expression/2: the folder is own/expression-2.")
            if verb == "rollback":
                one.add_argument("kind", choices=registry.KINDS)
            one.add_argument("--json", action="store_true", help="One JSON value, for programs.")
            one.add_argument("--dir", type=Path, help="In place of TUTOR_EMOTION['WEIGHTS_DIR'].")

    def handle(self, *_: Any, **options: Any) -> None:
        try:
            folder = options["dir"] or get_settings().WEIGHTS_DIR
            done = getattr(self, f"_{options['verb']}")(folder, options)
        except TutorEmotionError as error:
            raise CommandError(str(error)) from None
        if options["json"]:
            self.stdout.write(json.dumps(done, indent=2))

    def _list(self, folder: Path, options: dict[str, Any]) -> list[dict[str, Any]]:
        return self._tell(folder, registry.inspect(folder), options["json"])

    def _verify(self, folder: Path, options: dict[str, Any]) -> list[dict[str, Any]]:
        found = tuple(_tried(one) for one in registry.inspect(folder))
        told = self._tell(folder, found, options["json"])
        bad = [one.name for one in found if one.error]
        if bad and options["json"]:
            self.stdout.write(json.dumps(told, indent=2))
        if bad:
            raise CommandError(f"not whole: {', '.join(bad)}")
        registry.active(folder)
        return told

    def _activate(self, folder: Path, options: dict[str, Any]) -> dict[str, Any]:
        try_out(registry.named(folder, options["name"]))
        model = registry.activate(folder, options["name"])
        return self._in_use(model.kind, model, options["json"])

    def _rollback(self, folder: Path, options: dict[str, Any]) -> dict[str, Any]:
        model = registry.rollback(folder, options["kind"])
        return self._in_use(options["kind"], model, options["json"])

    def _in_use(self, kind: str, model: Model | None, quiet: bool) -> dict[str, Any]:
        if not quiet:
            self.stdout.write(f"{kind}: {model.stamp if model else 'none'} in use.")
        return {"kind": kind, "active": model.stamp if model else None}

    def _tell(self, folder: Path, found: tuple[Found, ...], quiet: bool) -> list[dict[str, Any]]:
        try:
            in_use = {(m.name, m.sha256) for m in registry.active(folder).values()}
        except TutorEmotionError as error:
            in_use = set()
            self.stderr.write(str(error))
        told = [_as_data(one, in_use) for one in found]
        for row in () if quiet else told:
            self.stdout.write(
                f"{'*' if row['active'] else ' '} {row['name']:<16} {row['sha256'][:8] or '-':<8} "
                f"{'shipped' if row['shipped'] else 'own':<8}{row['state']}"
            )
        if not found and not quiet:
            self.stdout.write("No models of our own are here.")
        return told


def _tried(found: Found) -> Found:
    if found.model is None or found.error:
        return found
    try:
        try_out(found.model)
    except TutorEmotionError as error:
        return Found(found.name, found.shipped, found.recorded, found.model, error)
    return found


def _state(found: Found) -> str:
    if found.error:
        return str(found.error)
    return "whole" if found.recorded else "not recorded yet"


def _as_data(found: Found, in_use: set[tuple[str, str]]) -> dict[str, Any]:
    model = found.model
    return {
        "name": found.name,
        "sha256": model.sha256 if model else "",
        "shipped": found.shipped,
        "recorded": found.recorded,
        "active": model is not None and (model.name, model.sha256) in in_use,
        "state": _state(found),
        "error": found.error.code if found.error else None,
    }
