"""What a simulated learner reads in a page: the sign-in form, and the plugin's element."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser


@dataclass(frozen=True, slots=True)
class LoginForm:
    """Where to post, and the hidden fields that go along."""

    action: str
    hidden: dict[str, str]


@dataclass(frozen=True, slots=True)
class Element:
    """``<tutor-emotion token="…" base="…" csrf="…">`` as the host's page carries it.

    Without ``csrf`` the cookie has it.
    """

    token: str
    base: str
    csrf: str = ""


@dataclass
class _Form:
    action: str
    hidden: dict[str, str] = field(default_factory=dict)
    has_password: bool = False


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.element: Element | None = None
        self.forms: list[_Form] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "tutor-emotion" and given.get("token"):
            base = given.get("base", "/tutor-emotion/")
            self.element = Element(given["token"], base, given.get("csrf", ""))
        elif tag == "form":
            self.forms.append(_Form(given.get("action", "")))
        elif tag == "input" and self.forms:
            if given.get("type") == "password":
                self.forms[-1].has_password = True
            elif given.get("type") == "hidden" and given.get("name"):
                self.forms[-1].hidden[given["name"]] = given.get("value", "")


def _read(html: str) -> _Reader:
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return reader


def find_element(html: str) -> Element | None:
    """The plugin's element, or None where the page has none."""
    return _read(html).element


def find_login_form(html: str) -> LoginForm | None:
    """The form that asks for a password, or None where nobody is asked."""
    for form in _read(html).forms:
        if form.has_password:
            return LoginForm(form.action, form.hidden)
    return None
