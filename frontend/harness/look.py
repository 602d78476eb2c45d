"""Screenshots and axe of every state of both elements, against a scripted server in the page.

    .venv/bin/python frontend/harness/look.py OUT [--quick]

Needs the built bundles and Chromium (``CHROMIUM``, default ``/usr/bin/chromium``). Exits with 1
when axe finds a violation, or a state cannot be reached.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, Route, WebSocketRoute, sync_playwright
from scripts import CLASSROOM, OFFER, SESSION, crowd, setup, welcome

ROOT = Path(__file__).resolve().parents[2]
DIST = ROOT / "tutor_emotion" / "static" / "tutor_emotion" / "dist"
AXE = ROOT / "frontend" / "node_modules" / "axe-core" / "axe.min.js"
HOST = "https://lesson.test"
CSP = (
    "default-src 'none'; script-src 'self'; connect-src 'self' wss:; style-src 'self'; "
    "img-src 'self'"
)
PAGE = """<!doctype html><html lang="{lang}" dir="{dir}"><head><meta charset="utf-8"><title>Lesson</title>
<meta name="viewport" content="width=device-width"><link rel="stylesheet" href="/page.css">
<script type="module" src="/{bundle}.js"{words}></script></head><body><main><h1>{title}</h1>
{element}<p>{lesson}</p></main></body></html>"""
WORDS = ' data-lang="{lang}" data-catalogue="/locales/{lang}.json"'
TITLES = {"en": "Fractions", "de": "Brüche", "ar": "الكسور"}
STYLE = """:root{color-scheme:light dark}body{margin:0;font:1rem/1.5 system-ui,sans-serif;
background:light-dark(#eef1ef,#0c1213);color:light-dark(#1c2a2b,#e7efed)}
main{max-width:80rem;margin:auto;padding:1rem}h1{font-size:1.5rem}"""

LAST_TILE = """document.querySelector('tutor-emotion-classroom').shadowRoot
.querySelector('.lists').getBoundingClientRect().bottom"""


class Stage:
    """One page with a fake server behind it; ``send`` speaks as the server."""

    def __init__(self, browser: Browser, lang: str, width: int, scheme: str, rules: str) -> None:
        self.context = browser.new_context(
            viewport={"width": width, "height": 800},
            color_scheme=scheme,  # type: ignore[arg-type]
            locale=lang,
            permissions=["camera", "microphone"],
            ignore_https_errors=True,
        )
        self.page: Page = self.context.new_page()
        self.lang, self.rules = lang, rules
        self.socket: WebSocketRoute | None = None
        self.faults: list[str] = []
        self.page.on("pageerror", lambda error: self.faults.append(str(error)))
        self.page.on("console", self._console)
        self.page.route(f"{HOST}/**", self._answer)
        self.page.route_web_socket("wss://lesson.test/**", self._connect)

    def _console(self, message: Any) -> None:
        if message.type == "error" and "favicon" not in message.text:
            self.faults.append(message.text)

    def _answer(self, route: Route) -> None:
        path = route.request.url.removeprefix(HOST).split("?")[0]
        if path in {"/learner", "/classroom"}:
            html = PAGE.format(
                lang=self.lang,
                dir="rtl" if self.lang == "ar" else "ltr",
                words="" if self.lang == "en" else WORDS.format(lang=self.lang),
                bundle=path[1:],
                title=TITLES[self.lang],
                element='<tutor-emotion token="t"></tutor-emotion>'
                if path == "/learner"
                else '<tutor-emotion-classroom course="fractions" page-path="/classroom/">'
                "</tutor-emotion-classroom>",
                lesson="½ + ¼ = ?" if path == "/learner" else "",
            )
            headers = {"content-security-policy": CSP, "content-type": "text/html"}
            route.fulfill(body=html, headers=headers)
        elif path.endswith(".js"):
            route.fulfill(path=DIST / path[1:], content_type="text/javascript")
        elif path.startswith("/locales/"):
            route.fulfill(path=DIST / path[1:], content_type="application/json")
        elif path == "/page.css":
            route.fulfill(body=STYLE, content_type="text/css")
        elif path.endswith("/setup/"):
            self._setup(route)
        elif path.endswith("/consents/"):
            body = json.loads(route.request.post_data or "{}")
            route.fulfill(json=setup(self.rules, body["modalities"]))
        elif path.endswith("/sessions/"):
            route.fulfill(status=201, json=SESSION)
        else:
            route.fulfill(status=204, body="")

    def _setup(self, route: Route) -> None:
        if self.rules == "broken":
            route.fulfill(status=503, json={"code": "server", "retry": True})
        else:
            route.fulfill(json=setup(self.rules, {}))

    def _connect(self, socket: WebSocketRoute) -> None:
        self.socket = socket
        if "classroom" in socket.url:
            return
        socket.send(json.dumps(welcome(self.rules)))

    def send(self, message: dict[str, Any]) -> None:
        for _ in range(100):
            if self.socket is not None:
                break
            self.page.wait_for_timeout(50)
        assert self.socket is not None
        self.socket.send(json.dumps(message))

    def click(self, selector: str) -> None:
        self.page.locator(selector).click()

    def axe(self) -> list[str]:
        self.page.evaluate(AXE.read_text())  # past the page's policy, as a tool may be
        found = self.page.evaluate("axe.run(document, {resultTypes: ['violations']})")
        return [
            f"{v['id']}: {v['help']} {[n['target'] for n in v['nodes']][:3]}"
            for v in found["violations"]
        ]


def choose(stage: Stage) -> None:
    stage.page.goto(f"{HOST}/learner")
    stage.page.locator("#without").wait_for()


def ticked(stage: Stage) -> None:
    choose(stage)
    for name in ("interaction", "self_report", "face", "voice"):
        stage.click(f"input#{name}")


def nudged(stage: Stage) -> None:
    choose(stage)
    stage.click("#with")
    stage.page.locator("[role=alert]").wait_for()


def camera_free(stage: Stage) -> None:
    stage.page.goto(f"{HOST}/learner")
    stage.page.locator("#without").wait_for()


def broken(stage: Stage) -> None:
    stage.page.goto(f"{HOST}/learner")
    stage.page.locator("#again").wait_for()


def previewed(stage: Stage) -> None:
    ticked(stage)
    stage.click("#with")
    stage.page.locator("video").wait_for()
    stage.page.wait_for_timeout(600)


def denied(stage: Stage) -> None:
    stage.page.add_init_script(
        "navigator.mediaDevices.getUserMedia = () =>"
        " Promise.reject(new DOMException('no', 'NotAllowedError'))"
    )
    ticked(stage)
    stage.click("#with")
    stage.page.locator("#retry").wait_for()


def live(stage: Stage) -> None:
    previewed(stage)
    stage.click("#begin")
    stage.page.locator("#stop").wait_for()
    used = ["face", "voice", "interaction", "self_report"]
    stage.send({"type": "status", "media": "live", "in_use": used, "allowed": used, "reason": ""})
    stage.page.wait_for_timeout(200)


def without(stage: Stage) -> None:
    choose(stage)
    stage.click("input#interaction")
    stage.click("input#self_report")
    stage.click("#without")
    stage.page.locator("#stop").wait_for()


def offered(stage: Stage) -> None:
    live(stage)
    stage.send(OFFER)
    stage.page.locator("#offer").wait_for()
    stage.page.wait_for_timeout(400)


def why(stage: Stage) -> None:
    offered(stage)
    stage.click("#why")
    stage.page.locator(".reasons").wait_for()


def dark_room(stage: Stage) -> None:
    live(stage)
    for seq in range(6):
        window = {"type": "window", "seq": seq, "face": "too_dark", "voice": "silent"}
        stage.send({**window, "newest_media_s": None, "estimated_at_s": None})
    stage.page.locator(".line").wait_for()


def scrolled(stage: Stage) -> None:
    live(stage)
    stage.page.evaluate("document.querySelector('main').style.paddingBottom = '120rem'")
    stage.page.evaluate("scrollTo(0, 1200)")
    stage.send({**OFFER, "id": 2})
    stage.page.locator(".pill .main").wait_for()
    stage.page.wait_for_timeout(400)


def paused(stage: Stage) -> None:
    live(stage)
    stage.click("#pause")


def stopped(stage: Stage) -> None:
    live(stage)
    stage.click("#stop")
    stage.page.locator("#choose-again").wait_for()


def lost(stage: Stage) -> None:
    live(stage)
    assert stage.socket is not None
    stage.page.route_web_socket("wss://lesson.test/**", lambda socket: socket.close(code=1011))
    stage.socket.close(code=1011)
    stage.page.locator(".line").wait_for()


def replaced(stage: Stage) -> None:
    live(stage)
    assert stage.socket is not None
    stage.socket.close(code=4409)
    stage.page.locator("#use-here").wait_for()


def room(stage: Stage) -> None:
    stage.page.goto(f"{HOST}/classroom")
    stage.send(CLASSROOM)
    stage.page.locator(".tile").first.wait_for()


def empty_room(stage: Stage) -> None:
    stage.page.goto(f"{HOST}/classroom")
    stage.send({**CLASSROOM, "learners": [], "paused": True})
    stage.page.locator(".empty").wait_for()


def calm_room(stage: Stage) -> None:
    stage.page.goto(f"{HOST}/classroom")
    fine = [row for row in CLASSROOM["learners"] if row["need"] == "fine"]
    stage.send({**CLASSROOM, "learners": fine})
    stage.page.locator(".well").wait_for()


def forty_in_need(stage: Stage) -> None:
    room(stage)
    stage.send({**crowd(40, 40), "seq": 2})
    stage.page.wait_for_timeout(100)


def forty_mixed(stage: Stage) -> None:
    room(stage)
    stage.send({**crowd(40, 14), "seq": 2})
    stage.page.wait_for_timeout(100)


def four_hundred(stage: Stage) -> None:
    room(stage)
    stage.send({**crowd(400, 60), "seq": 2})
    stage.page.wait_for_timeout(200)


def held_room(stage: Stage) -> None:
    """A learner is seen, one is taken on, and changes wait while the pointer is among the rows."""
    room(stage)
    stage.page.locator(".tile .seen").first.click()
    rows = [{**row, "need": "unresolved"} for row in CLASSROOM["learners"][10:12]]
    stage.send({"type": "learners", "seq": 2, "changed": rows, "left": []})
    stage.page.locator(".changes:not(.none)").wait_for()


def no_match(stage: Stage) -> None:
    room(stage)
    stage.page.locator("input#name").fill("xyz")
    stage.page.locator(".empty").wait_for()


def looking(stage: Stage) -> None:
    stage.page.goto(f"{HOST}/classroom")
    stage.page.locator(".empty").wait_for()


STATES: dict[str, tuple[str, Callable[[Stage], None]]] = {
    "1-choose": ("all", choose),
    "1-choose-again": ("again", choose),
    "1-ticked": ("all", ticked),
    "1-nudged": ("all", nudged),
    "1-camera-free": ("forbidden", camera_free),
    "1-unavailable": ("broken", broken),
    "2-preview": ("all", previewed),
    "2-denied": ("all", denied),
    "3-live": ("all", live),
    "3-without": ("activity", without),
    "3-offer": ("all", offered),
    "3-why": ("all", why),
    "3-dark": ("all", dark_room),
    "3-pill": ("all", scrolled),
    "3-paused": ("all", paused),
    "3-stopped": ("all", stopped),
    "3-lost": ("all", lost),
    "3-replaced": ("all", replaced),
    "4-classroom": ("all", room),
    "4-calm": ("all", calm_room),
    "4-empty": ("all", empty_room),
    "4-forty": ("all", forty_mixed),
    "4-forty-in-need": ("all", forty_in_need),
    "4-four-hundred": ("all", four_hundred),
    "4-held": ("all", held_room),
    "4-no-match": ("all", no_match),
    "4-looking": ("all", looking),
}


def main() -> int:
    out = Path(sys.argv[1])
    out.mkdir(parents=True, exist_ok=True)
    quick = "--quick" in sys.argv
    only = [arg for arg in sys.argv[2:] if not arg.startswith("--")]
    arguments = [
        "--no-sandbox",
        "--use-fake-device-for-media-stream",
        "--use-fake-ui-for-media-stream",
        "--disable-background-networking",
    ]
    looks = [("en", 1280, "light"), ("de", 320, "dark")]
    if not quick:
        looks += [("de", 768, "light"), ("en", 320, "light"), ("de", 1280, "dark")]
    bad = 0
    with sync_playwright() as playwright:
        chromium = os.environ.get("CHROMIUM", "/usr/bin/chromium")
        browser = playwright.chromium.launch(executable_path=chromium, args=arguments)
        for lang, width, scheme in looks:
            for name, (rules, reach) in STATES.items():
                if only and name not in only:
                    continue
                stage = Stage(browser, lang, width, scheme, rules)
                stage.page.set_default_timeout(8000)
                reach(stage)
                stage.page.screenshot(
                    path=out / f"{name}-{width}-{scheme}-{lang}.png", full_page=name != "3-pill"
                )
                wide = stage.page.evaluate(
                    "document.documentElement.scrollWidth > innerWidth && 'scrolls sideways'"
                )
                if name in {"4-classroom", "4-forty", "4-forty-in-need"} and width == 1280:
                    wide = wide or stage.page.evaluate(LAST_TILE) > 800 and "not on one screen"
                expected = "1-unavailable", "3-lost", "3-replaced"
                faults = [] if name in expected else stage.faults
                for fault in [*stage.axe(), *faults, *([wide] if wide else [])]:
                    bad += 1
                    sys.stdout.write(f"{name} {width} {scheme} {lang}: {fault}\n")
                stage.context.close()
        browser.close()
    sys.stdout.write(f"{bad} faults in {len(looks) * len(STATES)} views\n")
    return 1 if bad else 0


if __name__ == "__main__":
    raise SystemExit(main())
