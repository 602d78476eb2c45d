"""``python docker/k8s/make_secrets.py OVERLAY``: OVERLAY/secrets.env from its example, once.

``${random}`` is 32 new random bytes, ``${ask}`` a value that the environment has under that line's
name, and ``${NAME}`` the value of an earlier line. A file that is there stays: the keys in it seal
what is in the database.
"""

import os
import re
import secrets
import sys
from pathlib import Path


def filled(example: str) -> str:
    """Raises SystemExit, naming the line that nobody gave a value for."""
    values: dict[str, str] = {}
    for line in example.splitlines():
        name, _, text = line.partition("=")

        def value(found: "re.Match[str]", name: str = name) -> str:
            if found[1] == "random":
                return secrets.token_hex(32)
            given = os.environ.get(name, "") if found[1] == "ask" else values.get(found[1], "")
            return given or sys.exit(f"{name} has no value: set {name} in the environment.")

        values[name] = re.sub(r"\$\{(\w+)\}", value, text)
    return "".join(f"{name}={text}\n" for name, text in values.items())


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    overlay = Path(sys.argv[1])
    written = filled((overlay / "secrets.env.example").read_text())
    try:
        handle = os.open(overlay / "secrets.env", os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        sys.exit(f"{overlay / 'secrets.env'} is there already, and stays as it is.")
    with os.fdopen(handle, "w") as file:
        file.write(written)
