"""Medical and safety decisions: written by one, signed by two, on pages of their own."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from tutor_emotion import privacy, services
from tutor_emotion.admin.history import WithHistory
from tutor_emotion.admin.scope import NeverAlone, name_of
from tutor_emotion.errors import TutorEmotionError
from tutor_emotion.live.telling import tell_courses
from tutor_emotion.models import DecisionSignature, MedicalDecision


class DecisionForm(forms.ModelForm):  # type: ignore[type-arg]
    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        if bool(data.get("course")) == bool(data.get("school")):
            raise forms.ValidationError(gettext("Choose a course or a school, one of the two."))
        return data

    def clean_ends_on(self) -> Any:
        day = self.cleaned_data["ends_on"]
        if not timezone.localdate() <= day <= services.last_day():
            said = gettext("Choose a day between today and %(last)s.")
            raise forms.ValidationError(said % {"last": services.last_day()})
        return day


@admin.register(MedicalDecision)
class DecisionAdmin(NeverAlone, WithHistory):
    form = DecisionForm
    list_display = ("document", "scope", "modality", "ends_on", "signed_by", "counts_now")
    list_select_related = ("course", "school")
    fields = ("document", "reason", "modality", "course", "school", "ends_on")
    change_form_template = "tutor_emotion/admin/decision.html"

    class Media:
        css = {"all": ("tutor_emotion/admin.css",)}

    # --- who may ---

    def visible(self, user: Any) -> QuerySet[MedicalDecision]:
        return services.decisions_of(user)

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Where a decision can count, and where one was written."""
        return self.has_add_permission(request) or self.sees(request, None)

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return self.sees(request, obj) if obj else self.has_module_permission(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Under a profile that asks for decisions alone: under another they say nothing."""
        user = request.user
        answers = user.is_superuser or services.schools_of(user).exists()
        return bool(user.is_active and privacy.profile().exception and answers)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Until somebody has signed it."""
        if obj is None:
            return self.has_module_permission(request)
        return self.sees(request, obj) and not obj.signatures.exists()

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "course":
            kwargs["queryset"] = services.courses_decided_by(request.user)
        if db_field.name == "school":
            kwargs["queryset"] = services.schools_of(request.user)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        if not change:
            obj.written_by = request.user
        super().save_model(request, obj, form, change)

    def changes(self, request: HttpRequest, obj: MedicalDecision) -> Iterable[QuerySet[Any]]:
        yield MedicalDecision.history.filter(id=obj.pk)
        yield DecisionSignature.history.filter(decision_id=obj.pk)

    # --- the list and the page ---

    @admin.display(description=_("for"))
    def scope(self, decision: MedicalDecision) -> str:
        return str(decision.course or decision.school)

    @admin.display(description=_("signed by"))
    def signed_by(self, decision: MedicalDecision) -> str:
        rows = decision.signatures.select_related("by")
        return ", ".join(name_of(row.by) for row in rows) or "–"

    @admin.display(description=_("counts now"), boolean=True)
    def counts_now(self, decision: MedicalDecision) -> bool:
        return bool(privacy.profile().exception) and services.is_live(decision)

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        decision = self.get_object(request, object_id)
        extra: dict[str, Any] = {}
        if decision is not None:
            signers = {row.by_id for row in decision.signatures.all()}
            over = decision.withdrawn_at or decision.ends_on < timezone.localdate()
            extra = {
                "signatures": decision.signatures.select_related("by"),
                "missing": max(0, services.SIGNATURES - len(signers)),
                "may_sign": not over and request.user.pk not in signers,
                "may_withdraw": not over,
                "counts": self.counts_now(decision),
            }
        return super().change_view(request, object_id, form_url, {**extra, **(extra_context or {})})

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        own = [
            path("<int:pk>/sign/", wrap(require_POST(self._sign)), name="tutor_emotion_sign"),
            path(
                "<int:pk>/withdraw/",
                wrap(require_POST(self._withdraw)),
                name="tutor_emotion_withdraw",
            ),
        ]
        return own + super().get_urls()

    def _sign(self, request: HttpRequest, pk: int) -> HttpResponse:
        decision = self._decision(request, pk)
        try:
            services.sign(decision, request.user)
        except TutorEmotionError as error:
            messages.error(request, error.message)
        else:
            messages.success(request, gettext("You have signed it."))
        return self._back(decision)

    def _withdraw(self, request: HttpRequest, pk: int) -> HttpResponse:
        decision = self._decision(request, pk)
        services.withdraw(decision)
        messages.success(request, gettext("It is withdrawn."))
        return self._back(decision)

    def _decision(self, request: HttpRequest, pk: int) -> MedicalDecision:
        decision = services.decisions_of(request.user).filter(pk=pk).first()
        if decision is None:
            raise PermissionDenied
        return decision

    def _back(self, decision: MedicalDecision) -> HttpResponse:
        transaction.on_commit(partial(tell_courses, services.courses_hit(decision.school)))
        name = f"{self.admin_site.name}:tutor_emotion_medicaldecision_change"
        return HttpResponseRedirect(reverse(name, args=[decision.pk]))
