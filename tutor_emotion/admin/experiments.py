"""Experiments in the admin: set up, begin, end, and what came of it."""

from __future__ import annotations

import csv
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_POST

from tutor_emotion.admin import theme
from tutor_emotion.admin.effect_picture import Interval, intervals
from tutor_emotion.admin.history import WithHistory
from tutor_emotion.core.effect import LEAST_UNITS
from tutor_emotion.errors import BadInput
from tutor_emotion.models import PACINGS, Experiment, Policy
from tutor_emotion.services import access, experiments

if TYPE_CHECKING:
    ExperimentModelForm = forms.ModelForm[Experiment]
else:
    ExperimentModelForm = forms.ModelForm

PACING_LABELS = dict(Policy._meta.get_field("pacing").choices or [])
# The first of these that takes part is what the others are compared with.
REFERENCE_ORDER = ("performance", "none", "affect")


class ExperimentForm(ExperimentModelForm):
    pacings = forms.MultipleChoiceField(
        label=_("What is compared"),
        choices=[(pacing, PACING_LABELS[pacing]) for pacing in PACINGS],
        widget=theme.Checkboxes,
        initial=["affect", "performance"],
        help_text=_("Two or three. Each learner (or class) meets one of them, by lot."),
    )

    class Meta:
        model = Experiment
        fields = ("course", "name", "unit")
        help_texts = {
            "unit": _(
                "By learner needs fewer learners; by class keeps those who sit together in one arm."
            )
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.arms and "pacings" in self.fields:
            self.initial["pacings"] = [arm["pacing"] for arm in self.instance.arms]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if "pacings" in data:
            chosen = [p for p in REFERENCE_ORDER if p in data["pacings"]]
            self.instance.arms = [{"name": pacing, "pacing": pacing} for pacing in chosen]
            try:
                experiments.check_arms(self.instance.arms)
            except BadInput:
                self.add_error(
                    "pacings", forms.ValidationError(_("Tick two or three."), code="bad_experiment")
                )
        return data


@admin.register(Experiment)
class ExperimentAdmin(WithHistory):
    """What runs or ran cannot be changed any more; its results can be read at any time.

    It sets the pacing of a whole course, so it belongs to those who may set its policy.
    """

    form = ExperimentForm
    list_display = ("name", "course", "state", "started_at", "ended_at")
    list_select_related = ("course",)
    change_form_template = "tutor_emotion/admin/experiment.html"

    # --- who may ---

    def visible(self, user: Any) -> QuerySet[Experiment]:
        return Experiment.objects.filter(course__in=access.policies_set_by(user))

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_add_permission(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return request.user.is_active and access.policies_set_by(request.user).exists()

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        begun = obj is not None and obj.started_at is not None
        return not begun and self.has_view_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        begun = obj is not None and obj.started_at is not None
        return bool(request.user.is_superuser) or (
            not begun and self.has_view_permission(request, obj)
        )

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return ("compared",) if obj and obj.started_at else ()

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        last = "compared" if obj and obj.started_at else "pacings"
        return ("course", "name", "unit", last)

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "course":
            kwargs["queryset"] = access.policies_set_by(request.user)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    # --- what is shown ---

    @admin.display(description=_("now"))
    def state(self, experiment: Experiment) -> str:
        if experiment.started_at is None:
            return gettext("not begun")
        return gettext("running") if experiment.ended_at is None else gettext("ended")

    @admin.display(description=_("what is compared"))
    def compared(self, experiment: Experiment) -> str:
        return " · ".join(str(PACING_LABELS[arm["pacing"]]) for arm in experiment.arms)

    # --- its life and its results ---

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        verbs: dict[str, Callable[[Experiment], None]] = {
            "start": experiments.start_experiment,
            "end": experiments.end_experiment,
        }
        own = [
            path(
                f"<int:pk>/{name}/",
                wrap(require_POST(partial(self.switch_view, verb=verb))),
                name=f"tutor_emotion_experiment_{name}",
            )
            for name, verb in verbs.items()
        ]
        own += [
            path(
                f"<int:pk>/{name}",
                wrap(require_GET(view)),
                name=f"tutor_emotion_experiment_{name.partition('.')[0].rstrip('/')}",
            )
            for name, view in (
                ("results/", self.results_view),
                ("exposures.csv", self.exposures_view),
            )
        ]
        return own + super().get_urls()

    def _one(self, request: HttpRequest, pk: int) -> Experiment:
        experiment: Experiment = get_object_or_404(self.get_queryset(request), pk=pk)
        if not self.has_view_permission(request, experiment):
            raise PermissionDenied
        return experiment

    def switch_view(
        self, request: HttpRequest, pk: int, *, verb: Callable[[Experiment], None]
    ) -> HttpResponse:
        experiment = self._one(request, pk)
        try:
            verb(experiment)
        except BadInput as error:
            messages.error(request, f"{gettext(error.message)} {gettext(error.hint)}".strip())
        else:
            self.log_change(request, experiment, verb.__name__)
        return HttpResponseRedirect(
            reverse(f"{self.admin_site.name}:tutor_emotion_experiment_change", args=[pk])
        )

    def results_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        experiment = self._one(request, pk)
        arms = experiments.results(experiment)
        drawn = [
            Interval(str(PACING_LABELS[a.pacing]), a.effect.difference, a.effect.low, a.effect.high)
            for a in arms
            if a.effect
            and a.effect.difference is not None
            and a.effect.low is not None
            and a.effect.high is not None
        ]
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "original": experiment,
            "title": gettext("Results of %(name)s") % {"name": experiment.name},
            "arms": [_in_words(arm) for arm in arms],
            "reference": PACING_LABELS[arms[0].pacing] if arms else "",
            "picture": intervals(drawn) if drawn else "",
            "least_units": LEAST_UNITS,
            "delay_h": round(experiments.MIN_DELAY_S / 3600),
        }
        return TemplateResponse(request, "tutor_emotion/admin/experiment_results.html", context)

    def exposures_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Who met which arm when, by number and not by name."""
        experiment = self._one(request, pk)
        response = HttpResponse(content_type="text/csv; charset=utf-8")
        response["Content-Disposition"] = f'attachment; filename="exposures-{experiment.pk}.csv"'
        writer = csv.writer(response)
        writer.writerow(["learner", "unit", "arm", "session", "at"])
        numbers: dict[Any, int] = {}
        for row in experiment.exposures.iterator():
            learner = numbers.setdefault(row.learner_id, len(numbers) + 1)
            unit = row.unit_key if experiment.unit == "class" else f"learner:{learner}"
            writer.writerow([learner, unit, row.arm, row.session_id, row.at.isoformat()])
        return response


def _in_words(arm: experiments.ArmResult) -> dict[str, Any]:
    """A row of the table: shares in per cent, differences with their sign."""
    effect = arm.effect
    words = {"label": PACING_LABELS[arm.pacing], "result": arm, "effect": effect}
    if arm.share is not None:
        words["share"] = f"{arm.share:.0%}"
    if effect and effect.difference is not None:
        words["difference"] = f"{effect.difference:+.0%}"
        words["interval"] = f"{effect.low:+.0%} … {effect.high:+.0%}"
        words["detectable"] = round(100 * (effect.detectable or 0))
    return words
