"""Writing lessons in the admin: one's own courses, checked as files are, seen while typing."""

from __future__ import annotations

import io
import re
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.contrib.messages.storage.fallback import FallbackStorage
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.forms import MultipleChoiceField
from django.test import Client, RequestFactory
from django.urls import resolve

from tests.people import person
from tutor_emotion.lessons.admin.preview import MAX_BYTES
from tutor_emotion.lessons.content import COURSES, read_course, write_files, write_zip
from tutor_emotion.lessons.content.bundles import read_path, read_zip
from tutor_emotion.lessons.exporting import course_of_rows
from tutor_emotion.lessons.importing import load
from tutor_emotion.lessons.models import Attempt, Lesson, LessonCourse, Skill, Step, Variant
from tutor_emotion.models import Course

ADMIN = "/admin/tutor_emotion_lessons"
HINT, WORKED, EASIER = "variants", "variants-3", "variants-5"


@pytest.fixture
def teacher(lesson: Lesson) -> User:
    user = person("teacher", is_staff=True)
    Course.objects.get(key="fractions").teachers.add(user)
    return user


@pytest.fixture
def desk(client: Client, teacher: User) -> Client:
    cache.clear()
    client.force_login(teacher)
    return client


def opened(client: Client, url: str, data: dict[str, Any] | None = None) -> Any:
    """The admin's answer before it is drawn, which is most of the work."""
    request = RequestFactory().get(url) if data is None else RequestFactory().post(url, data)
    request.user = User.objects.get(pk=client.session["_auth_user_id"])
    request.session = client.session  # type: ignore[assignment]
    request._messages = FallbackStorage(request)  # type: ignore[attr-defined]
    request._dont_enforce_csrf_checks = True  # type: ignore[attr-defined]
    view = resolve(url.split("?")[0])
    return view.func(request, *view.args, **view.kwargs)


def form_of(client: Client, url: str) -> dict[str, Any]:
    """What the browser would post if nothing were changed."""
    context = opened(client, url).context_data
    data: dict[str, Any] = {}
    forms = [context["adminform"].form]
    for inline in context["inline_admin_formsets"]:
        forms += [inline.formset.management_form, *inline.formset.forms]
    for form in forms:
        for field in form:
            empty: Any = [] if isinstance(field.field, MultipleChoiceField) else ""
            data[field.html_name] = empty if field.value() is None else field.value()
    return data


def refused(client: Client, url: str, fields: dict[str, Any]) -> str:
    """What the form says is wrong with it when these fields are changed."""
    response = opened(client, url, {**form_of(client, url), **fields})
    assert response.status_code == 200, "it was saved"
    errors = re.sub(r"<[^>]+>", " ", str(response.context_data["errors"]))
    return errors.replace("&#x27;", "'")


def step_url(slug: str = "shaded-part") -> str:
    return f"{ADMIN}/step/{Step.objects.get(slug=slug).pk}/change/"


# --- it works -----------------------------------------------------------------------------------


@pytest.mark.parametrize("page", ["lessoncourse", "lesson", "step", "skill"])
def test_every_page_opens_for_a_teacher(desk: Client, page: str) -> None:
    model = {"lessoncourse": LessonCourse, "lesson": Lesson, "step": Step, "skill": Skill}[page]
    pk = model.objects.all()[0].pk  # type: ignore[attr-defined]
    assert desk.get(f"{ADMIN}/{page}/").status_code == 200
    assert desk.get(f"{ADMIN}/{page}/{pk}/change/").status_code == 200


def test_saving_without_a_change_changes_nothing(desk: Client) -> None:
    before = course_of_rows("fractions")
    for step in Step.objects.all():
        url = step_url(step.slug)
        assert desk.post(url, form_of(desk, url)).status_code == 302, step.slug
    for skill in Skill.objects.all():
        url = f"{ADMIN}/skill/{skill.pk}/change/"
        assert desk.post(url, form_of(desk, url)).status_code == 302
    assert course_of_rows("fractions") == before
    assert Variant.objects.filter(kind="hint", order__gte=6).count() == 0


