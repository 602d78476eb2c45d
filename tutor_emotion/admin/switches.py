"""Kill switches: switched off and lifted on pages of their own, which ask once more."""

from __future__ import annotations

from functools import partial
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from tutor_emotion import services
from tutor_emotion.admin.operating import operator_view
from tutor_emotion.admin.scope import NeverAlone
from tutor_emotion.admin.theme import Select, TextInput
from tutor_emotion.live.telling import tell_courses
from tutor_emotion.models import MODALITY_LABELS, KillSwitch, School

TEMPLATE = "tutor_emotion/admin/kill_switch.html"


class SwitchForm(forms.Form):
    """What to switch off, where, and why. A school's admin must name their school."""

    school = forms.ModelChoiceField(
        School.objects.none(), label=_("School"), required=False, widget=Select
    )
    modality = forms.ChoiceField(
        label=_("What"),
        choices=[("", _("everything")), *MODALITY_LABELS],
        required=False,
        widget=Select,
    )
    why = forms.CharField(
        label=_("Why"),
        max_length=300,
        widget=TextInput,
        help_text=_("Kept with the switch. No names of learners."),
    )

    def __init__(self, user: Any, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["school"]
        field.queryset = services.schools_of(user)  # type: ignore[attr-defined]
        field.empty_label = gettext("every school")  # type: ignore[attr-defined]
        if not user.is_superuser:
            field.required, field.empty_label = True, "–"  # type: ignore[attr-defined]


@admin.register(KillSwitch)
class KillSwitchAdmin(NeverAlone):
    list_display = ("where", "what", "state", "why", "by", "at", "lifted_by", "lifted_at", "lift")
    list_display_links = None
    list_filter = (("lifted_at", admin.EmptyFieldListFilter),)
    list_select_related = ("school", "by", "lifted_by")
    change_list_template = "tutor_emotion/admin/kill_switches.html"

    class Media:
        css = {"all": ("tutor_emotion/admin.css",)}

    # --- who may ---

    def visible(self, user: Any) -> QuerySet[KillSwitch]:
        return services.switches_of(user)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return request.user.is_superuser or services.schools_of(request.user).exists()

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return self.sees(request, obj) if obj else self.has_module_permission(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False  # on the page of its own

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    # --- the list ---

    @admin.display(description=_("where"), ordering="school")
    def where(self, switch: KillSwitch) -> str:
        return str(switch.school or _("every school"))

    @admin.display(description=_("what"), ordering="modality")
    def what(self, switch: KillSwitch) -> str:
        return switch.get_modality_display() if switch.modality else gettext("everything")

    @admin.display(description=_("state"))
    def state(self, switch: KillSwitch) -> SafeString | str:
        if switch.lifted_at is not None:
            return gettext("lifted")
        return format_html("<strong>{}</strong>", gettext("switched off"))

    @admin.display(description=_("lift"))
    def lift(self, switch: KillSwitch) -> SafeString | str:
        if switch.lifted_at is not None:
            return "–"
        url = reverse(f"{self.admin_site.name}:tutor_emotion_lift", args=[switch.pk])
        return format_html('<a href="{}" class="te-lift">{}</a>', url, gettext("Lift …"))

    # --- pages of their own ---

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        own = [
            path("switch-off/", wrap(self._switch_off), name="tutor_emotion_switch_off"),
            path("<int:pk>/lift/", wrap(self._lift), name="tutor_emotion_lift"),
            path("operator/", wrap(self._operator), name="tutor_emotion_operator"),
        ]
        return own + super().get_urls()

    def _operator(self, request: HttpRequest) -> HttpResponse:
        return require_GET(operator_view)(request, admin=self)

    def _switch_off(self, request: HttpRequest) -> HttpResponse:
        """Two steps at one address: the form, and what it would stop."""
        if not self.has_module_permission(request):
            raise PermissionDenied
        form = SwitchForm(request.user, request.POST or None)
        context: dict[str, Any] = {"form": form, "title": gettext("Switch off")}
        if request.method == "POST" and form.is_valid():
            chosen = form.cleaned_data
            if "sure" in request.POST:
                services.switch_off(
                    chosen["why"],
                    request.user,
                    school=chosen["school"],
                    modality=chosen["modality"],
                )
                return self._done(request, chosen["school"], gettext("It is switched off."))
            context |= self._stopped(chosen)
        return self._page(request, context, 400 if form.errors else 200)

    def _stopped(self, chosen: dict[str, Any]) -> dict[str, Any]:
        running = services.running_sessions(chosen["school"])
        return {
            "sure": True,
            "where": chosen["school"] or gettext("every school"),
            "what": dict(MODALITY_LABELS).get(chosen["modality"], gettext("everything")),
            "silences": chosen["modality"] in ("", "text"),
            "running": ngettext(
                "%(n)d lesson runs now.", "%(n)d lessons run now.", running
            ) % {"n": running},
        }  # fmt: skip

    def _lift(self, request: HttpRequest, pk: int) -> HttpResponse:
        switch = services.switches_of(request.user).filter(pk=pk, lifted_at=None).first()
        if switch is None or not services.may_lift(switch, request.user):
            raise PermissionDenied
        if request.method == "POST":
            services.lift(KillSwitch.objects.filter(pk=pk), request.user)
            return self._done(request, switch.school, gettext("It is lifted."))
        context = {"switch": switch, "where": self.where(switch), "what": self.what(switch)}
        return self._page(request, {**context, "title": gettext("Lift")})

    def _done(self, request: HttpRequest, school: School | None, said: str) -> HttpResponse:
        messages.success(request, said)
        transaction.on_commit(partial(self._tell, request, school))
        url = reverse(f"{self.admin_site.name}:tutor_emotion_killswitch_changelist")
        return HttpResponseRedirect(url)

    def _tell(self, request: HttpRequest, school: School | None) -> None:
        if not tell_courses(services.courses_hit(school)):
            said = gettext("Lessons that run could not be told; they ask again within 10 seconds.")
            messages.warning(request, said)

    def _page(
        self, request: HttpRequest, context: dict[str, Any], status: int = 200
    ) -> HttpResponse:
        whole = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "media": self.media,
            **context,
        }
        return TemplateResponse(request, TEMPLATE, whole, status=status)
