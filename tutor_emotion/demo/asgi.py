"""HTTP and websockets of the demonstration host."""

from __future__ import annotations

import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tutor_emotion.demo.settings")
django.setup(set_prefix=False)

# After the line above, which makes Django ready for what these import.
from channels.auth import AuthMiddlewareStack  # noqa: E402
from channels.routing import ProtocolTypeRouter, URLRouter  # noqa: E402
from channels.security.websocket import AllowedHostsOriginValidator  # noqa: E402
from django.urls import re_path  # noqa: E402

from tutor_emotion.demo.one_thread import Http  # noqa: E402
from tutor_emotion.live.door import Nowhere  # noqa: E402
from tutor_emotion.live.draining import Drains  # noqa: E402
from tutor_emotion.routing import websocket_urlpatterns  # noqa: E402
from tutor_emotion.start import web  # noqa: E402

web()  # before anybody is served

application = Drains(
    ProtocolTypeRouter(
        {
            "http": Http(),
            "websocket": AllowedHostsOriginValidator(
                AuthMiddlewareStack(
                    URLRouter([*websocket_urlpatterns, re_path("", Nowhere.as_asgi())])
                )
            ),
        }
    )
)