def test_a_change_reaches_learners_and_their_open_pages(desk: Client, ada: User) -> None:
    learner = Client()
    learner.force_login(ada)
    page = learner.get("/lessons/fractions-1/content.json")
    version = page.json()["steps"][0]["item"]["version"]
    url = step_url()
    data = {
        **form_of(desk, url),
        "prompt": "Which part is shaded?\n\n```picture\nbar 3/8 blank\n```",
    }
    assert desk.post(url, data).status_code == 302
    again = learner.get(
        "/lessons/fractions-1/content.json", headers={"if-none-match": page["ETag"]}
    )
    assert again.status_code == 200
    item = again.json()["steps"][0]["item"]
    assert "Which part is shaded?" in item["html"]
    assert item["version"] != version


def test_a_new_step_from_nothing(desk: Client, lesson: Lesson) -> None:
    url = f"{ADMIN}/step/add/?lesson={lesson.pk}"
    data = form_of(desk, url)
    assert (data["lesson"], data["order"], data["skill"]) == (str(lesson.pk), 12, "adding")
    data |= {
        "title": "Half of a half",
        "slug": "half-of-half",
        "difficulty": "0.4",
        "expected_s": "40",
        "prompt": "What is half of one half?",
        "strategy": "Draw one half, then cut it in two.",
        "answer_kind": "choice",
        "answer": "quarter",
        "choices": "quarter: $1/4$\nwhole: One whole",
        "mistakes": "whole: Two halves make a whole.",
        f"{HINT}-TOTAL_FORMS": "2",
        f"{HINT}-0-rung": "2",
        f"{HINT}-0-prompt": "Half of one half is one of four.",
        f"{HINT}-1-rung": "1",
        f"{HINT}-1-prompt": "Draw it.",
        f"{WORKED}-0-prompt": "It is $1/4$.",
    }
    assert desk.post(url, data).status_code == 302
    step = Step.objects.get(slug="half-of-half")
    assert step.choices[0] == {"key": "quarter", "text": "$1/4$"}
    assert step.mistakes == [{"answer": "whole", "says": "Two halves make a whole."}]
    hints = step.variants.filter(kind="hint").order_by("order")
    assert [hint.prompt for hint in hints] == ["Draw it.", "Half of one half is one of four."]
    assert course_of_rows("fractions").lessons[0].steps[-1].slug == "half-of-half"


def test_hints_change_places_by_their_numbers(desk: Client) -> None:
    url = step_url()
    data = form_of(desk, url)
    first, second = data[f"{HINT}-0-prompt"], data[f"{HINT}-1-prompt"]
    data |= {f"{HINT}-0-rung": "2", f"{HINT}-1-rung": "1"}
    assert desk.post(url, data).status_code == 302
    hints = Variant.objects.filter(step__slug="shaded-part", kind="hint").order_by("order")
    assert [hint.prompt for hint in hints] == [second, first]
    assert [hint.order for hint in hints] == [0, 1]


def test_what_another_kind_had_is_not_kept(desk: Client) -> None:
    url = step_url("same-tops")
    data = {**form_of(desk, url), "answer_kind": "number", "answer": "5", "mistakes": "8: No."}
    assert desk.post(url, data).status_code == 302
    assert Step.objects.get(slug="same-tops").choices == []


def test_a_course_that_is_made_here_is_known_to_the_plugin(client: Client, lesson: Lesson) -> None:
    client.force_login(person("owner", is_staff=True, is_superuser=True))
    data = {"title": "Angles", "key": "angles", "language": "en", "summary": "", "description": ""}
    assert client.post(f"{ADMIN}/lessoncourse/add/", data).status_code == 302
    assert Course.objects.get(key="angles").title == "Angles"
    add = f"{ADMIN}/skill/add/?course_key=angles"
    data = {**form_of(client, add), "course_key": "angles", "key": "right", "name": "Right angles"}
    assert client.post(add, data).status_code == 302
    assert Skill.objects.get(key="right").course_key == "angles"


