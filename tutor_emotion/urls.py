"""``path("tutor-emotion/", include("tutor_emotion.urls"))``."""

from __future__ import annotations

from django.urls import path

from tutor_emotion import views

app_name = "tutor_emotion"
urlpatterns = [
    path("setup/", views.setup, name="setup"),
    path("consents/", views.consents, name="consents"),
    path("sessions/", views.sessions, name="sessions"),
    path("sessions/<uuid:session_id>/", views.session, name="session"),
    path("classroom/<slug:course>/", views.classroom, name="classroom"),
]
