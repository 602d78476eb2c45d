"""One page object a page: what a person sees and does there, in their words."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Literal

from playwright.sync_api import Locator, Page, expect

LESSON = "lessons/fractions-1/"
Sensor = Literal["face", "voice"]


class SignIn:
    def __init__(self, page: Page, address: str) -> None:
        self.page, self.address = page, address

    def open(self) -> SignIn:
        self.page.goto(self.address + "sign-in/")
        return self

    def sign_in(self, name: str, password: str) -> None:
        self.page.locator("#id_username").fill(name)
        self.page.locator("#id_password").fill(password)
        self.page.locator("main button[type=submit]").click()


class Home:
    def __init__(self, page: Page, address: str) -> None:
        self.page, self.address = page, address

    def open(self) -> Home:
        self.page.goto(self.address)
        return self

    def choose_lesson(self, title: str) -> LessonPage:
        self.page.get_by_role("link", name=title).click()
        return LessonPage(self.page, self.address)


class Panel:
    """The `<tutor-emotion>` element beside the lesson."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.root = page.locator("tutor-emotion")
        self.offer = self.root.locator("#offer")
        self.line = self.root.locator(".slot .line")
        self.said = self.root.locator(".bar .said")
        self.preview = self.root.locator("video")

    # --- choosing ---

    def choosing(self) -> Panel:
        expect(self.root.locator("#without")).to_be_visible()
        return self

    def ticked(self) -> list[str]:
        boxes = self.root.locator(".choice input:checked")
        return [str(box.get_attribute("name")) for box in boxes.all()]

    def tick(self, *modalities: str) -> None:
        for modality in modalities:
            self.root.locator(f"input[name={modality}]").check()

    def start_without(self) -> None:
        self.root.locator("#without").click()
        self.running()

    def go_on_with(self) -> None:
        self.root.locator("#with").click()

    def begin(self) -> None:
        self.root.locator("#begin").click()
        self.running()

    def start(self, *modalities: str) -> None:
        """From the choice to a running lesson; through the preview where it has a sensor."""
        self.choosing()
        self.tick(*modalities)
        if {"face", "voice"} & set(modalities):
            self.go_on_with()
            self.begin()
        else:
            self.start_without()

    def forbidden(self) -> dict[str, str]:
        """What may not be chosen here, and the reason that is given."""
        cards = self.root.locator(".choice.forbidden").all()
        return {str(card.get_attribute("data-modality")): card.inner_text() for card in cards}

    # --- the preview ---

    def level(self) -> int:
        meter = self.root.get_by_role("meter")
        return int(meter.get_attribute("aria-valuenow") or 0)

    def devices(self, kind: Literal["camera", "microphone"]) -> list[str]:
        return self.root.locator(f"select#{kind} option").all_inner_texts()

    # --- running ---

    def running(self) -> None:
        expect(self.root.locator(".bar")).to_be_visible()

    @property
    def in_use(self) -> Locator:
        return self.root.locator("#in-use li")

    def press(self, what: Literal["pause", "stop", "change", "use-here", "go-on"]) -> None:
        self.root.locator(f"#{what}").click()

    def feel(self, feeling: Literal["fine", "confused", "stuck", "bored"]) -> None:
        self.root.locator(f"[data-feeling={feeling}]").click()

    # --- an offer ---

    def choices(self) -> list[str]:
        buttons = self.offer.locator("[data-choice]").all()
        return [str(button.get_attribute("data-choice")) for button in buttons]

    def why(self) -> list[str]:
        self.offer.locator("#why").click()
        return self.offer.locator("#reasons li").all_inner_texts()


