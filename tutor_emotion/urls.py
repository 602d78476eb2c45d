"""``path("tutor-emotion/", include("tutor_emotion.urls"))``."""

from __future__ import annotations

from django.urls import path

from tutor_emotion.views import (
    about,
    classroom,
    guardian,
    learner,
    looks,
    my_data,
    report,
    timeline,
)

app_name = "tutor_emotion"
urlpatterns = [
    path("setup/", learner.setup, name="setup"),
    path("consents/", learner.consents, name="consents"),
    path("sessions/", learner.sessions, name="sessions"),
    path("sessions/<uuid:session_id>/", learner.session, name="session"),
    path("sessions/<uuid:session_id>/ticket/", learner.ticket, name="session-ticket"),
    path("about/", about.about, name="about"),
    path("about/<slug:name>/", about.card, name="card"),
    path("guardian/<str:token>/", guardian.guardian, name="guardian"),
    path("who-looked/", looks.who_looked, name="who-looked"),
    path("my-data/", my_data.my_data, name="my-data"),
    path("my-data/erase/", my_data.erase_my_data, name="erase-my-data"),
    path("classroom/<slug:course>/", classroom.classroom, name="classroom"),
    path("classroom/<slug:course>/ticket/", classroom.ticket, name="classroom-ticket"),
    path("classroom/<slug:course>/learner/<uuid:session_id>/", timeline.timeline, name="timeline"),
    path("classroom/<slug:course>/report/", report.lessons, name="reports"),
    path("classroom/<slug:course>/report.csv", report.csv, name="report-csv"),
    path("classroom/<slug:course>/report/<path:lesson>/", report.report, name="report"),
]
