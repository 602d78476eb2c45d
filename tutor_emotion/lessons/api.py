"""What the lesson's page asks by JSON. Every fault is ``{code, message, hint, retry}``."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Annotated, Any, TypeAlias, TypeVar
from uuid import UUID

from django.core.exceptions import RequestDataTooBig
from django.http import (
    HttpRequest,
    HttpResponse,
    JsonResponse,
    RawPostDataException,
    UnreadablePostError,
)
from django.views.decorators.cache import cache_control, never_cache
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import conditional_page, require_GET, require_POST
from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
)

from tutor_emotion import rates
from tutor_emotion.described import Described, described
from tutor_emotion.errors import BadInput, TooFast, TutorEmotionError, Unavailable
from tutor_emotion.lessons import services
from tutor_emotion.lessons.feedback import feedback_html
from tutor_emotion.lessons.models import Lesson
from tutor_emotion.lessons.placing import Wish, place
from tutor_emotion.lessons.presenting import lesson_content
from tutor_emotion.lessons.replies import AnswerReply, Content, NextItem
from tutor_emotion.views.doors import DJANGOS, must_be_signed_in, unexpected

MAX_BODY_BYTES = 8 * 1024
MAX_TOOK_S = 86_400
_STATUS = {
    "not_signed_in": 401,
    "unknown_lesson": 404,
    "unknown_step": 404,
    "unknown_variant": 404,
    "unknown_adaptation": 404,
    "attempt_reused": 409,
    "step_changed": 409,
    "body_too_large": 413,
    "too_fast": 429,
}
Body = TypeVar("Body", bound=BaseModel)
View = Callable[..., HttpResponse]
Slug = Annotated[str, StringConstraints(pattern=r"^[-a-zA-Z0-9_]{1,60}$")]


Pace: TypeAlias = Annotated[int, Field(ge=-2, le=2)]
Skipped: TypeAlias = Annotated[tuple[Slug, ...], Field(max_length=64)]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


def _seconds(value: object) -> object:
    """A clock that jumped costs the time of an answer, never the answer."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return min(MAX_TOOK_S, max(0, value))  # in this order NaN is 0
    return value


class AnswerBody(_Body):
    """``attempt`` is made by the page, once per answer; ``variant`` is the id of a sibling.

    ``hints`` and ``revealed``: what the page had shown of this item before it was answered;
    ``version`` is that of the item as it was shown. ``pace`` and ``skipped``
    are what the next item is chosen by.
    """

    attempt: UUID
    step: Slug
    variant: Annotated[int, Field(ge=1, le=2**31)] | None = None
    answer: str  # the marking says how long each kind may be
    took_s: Annotated[float, BeforeValidator(_seconds)] = 0.0
    hints: Annotated[int, Field(ge=0, le=20)] = 0
    revealed: bool = False
    version: Annotated[str, StringConstraints(max_length=40)] = ""
    pace: Pace = 0
    skipped: Skipped = ()


class NextQuery(_Body):
    """What the next item is chosen by: see ``choosing.Place``."""

    pace: Pace = 0
    skipped: Skipped = ()
    leave: Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]{0,60}$")] = ""


class CarriedOutBody(_Body):
    """The page has shown the plugin's Adaptation of this number, as ``kind``, at ``step``."""

    adaptation: Annotated[int, Field(ge=0, le=1_000_000)]
    kind: Annotated[str, StringConstraints(pattern=r"^[a-z_]{1,30}$")]
    step: Slug


