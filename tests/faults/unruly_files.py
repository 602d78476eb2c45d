"""By which files in the site's folder a test lets the worker of ``unruly`` misbehave."""

HANG, OOM = "hang", "oom"
