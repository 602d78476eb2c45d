"""``path("tutor-emotion/", include("tutor_emotion.urls"))``."""

from __future__ import annotations

from django.urls import path

from tutor_emotion.views import classroom, learner

app_name = "tutor_emotion"
urlpatterns = [
    path("setup/", learner.setup, name="setup"),
    path("consents/", learner.consents, name="consents"),
    path("sessions/", learner.sessions, name="sessions"),
    path("sessions/<uuid:session_id>/", learner.session, name="session"),
    path("classroom/<slug:course>/", classroom.classroom, name="classroom"),
]
