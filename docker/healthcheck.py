"""``python docker/healthcheck.py web|worker``: exit 0 when this container does its work."""

import os
import socket
import sys
import urllib.request
from pathlib import Path


def web() -> bool:
    """The web server answers, and so do its database and Valkey."""
    host = os.environ["DJANGO_ALLOWED_HOSTS"].split(",")[0].strip()
    address = f"http://127.0.0.1:{os.environ.get('PORT', '8000')}/readyz"
    request = urllib.request.Request(address, headers={"Host": host})
    with urllib.request.urlopen(request, timeout=4) as answer:  # noqa: S310 - http
        return answer.status == 200


def worker() -> bool:
    """A Runner of this container said within the last seconds that it lives."""
    sys.path.insert(0, str(Path.cwd()))
    from tutor_emotion import redis_url
    from tutor_emotion.demo.secrets_of import secret

    with redis_url.connect(secret("REDIS_URL"), socket_timeout=3) as client:
        now, _ = client.time()  # the clock that the workers go by
        alive = client.zrangebyscore("te:workers", now, now + 60)
    return any(name.decode().startswith(f"{socket.gethostname()}-") for name in alive)


if __name__ == "__main__":
    try:
        healthy = {"web": web, "worker": worker}[sys.argv[1]]()
    except OSError as error:
        sys.exit(f"unhealthy: {error}")
    sys.exit(0 if healthy else "unhealthy")