class LessonPage:
    def __init__(self, page: Page, address: str) -> None:
        self.page, self.address = page, address
        self.panel = Panel(page)
        self.step = page.locator("#lesson-step")
        self.title = self.step.locator("h2")
        self.feedback = page.locator(".lesson-feedback")
        # Help that was taken; the example that a new skill begins with is none.
        self.help = page.locator(".lesson-help:not(.example)")

    def open(self, step: str = "", *, lesson: str = LESSON) -> LessonPage:
        self.page.goto(self.address + lesson + (f"?step={step}" if step else ""))
        # The plain form gives way to the player.
        expect(self.page.locator("nav .lesson-steps")).to_be_visible()
        return self

    def answer(self, text: str) -> None:
        """Give an answer and wait for what is said to it."""
        with self.page.expect_response(lambda answer: "/answer" in answer.url):
            self.page.locator("#lesson-input").fill(text)
            self.page.get_by_role("button", name=re.compile("^(Check|Prüfen|تحقّق)$")).click()
        expect(self.feedback.locator("p")).to_be_visible()

    def miss(self, *answers: str) -> None:
        for text in answers:
            self.answer(text)
            expect(self.feedback.locator(".info")).to_be_visible()

    def take_hint(self) -> None:
        self.step.locator(".lesson-answer button:not([type=submit])").click()

    def words(self) -> str:
        """What the page says, the panel included, but for the learner's own four buttons."""
        return str(
            self.page.evaluate(
                """() => {
                  const root = document.querySelector('tutor-emotion').shadowRoot;
                  const panel = root.querySelector('.panel').cloneNode(true);
                  panel.querySelector('.feel')?.remove();
                  return document.body.innerText + '\\n' + panel.textContent;
                }"""
            )
        )

    def tab_stops(self, most: int = 80) -> Iterator[str]:
        """The ids, within the panel or not, that Tab comes to, one after the other."""
        for _ in range(most):
            self.page.keyboard.press("Tab")
            yield str(
                self.page.evaluate(
                    "() => { let e = document.activeElement;"
                    " while (e?.shadowRoot?.activeElement) e = e.shadowRoot.activeElement;"
                    " return e?.id || e?.dataset.choice || e?.tagName || '' }"
                )
            )


class Classroom:
    def __init__(self, page: Page, address: str) -> None:
        self.page, self.address = page, address
        self.root = page.locator("tutor-emotion-classroom")

    def open(self, course: str = "fractions") -> Classroom:
        self.page.goto(f"{self.address}tutor-emotion/classroom/{course}/")
        expect(self.root.locator(".link")).to_contain_text(re.compile("Live"))
        return self

    def in_need(self, name: str) -> Locator:
        # Inside the link, too, are words for who cannot see what it is for.
        return self.root.locator(".tile").filter(
            has=self.page.locator(".name", has_text=re.compile(f"^{name}(,|$)"))
        )

    def row(self, name: str) -> Locator:
        """Wherever the learner stands."""
        return self.in_need(name).or_(self.doing_well(name))

    def doing_well(self, name: str) -> Locator:
        return self.root.locator(".chip", has_text=name)

    def take_on(self, name: str) -> None:
        self.in_need(name).locator(".onit").click()

    def mark_seen(self, name: str) -> None:
        self.in_need(name).locator(".seen").click()

    def find(self, name: str) -> None:
        self.root.locator("input#name").fill(name)

    def look_closer(self, name: str) -> Timeline:
        self.row(name).locator(".name").click()
        expect(self.page.locator("h1")).to_have_text(name)
        return Timeline(self.page)

    def open_report(self, lesson: str) -> Report:
        self.root.locator(".reports").click()
        self.page.get_by_role("link", name=lesson).click()
        expect(self.page.locator("h1")).to_have_text(lesson)
        return Report(self.page)


class Timeline:
    """What happened in one session: a picture, and the table that says the same."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.picture = page.locator(".te-chart canvas")
        self.readout = page.locator(".te-readout")

    def lines(self, words: str) -> Locator:
        return self.page.locator("#te-moments tbody tr", has_text=words)


class Report:
    """A lesson over some days."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.steps = page.locator(".te-table").first.locator("tbody tr")

    def save(self, what: str) -> str:
        """The text of the file."""
        self.page.locator("#te-what").select_option(what)
        with self.page.expect_download() as waiting:
            self.page.get_by_role("button", name="Save as CSV").click()
        return waiting.value.path().read_text("utf-8-sig")


class Admin:
    """The course's page in the admin."""

    def __init__(self, page: Page, address: str) -> None:
        self.page, self.address = page, address

    def open(self) -> Admin:
        self.page.goto(f"{self.address}admin/tutor_emotion/course/")
        listed = self.page.locator("#result_list")
        listed.get_by_role("link", name="Fractions", exact=True).click()
        expect(self.page.get_by_role("link", name="Live classroom")).to_be_visible()
        return self

    def pause_everything(self) -> None:
        self.page.get_by_role("button", name="Pause everything now").click()
        expect(self.page.get_by_text("1 course is paused.")).to_be_visible()

    def resume(self) -> None:
        self.page.get_by_role("button", name="Resume").click()
        expect(self.page.get_by_text("1 course is running.")).to_be_visible()


def overlap(one: Locator, other: Locator) -> bool:
    """Whether two boxes of the page share a point."""
    a: Any = one.bounding_box()
    b: Any = other.bounding_box()
    assert None not in (a, b), "both are on the page"
    apart = (
        a["x"] + a["width"] <= b["x"]
        or b["x"] + b["width"] <= a["x"]
        or a["y"] + a["height"] <= b["y"]
        or b["y"] + b["height"] <= a["y"]
    )
    return not apart