# --- what it refuses, in the words of the files' loader -----------------------------------------


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"answer": "three"}, "its own answer is marked unreadable"),
        ({"mistakes": "6/16: Smaller."}, "Line 1: mistake '6/16' is marked right"),
        ({"mistakes": "1/2: No.\n2/4: No!"}, "Line 2: mistake '2/4' equals an earlier one"),
        ({"mistakes": "1/2 No"}, "Line 1: write “answer: says”"),
        ({"mistakes": "1/2: <b>No</b>"}, "HTML is not shown"),
        ({"prompt": "```picture\nbar 9/8\n```"}, "no more shaded"),
        ({"prompt": "One.\n\n<script>alert(1)</script>"}, "Line 3: HTML is not shown"),
        ({"prompt": "[x](javascript:alert(1))"}, "Links begin with https:"),
        ({"prompt": "![x](https://example.org/x.png)"}, "Pictures from elsewhere"),
        ({"prompt": "# A heading"}, "use ### instead"),
        ({"form": "over"}, "form over and bottom belong together"),
        ({"form": "factored"}, "a fraction has no form"),
        ({"answer_kind": "choice", "choices": "a: A"}, "there are 2 to 12 choices"),
        ({"answer_kind": "choice", "choices": "A b: A\nb: B", "answer": "b"}, "should match"),
        ({"answer_kind": "expression", "answer": "2x+"}, "2x+"),
        ({"answer_kind": "number", "answer": "1", "tolerance": "-1"}, "tolerance is negative"),
        ({"slug": "Shaded Part"}, "slug"),
        ({"slug": "shaded_part"}, "Only small letters"),
        ({"skill": "magic"}, "Select a valid choice"),
        ({"strategy": "<i>x</i>"}, "HTML is not shown"),
        ({"strategy": ""}, "required"),
        ({f"{HINT}-0-prompt": "```picture\ncat\n```"}, "not understood"),
        ({f"{HINT}-0-DELETE": "on", f"{HINT}-1-DELETE": "on"}, "at least 1"),
        ({f"{WORKED}-0-prompt": "a\n\n```\nb"}, "Line 3: This block of ``` is never closed"),
        ({f"{EASIER}-0-answer": "x"}, "its own answer is marked unreadable"),
        ({f"{EASIER}-0-help": ""}, "required"),
        ({"prompt": "x" * 9000}, "at most 8000 characters"),
    ],
)  # fmt: skip
def test_a_form_says_what_the_loader_says(desk: Client, fields: dict[str, str], says: str) -> None:
    before = course_of_rows("fractions")
    assert says in refused(desk, step_url(), fields)
    assert course_of_rows("fractions") == before


def test_a_skill_cannot_come_before_itself(desk: Client) -> None:
    Skill.objects.filter(key="comparing").update(prerequisites=["equivalence"])
    url = f"{ADMIN}/skill/{Skill.objects.get(key='equivalence').pk}/change/"
    said = refused(desk, url, {"prerequisites": ["comparing"]})
    assert "itself comes after this skill" in said


def test_knowledge_tracing_that_makes_no_sense_is_refused(desk: Client) -> None:
    skill = Skill.objects.get(key="adding")
    url = f"{ADMIN}/skill/{skill.pk}/change/"
    data = form_of(desk, url)
    assert "1 or more" in refused(desk, url, {"p_slip": "0.5", "p_guess": "0.6"})
    assert desk.post(url, {**data, "p_slip": "0.05"}).status_code == 302
    skill.refresh_from_db()
    assert skill.parameters == {"p_slip": 0.05}


# --- who may ------------------------------------------------------------------------------------


def test_another_teacher_sees_nothing_of_it(client: Client, lesson: Lesson) -> None:
    load(read_course(COURSES / "linear-equations"))
    other = person("other", is_staff=True)
    Course.objects.get(key="linear-equations").teachers.add(other)
    client.force_login(other)
    assert "Name the shaded part" not in client.get(f"{ADMIN}/step/").content.decode()
    for page, row in (("step", Step.objects.get(slug="shaded-part")), ("lesson", lesson)):
        assert client.get(f"{ADMIN}/{page}/{row.pk}/change/").status_code == 302
        assert client.post(f"{ADMIN}/{page}/{row.pk}/change/", {}).status_code in (302, 403)
    pk = Step.objects.get(slug="shaded-part").pk
    assert client.post(f"{ADMIN}/step/{pk}/preview/", {}).status_code == 404
    course = LessonCourse.objects.get(key="fractions")
    assert client.get(f"{ADMIN}/lessoncourse/{course.pk}/export/").status_code == 404
    said = refused(client, f"{ADMIN}/step/add/", {"lesson": lesson.pk, "skill": "equivalence"})
    assert "Select a valid choice" in said


@pytest.mark.parametrize("path", ["step/preview/", "lessoncourse/import/", "step/", "skill/"])
def test_strangers_and_learners_are_sent_away(
    client: Client, lesson: Lesson, ada: User, path: str
) -> None:
    assert client.post(f"{ADMIN}/{path}").status_code == 302
    client.force_login(ada)
    assert client.post(f"{ADMIN}/{path}").status_code == 302
    client.force_login(person("clerk", is_staff=True))
    assert client.post(f"{ADMIN}/{path}").status_code == 403


