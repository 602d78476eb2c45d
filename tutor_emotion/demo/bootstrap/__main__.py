"""``python3 -m bootstrap [--dev] [--port N]``: what ``make run`` and ``make test`` do first."""

import sys

if sys.version_info < (3, 11):  # before anything that an older Python cannot read
    sys.exit(
        "error: this is Python %d.%d and 3.11 or newer is needed\n"
        "hint: make PYTHON=/path/to/python3.11 …" % sys.version_info[:2]
    )

from .main import main

sys.exit(main())
