"""The content policy in a real browser: what was put into a page does not run.

That nothing of ours is stopped by it, every other journey says: `Visit.faults` hears of each stop.
"""

from __future__ import annotations

import pytest

from tests.e2e.conftest import Visitor
from tests.e2e.pages import LESSON
from tests.e2e.site import TEACHER

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(120)]
_HTML = """<img src="/nowhere.png" onerror="window.evil = 'handler'">
<a id="trap" href="javascript:window.evil = 'link'">x</a>"""
_INSERT = """async (html) => {
  const box = document.createElement('div');
  box.innerHTML = html;
  document.body.append(box);
  box.querySelector('#trap').click();
  document.body.insertAdjacentHTML('beforeend', '<base href="https://example.invalid/">');
  setTimeout("window.evil = 'text'", 0);
  await fetch('https://example.invalid/').catch(() => {});
  await new Promise((go) => setTimeout(go, 300));
  return window.evil ?? null;
}"""


@pytest.mark.parametrize("page", ["", LESSON, "lessons/progress/", "sign-in/"])
def test_what_was_put_into_a_page_does_not_run(visit: Visitor, page: str) -> None:
    visitor = visit("ada")
    # As if a hole in a template had let it through: it is in the HTML that the server sends.
    evil = "<script>window.evil = 'inline'</script><script src='/static/demo/admin.js'></script>"
    evil += f"{_HTML}<style>body {{ opacity: 0.5 }}</style>"

    def with_hole(route: object) -> None:
        answer = route.fetch()  # type: ignore[attr-defined]
        body = answer.text().replace("</main>", f"{evil}</main>")
        route.fulfill(response=answer, body=body)  # type: ignore[attr-defined]

    visitor.page.route(f"{visitor.address}{page}", with_hole)
    visitor.page.goto(visitor.address + page)
    assert visitor.page.evaluate(_INSERT, _HTML) is None
    assert visitor.page.evaluate("getComputedStyle(document.body).opacity") == "1"
    stopped = "\n".join(visitor.faults)
    for rule in ("script-src-elem", "script-src-attr", "style-src-elem", "connect-src", "eval"):
        assert rule in stopped, stopped
    visitor.faults.clear()


def test_the_same_hole_without_the_policy_would_have_let_it_run(visit: Visitor) -> None:
    visitor = visit("ada")

    def bare(route: object) -> None:
        answer = route.fetch()  # type: ignore[attr-defined]
        headers = {k: v for k, v in answer.headers.items() if k != "content-security-policy"}
        body = answer.text().replace("</main>", "<script>window.evil = 1</script></main>")
        route.fulfill(response=answer, headers=headers, body=body)  # type: ignore[attr-defined]

    visitor.page.route(visitor.address, bare)
    visitor.page.goto(visitor.address)
    assert visitor.page.evaluate("window.evil") == 1


def test_every_page_of_a_teacher_keeps_to_it(visit: Visitor) -> None:
    teacher = visit(TEACHER)
    page = teacher.page
    for path in (
        "tutor-emotion/classroom/fractions/",
        "tutor-emotion/classroom/fractions/report/",
        "tutor-emotion/classroom/fractions/report/fractions-1/",
        "admin/",
        "admin/tutor_emotion/course/",
        "admin/tutor_emotion_lessons/step/",
    ):
        answer = page.goto(teacher.address + path)
        assert answer is not None
        assert answer.ok, path
        page.wait_for_timeout(500)
    assert teacher.faults == []
