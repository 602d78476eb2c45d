"""What a browser may do with the pages of this host."""

from __future__ import annotations

from typing import Any

from csp.constants import NONCE, NONE, SELF, STRICT_DYNAMIC, UNSAFE_EVAL, UNSAFE_INLINE
from csp.middleware import CSPMiddleware, PolicyParts
from django.http import HttpRequest
from django.http.response import HttpResponseBase

CONTENT_POLICY: dict[str, list[Any]] = {
    "default-src": [NONE],
    # Only a script that the server itself wrote into this answer, and what that one imports.
    "script-src": [NONCE, STRICT_DYNAMIC],
    "style-src": [SELF, NONCE],
    "style-src-attr": [NONE],  # KaTeX writes MathML here, and Lit adopts sheets: neither needs it
    "img-src": [SELF],
    "font-src": [SELF],
    "media-src": [SELF, "blob:"],
    "connect-src": [SELF],  # also the websockets of the same host and port
    "form-action": [SELF],
    "frame-ancestors": [NONE],
    "frame-src": [NONE],
    "object-src": [NONE],
    "base-uri": [NONE],
}
ADMIN_POLICY: dict[str, list[Any]] = {
    # django-unfold is Alpine, whose attributes are programs.
    "script-src": [SELF, UNSAFE_INLINE, UNSAFE_EVAL],
    "style-src": [SELF, UNSAFE_INLINE],
    "style-src-attr": [UNSAFE_INLINE],
}
# Camera and microphone are the plugin's middleware's.
FEATURES: dict[str, list[str]] = {
    feature: []
    for feature in (
        *("accelerometer", "bluetooth", "browsing-topics", "display-capture", "geolocation"),
        *("gyroscope", "hid", "magnetometer", "midi", "payment", "serial", "usb"),
        "xr-spatial-tracking",
    )
}


class ContentPolicy(CSPMiddleware):
    """``CONTENT_SECURITY_POLICY``, and ``ADMIN_POLICY`` over it for the admin's own pages."""

    def get_policy_parts(
        self, request: HttpRequest, response: HttpResponseBase, report_only: bool = False
    ) -> PolicyParts:
        parts = super().get_policy_parts(request, response, report_only)
        match = request.resolver_match
        if not report_only and match is not None and "admin" in match.app_names:
            parts.replace = ADMIN_POLICY
        return parts
