"""What kinds of answers and forms are called where teachers choose them."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

KIND_WORDS = [
    ("number", _("a number")),
    ("fraction", _("a fraction")),
    ("expression", _("an expression or an equation")),
    ("choice", _("one of several choices")),
    ("several", _("several of the choices")),
    ("order", _("the choices in an order")),
    ("text", _("a short text")),
]
FORM_WORDS = [
    ("any", _("any")),
    ("lowest", _("fraction: in lowest terms")),
    ("mixed", _("fraction: a mixed number")),
    ("over", _("fraction: with this bottom number")),
    ("equivalent", _("expression: anything equal")),
    ("expanded", _("expression: multiplied out")),
    ("factored", _("expression: as a product")),
    ("simplest", _("expression: as short as can be")),
]
