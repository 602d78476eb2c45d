"""Pages of the demonstration host."""

from __future__ import annotations

from allauth.account.decorators import secure_admin_login
from allauth.account.views import account_inactive, reauthenticate
from django.contrib import admin
from django.contrib.auth import views as auth
from django.urls import URLPattern, URLResolver, include, path
from django.views.defaults import page_not_found

from tutor_emotion.demo.accounts import SignIn
from tutor_emotion.demo.views import home
from tutor_emotion.views.health import healthz, readyz
from tutor_emotion.views.metrics import metrics

handler404 = "tutor_emotion.demo.views.missing"
handler500 = "tutor_emotion.demo.views.failed"

# One door: the admin's own would know neither the limits on tries nor the second step.
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]

urlpatterns: list[URLPattern | URLResolver] = [
    path("", home, name="home"),
    path("lessons/", include("tutor_emotion.lessons.urls")),
    path("tutor-emotion/", include("tutor_emotion.urls")),
    path("sign-in/", SignIn.as_view(), name="login"),
    path("sign-out/", auth.LogoutView.as_view(), name="logout"),
    # The same under the names that allauth knows. Accounts are made by those who run the site.
    path("sign-in/", SignIn.as_view(), name="account_login"),
    path("sign-out/", auth.LogoutView.as_view(), name="account_logout"),
    path("sign-up/", page_not_found, {"exception": None}, name="account_signup"),
    path("account/inactive/", account_inactive, name="account_inactive"),
    path("account/again/", reauthenticate, name="account_reauthenticate"),
    path("account/second-step/", include("allauth.mfa.urls")),
    path("i18n/", include("django.conf.urls.i18n")),
    path("admin/", admin.site.urls),
    path("healthz", healthz, name="healthz"),
    path("readyz", readyz, name="readyz"),
    path("metrics", metrics, name="metrics"),
]
