"""django-unfold in this host's colours. Read by the settings, so it imports no model."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

# The blue of demo.css, from paper to night: lightness and chroma, one hue (oklch).
_PRIMARY = {
    "50": (97.5, 0.012), "100": (94.5, 0.025), "200": (89.5, 0.05), "300": (82.5, 0.078),
    "400": (74, 0.092), "500": (58, 0.1), "600": (46.5, 0.096), "700": (40.5, 0.086),
    "800": (35, 0.072), "900": (29, 0.057), "950": (22.5, 0.042),
}  # fmt: skip

UNFOLD: dict[str, Any] = {
    "SITE_TITLE": _("Fraction room"),
    "SITE_HEADER": _("Fraction room"),
    "SITE_SUBHEADER": _("Administration"),
    "SITE_ICON": "tutor_emotion.demo.sidebar.icon",
    "SITE_FAVICONS": [
        {
            "rel": "icon",
            "type": "image/svg+xml",
            "href": "tutor_emotion.demo.sidebar.icon",
        }
    ],
    "SCRIPTS": ["tutor_emotion.demo.sidebar.script"],
    "SHOW_LANGUAGES": True,
    "BORDER_RADIUS": "6px",
    "COLORS": {
        "primary": {
            name: f"oklch({light}% {chroma} 243)" for name, (light, chroma) in _PRIMARY.items()
        }
    },
    "SIDEBAR": {"show_search": True, "navigation": "tutor_emotion.demo.sidebar.navigation"},
}
