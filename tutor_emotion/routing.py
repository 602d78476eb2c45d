"""Websockets of the plugin, for the host's ``URLRouter``."""

from __future__ import annotations

from django.urls import path, re_path

from tutor_emotion.live.door import Nowhere
from tutor_emotion.live.student import StudentConsumer
from tutor_emotion.live.teacher import TeacherConsumer

websocket_urlpatterns = [
    path("ws/tutor-emotion/session/<uuid:session>/", StudentConsumer.as_asgi()),
    path("ws/tutor-emotion/classroom/<slug:course>/", TeacherConsumer.as_asgi()),
    re_path(r"^ws/tutor-emotion/", Nowhere.as_asgi()),
]
