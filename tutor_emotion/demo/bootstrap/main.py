"""The steps in their order, each skipped when nothing that it depends on has changed."""

from __future__ import annotations

import argparse
import time

from . import browser, frontend, machine, models, packages
from .progress import SetupError, Steps, say
from .stamps import only_one


def main() -> int:
    parser = argparse.ArgumentParser(prog="bootstrap", description=__doc__)
    parser.add_argument("--dev", action="store_true", help="also what the tests and checks need")
    parser.add_argument("--browser", action="store_true", help="also a Chromium for the tests")
    parser.add_argument("--port", type=int, help="port that the web server will need")
    parser.add_argument("--host", default="127.0.0.1", help="address that it will listen on")
    options = parser.parse_args()
    started = time.monotonic()
    try:
        with only_one():
            _set_up(options)
    except SetupError as trouble:
        say(str(trouble), error=True)
        return 1
    except KeyboardInterrupt:
        say("\nstopped; the next run goes on from here", error=True)
        return 130
    say(f"Set up in {time.monotonic() - started:.1f} s.")
    return 0


def _set_up(options: argparse.Namespace) -> None:
    steps = Steps(total=5 if options.browser else 4)
    with steps.next("This machine"):
        machine.check(host=options.host, port=options.port)
    packages.install(steps, dev=options.dev)
    frontend.build(steps)
    models.fetch(steps)
    if options.browser:
        browser.ensure(steps)
