"""``python docker/drain.py``: let this container's web server send its learners elsewhere.

It signals the server (SIGUSR1) and returns when nobody is left, when DRAIN_S is over, or at once
where there is no server. For a preStop hook: what follows (SIGTERM) then ends the server at once.
It stays ``SETTLE_S`` at least, in which a load balancer learns that the server is not ready.
"""

import json
import os
import signal
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

SETTLE_S = 5.0
LOOK_EVERY_S = 0.2


def server() -> int | None:
    """The process id of this container's uvicorn, which serves ``PORT``."""
    port = [b"--port", os.environ.get("PORT", "8000").encode()]
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            words = (folder / "cmdline").read_bytes().split(b"\0")
            ours = folder.stat().st_uid == os.getuid() and int(folder.name) != os.getpid()
        except (OSError, ValueError):
            continue  # it has ended meanwhile
        named = any(word.rsplit(b"/", 1)[-1] == b"uvicorn" for word in words)
        serves = port in [words[at : at + 2] for at in range(len(words))]
        if ours and named and serves:
            return int(folder.name)
    return None


def sockets() -> int | None:
    """How many are open; None where the server does not drain (yet), or does not answer."""
    host = os.environ["DJANGO_ALLOWED_HOSTS"].split(",")[0].strip()
    address = f"http://127.0.0.1:{os.environ.get('PORT', '8000')}/readyz"
    request = urllib.request.Request(address, headers={"Host": host})
    try:
        with urllib.request.urlopen(request, timeout=3):  # noqa: S310 - http
            return None
    except urllib.error.HTTPError as answer:
        said = json.load(answer)
        return said["sockets"] if said["draining"] else None
    except OSError:
        return None


def main() -> int:
    pid = server()
    if pid is None:
        return 0
    os.kill(pid, signal.SIGUSR1)
    begun = time.monotonic()
    limit_s = float(os.environ.get("TUTOR_EMOTION_DRAIN_S", "25"))
    while (passed_s := time.monotonic() - begun) < max(limit_s, SETTLE_S):
        if passed_s >= SETTLE_S and sockets() == 0:
            break
        time.sleep(LOOK_EVERY_S)
    return 0


if __name__ == "__main__":
    sys.exit(main())
