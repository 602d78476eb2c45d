"""``python3 -m bootstrap.npm …``: npm in frontend/ with the Node that the wheel carries."""

from __future__ import annotations

import os
import sys

from .frontend import FRONTEND, node_environment


def main() -> None:
    os.chdir(FRONTEND)
    os.execvpe("npm", ["npm", *sys.argv[1:]], node_environment())  # noqa: S606 - no shell is meant


if __name__ == "__main__":
    main()