def test_what_learners_answered_is_not_deleted_by_the_way(desk: Client, ada: User) -> None:
    step = Step.objects.get(slug="shaded-part")
    item = step.variants.get(kind="easier_item")
    Attempt.objects.create(
        learner=ada, step=step, variant=item, answer="1", correct=False, verdict="wrong"
    )
    said = refused(desk, step_url(), {f"{EASIER}-0-DELETE": "on"})
    assert "Learners answered this 1 times" in said
    for page, pk in (("step", step.pk), ("lesson", step.lesson_id)):
        assert desk.post(f"{ADMIN}/{page}/{pk}/delete/", {"post": "yes"}).status_code == 403
    assert desk.post(f"{ADMIN}/step/", {"action": "delete_selected", "_selected_action": step.pk})
    assert Attempt.objects.count() == 1
    untouched = Step.objects.get(slug="add-mixed")
    assert desk.post(f"{ADMIN}/step/{untouched.pk}/delete/", {"post": "yes"}).status_code == 302
    assert not Step.objects.filter(slug="add-mixed").exists()


# --- the preview --------------------------------------------------------------------------------


def preview(client: Client, data: dict[str, Any]) -> Any:
    pk = Step.objects.get(slug="shaded-part").pk
    return client.post(f"{ADMIN}/step/{pk}/preview/", data)


def test_the_preview_is_what_learners_will_see_and_saves_nothing(desk: Client) -> None:
    data = form_of(desk, step_url()) | {"prompt": "Look: $1/2$\n\n```picture\nbar 1/2\n```"}
    html = preview(desk, data).json()["html"]
    assert "<mfrac><mn>1</mn><mn>2</mn></mfrac>" in html
    assert "A bar in 2 equal parts, 1 shaded." in html
    assert html.count("<article") == 9  # the step, two hints, and one of each other kind
    assert "te-wrong" not in html
    assert not Step.objects.filter(prompt__contains="Look").exists()


def test_the_preview_says_what_is_wrong_where_it_is(desk: Client) -> None:
    data = form_of(desk, step_url()) | {"answer": "x", f"{HINT}-0-prompt": "```picture\ncat\n```"}
    step, hint = preview(desk, data).json()["html"].split("<article")[1:3]
    assert "its own answer is marked unreadable" in step
    assert "not understood" in hint
    assert "required" not in preview(desk, {}).json()["html"]


@pytest.mark.parametrize(
    "evil", ["<script>alert(1)</script>", "[x](javascript:alert(1))", "<img src=x onerror=y>"]
)
def test_nothing_runs_in_the_preview(desk: Client, evil: str) -> None:
    names = ("title", "prompt", "strategy", "answer", "skill", f"{HINT}-0-prompt")
    data = form_of(desk, step_url()) | dict.fromkeys(names, evil)
    data |= {"choices": f"a: {evil}\nb: {evil}", "mistakes": f"a: {evil}", "answer_kind": "choice"}
    html = preview(desk, data).json()["html"]
    assert not re.search(r"<script|<img|href=.javascript|onerror=(?!y&gt;)", html)


def test_a_new_step_has_a_preview_too(desk: Client) -> None:
    data = form_of(desk, f"{ADMIN}/step/add/") | {"prompt": "How **much**?"}
    html = desk.post(f"{ADMIN}/step/preview/", data).json()["html"]
    assert "How <strong>much</strong>?" in html


