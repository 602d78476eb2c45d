"""Links for guardians: made for learners of a class by whoever manages it, and withdrawn.

A link says that it was answered, never how: who agreed to what is no teacher's business.
"""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin import RelatedOnlyFieldListFilter
from django.contrib.auth import get_user_model
from django.db.models import Exists, Model, OuterRef, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import NoReverseMatch, reverse
from django.utils.html import format_html
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from tutor_emotion import services
from tutor_emotion.admin.scope import NeverAlone, name_of
from tutor_emotion.admin.theme import Select
from tutor_emotion.models import Enrolment, GuardianLink

STATES = {
    "open": _("waits for an answer"),
    "answered": _("answered"),
    "withdrawn": _("withdrawn"),
    "expired": _("not answered in time"),
}


class OneOfMyClass(forms.ModelChoiceField):  # type: ignore[type-arg]
    """A learner in a class."""

    def label_from_instance(self, obj: Any) -> str:
        return f"{name_of(obj.learner)} · {obj.school_class}"


class LinkForm(forms.ModelForm):  # type: ignore[type-arg]
    """Whom the question is about; everything else follows from it."""

    enrolment = OneOfMyClass(
        Enrolment.objects.none(),
        label=_("learner"),
        widget=Select,
        help_text=_("Of the classes that you manage."),
    )

    class Meta:
        model = GuardianLink
        fields = ()


@admin.register(GuardianLink)
class GuardianLinkAdmin(NeverAlone):  # the guardian's link to take back hangs on it
    form = LinkForm
    list_display = ("learner_name", "course", "created_at", "expires_at", "state_word", "address")
    list_filter = (("course", RelatedOnlyFieldListFilter),)
    list_select_related = ("learner", "course")
    ordering = ("-created_at",)
    actions = ("withdraw",)
    readonly_fields = (
        "learner_name", "course", "maker", "created_at", "expires_at", "state_word", "address",
    )  # fmt: skip

    def visible(self, user: Any) -> QuerySet[GuardianLink]:
        mine = Enrolment.objects.filter(
            school_class__in=services.managed_by(user),
            school_class__course=OuterRef("course"),
            learner=OuterRef("learner"),
        )
        return GuardianLink.objects.filter(Exists(mine))

    def get_search_fields(self, request: HttpRequest) -> tuple[str, ...]:
        return (f"learner__{get_user_model().USERNAME_FIELD}",)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_add_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return self.sees(request, obj) if obj else self.has_add_permission(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return services.managed_by(request.user).exists()

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_withdraw_permission(self, request: HttpRequest) -> bool:
        return self.has_add_permission(request)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return self.readonly_fields if obj else ("enrolment",)

    def get_form(
        self, request: HttpRequest, obj: Any = None, change: bool = False, **kw: Any
    ) -> Any:
        if obj is None:
            kw["fields"] = ()  # `enrolment` is the form's own
        form = super().get_form(request, obj, change, **kw)
        if obj is None:
            mine = Enrolment.objects.filter(school_class__in=services.managed_by(request.user))
            field: Any = form.base_fields["enrolment"]
            field.queryset = mine.select_related("learner", "school_class__course").order_by(
                "school_class", f"learner__{get_user_model().USERNAME_FIELD}"
            )
        return form

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        enrolment = form.cleaned_data["enrolment"]
        course = enrolment.school_class.course
        made = services.make_guardian_link(course, enrolment.learner_id, request.user)
        obj.__dict__.update(made.__dict__)

    def response_add(
        self, request: HttpRequest, obj: Any, post_url_continue: str | None = None
    ) -> HttpResponse:
        """To the page with the address, which is what one came for."""
        messages.success(request, _("The link was made. Send it to the guardian."))
        page = reverse("admin:tutor_emotion_guardianlink_change", args=[obj.pk])
        return HttpResponseRedirect(page)

    @admin.action(description=_("Withdraw: nobody can answer any more"), permissions=["withdraw"])
    def withdraw(self, request: HttpRequest, queryset: QuerySet[GuardianLink]) -> None:
        n = sum(map(services.withdraw_guardian_link, queryset))
        text = ngettext("%(n)d link was withdrawn.", "%(n)d links were withdrawn.", n)
        messages.info(request, text % {"n": n})

    @admin.display(description=_("learner"), ordering="learner")
    def learner_name(self, link: GuardianLink) -> str:
        return name_of(link.learner)

    @admin.display(description=_("made by"))
    def maker(self, link: GuardianLink) -> str:
        return name_of(link.made_by) if link.made_by else "–"

    @admin.display(description=_("state"))
    def state_word(self, link: GuardianLink) -> str:
        return str(STATES[link.state])

    def get_object(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        link = super().get_object(request, *args, **kwargs)
        if link is not None:
            link.host = request.build_absolute_uri("/")[:-1]
        return link

    @admin.display(description=_("link"))
    def address(self, link: GuardianLink) -> str:
        """The address to send, while it can be answered; the guardian's own is never shown."""
        if link.state != "open":
            return "–"
        token = services.guardian_token(link, "answer")
        try:
            path = reverse("tutor_emotion:guardian", args=[token])
        except NoReverseMatch:
            return gettext("This site has not mounted the plugin's pages.")
        whole = f"{getattr(link, 'host', '')}{path}"
        words = whole if hasattr(link, "host") else gettext("open, or copy")
        return format_html('<a href="{}">{}</a>', whole, words)
