"""A host that mounted the admin and the plugin's pages, and nothing else."""

from __future__ import annotations

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("admin/", admin.site.urls),
    path("i18n/", include("django.conf.urls.i18n")),
    path("tutor-emotion/", include("tutor_emotion.urls")),
]
