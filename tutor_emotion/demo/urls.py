"""Pages of the demonstration host."""

from __future__ import annotations

from django.contrib import admin
from django.contrib.auth import views as auth
from django.urls import URLPattern, URLResolver, include, path

from tutor_emotion.demo.views import home
from tutor_emotion.views.health import healthz, readyz

handler500 = "tutor_emotion.demo.views.failed"
urlpatterns: list[URLPattern | URLResolver] = [
    path("", home, name="home"),
    path("lessons/", include("tutor_emotion.lessons.urls")),
    path("tutor-emotion/", include("tutor_emotion.urls")),
    path("sign-in/", auth.LoginView.as_view(redirect_authenticated_user=True), name="login"),
    path("sign-out/", auth.LogoutView.as_view(), name="logout"),
    path("i18n/", include("django.conf.urls.i18n")),
    path("admin/", admin.site.urls),
    path("healthz", healthz, name="healthz"),
    path("readyz", readyz, name="readyz"),
]
