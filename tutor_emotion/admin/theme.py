"""What our admin pages are dressed in: django-unfold where the host has it, Django's own elsewhere.

The pages of the plugin and of the lessons take their base classes and widgets from here, and from
nowhere else; a host changes its theme by its INSTALLED_APPS alone.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from django import forms
from django.apps import apps
from django.contrib.admin import widgets as django_widgets

UNFOLD = apps.is_installed("unfold")

if TYPE_CHECKING:
    from django.contrib.admin import ModelAdmin, StackedInline, TabularInline

    TextInput: type[forms.TextInput]
    NumberInput: type[forms.NumberInput]
    Textarea: type[forms.Textarea]
    Select: type[forms.Select]
    Switch: type[forms.CheckboxInput]
    Checkboxes: type[forms.CheckboxSelectMultiple]
    Radios: type[forms.RadioSelect]
    FileInput: type[forms.ClearableFileInput]
else:
    _admin = import_module("unfold.admin" if UNFOLD else "django.contrib.admin")

    class _Subscribable:
        """``ModelAdmin[Course]`` is a type for the checker; when it runs, it is ``ModelAdmin``."""

        def __class_getitem__(cls, _: Any) -> type:
            return cls

    class ModelAdmin(_Subscribable, _admin.ModelAdmin):
        pass

    class StackedInline(_Subscribable, _admin.StackedInline):
        pass

    class TabularInline(_Subscribable, _admin.TabularInline):
        pass

    if UNFOLD:
        from unfold import widgets as _unfold

        TextInput = _unfold.UnfoldAdminTextInputWidget
        NumberInput = _unfold.UnfoldAdminIntegerFieldWidget
        Textarea = _unfold.UnfoldAdminTextareaWidget
        Select = _unfold.UnfoldAdminSelectWidget
        Switch = _unfold.UnfoldBooleanSwitchWidget
        Checkboxes = _unfold.UnfoldAdminCheckboxSelectMultipleWidget
        Radios = _unfold.UnfoldAdminRadioSelectWidget
        FileInput = _unfold.UnfoldAdminFileFieldWidget
    else:
        TextInput = django_widgets.AdminTextInputWidget
        NumberInput = django_widgets.AdminIntegerFieldWidget
        Textarea = django_widgets.AdminTextareaWidget
        Select = forms.Select
        Switch = forms.CheckboxInput
        Checkboxes = forms.CheckboxSelectMultiple
        Radios = forms.RadioSelect
        FileInput = forms.ClearableFileInput

__all__ = [
    "UNFOLD", "Checkboxes", "FileInput", "ModelAdmin", "NumberInput", "Radios", "Select",
    "StackedInline", "Switch", "TabularInline", "TextInput", "Textarea",
]  # fmt: skip