def test_the_preview_has_limits(desk: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    assert preview(desk, {"prompt": "x" * MAX_BYTES}).status_code == 413
    assert desk.get(f"{ADMIN}/step/preview/").status_code == 405
    monkeypatch.setattr("tutor_emotion.lessons.admin.preview.PREVIEWS_IN_MINUTE", 2)
    statuses = [preview(desk, {"prompt": "x"}).status_code for _ in range(5)]
    assert (statuses[0], statuses[-1]) == (200, 429)


def test_another_site_cannot_ask_for_a_preview(teacher: User) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(teacher)
    assert preview(client, {"prompt": "x"}).status_code == 403


# --- in and out as files ------------------------------------------------------------------------


def upload(client: Client, raw: bytes) -> Any:
    file = SimpleUploadedFile("course.zip", raw, "application/zip")
    return client.post(f"{ADMIN}/lessoncourse/import/", {"file": file})


def changed(*edits: tuple[str, str], without: str = "") -> bytes:
    files = dict(read_path(COURSES / "fractions"))
    for path in [path for path in files if without and path.endswith(without)]:
        del files[path]
    text = files["fractions-1/01-shaded-part.md"].decode()
    for old, new in edits:
        assert old in text
        text = text.replace(old, new)
    files["fractions-1/01-shaded-part.md"] = text.encode()
    return write_zip(files, "fractions")


def test_out_as_a_zip(desk: Client) -> None:
    pk = LessonCourse.objects.get().pk
    response = desk.get(f"{ADMIN}/lessoncourse/{pk}/export/")
    assert response["Content-Disposition"] == 'attachment; filename="fractions.zip"'
    assert read_zip(response.content) == write_files(course_of_rows("fractions"))
    assert "nothing to do" in upload(desk, response.content).content.decode()


def test_in_only_after_one_has_seen_what_changes(desk: Client) -> None:
    raw = changed(("Name the shaded part", "What is shaded?"), without="12-add-mixed.md")
    shown = upload(desk, raw)
    text = shown.content.decode()
    assert "fractions-1/shaded-part" in text
    assert "fractions-1/add-mixed" in text
    assert Step.objects.count() == 12
    done = desk.post(f"{ADMIN}/lessoncourse/import/", {"zip": shown.context["zip"]})
    assert done.status_code == 302
    assert Step.objects.count() == 11
    assert Step.objects.get(slug="shaded-part").title == "What is shaded?"


def test_answers_go_only_where_one_says_so(desk: Client, ada: User) -> None:
    step = Step.objects.get(slug="add-mixed")
    Attempt.objects.create(learner=ada, step=step, answer="1", correct=False, verdict="wrong")
    shown = upload(desk, changed(without="12-add-mixed.md"))
    assert "1 answer of a learner would be deleted" in shown.content.decode()
    confirm = {"zip": shown.context["zip"]}
    desk.post(f"{ADMIN}/lessoncourse/import/", confirm)
    assert Attempt.objects.count() == 1
    desk.post(f"{ADMIN}/lessoncourse/import/", {**confirm, "delete": "on"})
    assert Attempt.objects.count() == 0


def test_what_changed_meanwhile_is_shown_again(desk: Client, ada: User) -> None:
    shown = upload(desk, changed(without="12-add-mixed.md"))
    step = Step.objects.get(slug="add-mixed")
    Attempt.objects.create(learner=ada, step=step, answer="1", correct=False, verdict="wrong")
    again = desk.post(
        f"{ADMIN}/lessoncourse/import/", {"zip": shown.context["zip"], "delete": "on"}
    )
    assert "1 answer of a learner would be deleted" in again.content.decode()
    assert Attempt.objects.count() == 1


def test_faults_are_told_with_file_and_line(desk: Client) -> None:
    shown = upload(
        desk, changed(("value: 3/8", "value: three"), ("difficulty: 0.15", "difficulty: 7"))
    )
    assert shown.status_code == 400
    assert len(shown.context["faults"]) == 1  # the shape first, then the answers
    assert shown.context["faults"][0].startswith("fractions-1/01-shaded-part.md, line 4: ")


@pytest.mark.parametrize(
    ("raw", "says"),
    [
        (b"hello", "This is not a zip"),
        (b"", "empty"),
        (write_zip({"../x.md": b""}, "a"), "leads out of the course"),
        (write_zip({"course.md": b"---\nkey: x\n---\n<script>"}, "a"), "HTML is not shown"),
        (io.BytesIO(bytes(1_000_001)).getvalue(), "larger than 1 MB"),
    ],
)
def test_a_file_that_is_no_course(desk: Client, raw: bytes, says: str) -> None:
    assert says in upload(desk, raw).content.decode()
    assert Step.objects.count() == 12


def test_nobody_imports_another_course_or_for_another_person(desk: Client) -> None:
    other = write_zip(read_path(COURSES / "linear-equations"), "x")
    assert upload(desk, other).status_code == 403
    assert not Lesson.objects.filter(course_key="linear-equations").exists()
    shown = upload(desk, changed(without="12-add-mixed.md"))
    owner = Client()
    owner.force_login(person("owner", is_staff=True, is_superuser=True))
    for packed in (shown.context["zip"], "forged", ""):
        owner.post(f"{ADMIN}/lessoncourse/import/", {"zip": packed})
    assert Step.objects.count() == 12
