"""``path("lessons/", include("tutor_emotion.lessons.urls"))``."""

from __future__ import annotations

from django.urls import path

from tutor_emotion.lessons import api, views

app_name = "tutor_emotion_lessons"
urlpatterns = [
    path("progress/", views.progress, name="progress"),
    path("<slug:lesson>/", views.lesson, name="lesson"),
    path("<slug:lesson>/steps/<slug:step>/", views.answer_form, name="answer_form"),
    path("<slug:lesson>/content.json", api.content, name="content"),
    path("<slug:lesson>/answer/", api.answer, name="answer"),
    path("<slug:lesson>/next/", api.next_item, name="next"),
    path("<slug:lesson>/carried-out/", api.carried_out, name="carried_out"),
]