def coded(view: View) -> View:
    """Signed in, and every fault of ours as JSON."""

    @wraps(view)
    def wrapper(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            must_be_signed_in(request)
            rates.check("requests", request.user.pk, str(request.META.get("REMOTE_ADDR") or ""))
            return view(request, *args, **kwargs)
        except TutorEmotionError as error:
            return _fault(error)
        except DJANGOS:
            raise
        except Exception as error:  # noqa: BLE001 the edge: a page gets JSON whatever happens
            return unexpected(request, error)

    return wrapper


def _fault(error: TutorEmotionError) -> JsonResponse:
    fallback = 503 if isinstance(error, Unavailable) else 400
    body = {"code": error.code, "message": error.message, "hint": error.hint, "retry": error.retry}
    waits = {"Retry-After": str(error.wait_s)} if isinstance(error, TooFast) else {}
    return JsonResponse(body, status=_STATUS.get(error.code, fallback), headers=waits)


@described(Described("get", answers={200: Content}, faults={404: ("unknown_lesson",)}))
@require_GET
@gzip_page
@conditional_page
@cache_control(private=True, no_cache=True)
@coded
def content(request: HttpRequest, lesson: str) -> HttpResponse:  # noqa: ARG001 - Django's shape
    """The lesson's steps and their variants, without answers. Unchanged: 304."""
    return JsonResponse(lesson_content(_lesson(lesson)))


@described(
    Described(
        "post",
        body=AnswerBody,
        answers={200: AnswerReply},
        faults={
            400: ("bad_body",),
            404: ("unknown_lesson", "unknown_step", "unknown_variant"),
            409: ("attempt_reused", "step_changed"),
            413: ("body_too_large",),
        },
    )
)
@require_POST
@never_cache
@coded
def answer(request: HttpRequest, lesson: str) -> HttpResponse:
    """Mark one answer. Posted twice with the same ``attempt``, it counts once."""
    row, body = _lesson(lesson), _body(request, AnswerBody)
    given = services.AnswerGiven(
        body.attempt,
        body.step,
        body.variant,
        body.answer,
        took_s=body.took_s,
        hints=body.hints,
        revealed=body.revealed,
        version=body.version,
    )
    answered = services.mark_answer(_learner_id(request), row, given)
    marked = answered.marked
    here = place(_learner_id(request), row, Wish(body.pace, frozenset(body.skipped)))
    return JsonResponse(
        {
            "correct": marked.correct,
            "verdict": marked.verdict,
            "counted": marked.counted,
            "normalised": marked.normal,
            "expected_p": answered.expected_p,
            "feedback": feedback_html(marked, body.attempt, answered.item.answer_kind),
            "solved": here.solved,
            "next": here.next,
        }
    )


@described(
    Described(
        "get",
        query=NextQuery,
        answers={200: NextItem},
        faults={400: ("bad_body",), 404: ("unknown_lesson",)},
    )
)
@require_GET
@never_cache
@coded
def next_item(request: HttpRequest, lesson: str) -> HttpResponse:
    """The next item, where the learner leaves a step or the pace has changed."""
    row = _lesson(lesson)
    given = {**request.GET.dict(), "skipped": request.GET.getlist("skipped")}
    asked = _checked(lambda: NextQuery.model_validate(given))
    wish = Wish(asked.pace, frozenset(asked.skipped), asked.leave)
    return JsonResponse(place(_learner_id(request), row, wish).next)


@described(
    Described(
        "post",
        body=CarriedOutBody,
        answers={204: None},
        faults={
            400: ("bad_body",),
            404: ("unknown_adaptation", "unknown_lesson"),
            413: ("body_too_large",),
        },
    )
)
@require_POST
@never_cache
@coded
def carried_out(request: HttpRequest, lesson: str) -> HttpResponse:
    """The page has shown an Adaptation."""
    row, body = _lesson(lesson), _body(request, CarriedOutBody)
    services.record_carried_out(
        _learner_id(request), row, body.adaptation, kind=body.kind, step=body.step
    )
    return HttpResponse(status=204)


def _learner_id(request: HttpRequest) -> Any:
    return request.user.pk


def _lesson(slug: str) -> Lesson:
    lesson = Lesson.objects.filter(slug=slug).first()
    if lesson is None:
        raise BadInput("unknown_lesson", "There is no such lesson.")
    return lesson


def _body(request: HttpRequest, model: type[Body]) -> Body:
    if int(request.headers.get("Content-Length") or 0) > MAX_BODY_BYTES:
        raise BadInput("body_too_large", "The body is larger than 8 KiB.")
    try:
        return _checked(lambda: model.model_validate_json(request.body))
    except (RawPostDataException, RequestDataTooBig, UnreadablePostError, ValueError):
        # A form that Django has read already, more than it reads, or a browser that went away:
        # over ASGI its body is then closed while we read.
        raise BadInput("bad_body", "The body cannot be read as JSON.") from None


def _checked(read: Callable[[], Body]) -> Body:
    try:
        return read()
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        where = ".".join(str(part) for part in first["loc"]) or "body"
        raise BadInput("bad_body", f"{where}: {first['msg']}") from None
