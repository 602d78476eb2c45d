"""A large site in PostgreSQL, written by the database itself: a million signals within seconds.

Ten schools of six hundred learners, twenty courses, a school term and a year of sessions. Rows have
the sizes of real ones. What is sealed cannot be opened (its bytes are made up), which costs a page
the same work, and shows it as erased.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection

LEARNERS, TEACHERS, SCHOOLS, COURSES, CLASSES = 6_000, 200, 10, 20, 200
SESSIONS = 200_000
SIGNALS, ADAPTATIONS, EVENTS = 1_000_000, 600_000, 500_000
DAYS = 400  # of sessions
BIG = (
    *("session", "eventrecord", "affectsignalrecord", "adaptationrecord", "consent", "look"),
    *("ledgerentry", "labelledmoment", "exposure", "delayeditem", "historicalenrolment"),
    *("lessons_attempt", "lessons_mastery", "lessons_lessonadaptation"),
)
"""Tables (without their prefix) that no page may read from end to end."""
_T = "tutor_emotion_"
_SEALED = "decode(repeat(md5({n}::text), {times}), 'hex')"

# Users have ids from 1 on: learners first, teachers after them, one owner last. Each learner takes
# two courses; the class of a course and thirty learners is one.
_FILL = f"""
INSERT INTO auth_user (id, password, is_superuser, username, first_name, last_name, email, is_staff,
                       is_active, date_joined)
SELECT n, '!', n > {LEARNERS + TEACHERS}, 'user' || n, 'Name' || n, 'Learner', '',
       n > {LEARNERS}, true, now() FROM generate_series(1, {LEARNERS + TEACHERS + 1}) n;
INSERT INTO {_T}school (id, name, contact) SELECT n, 'School ' || n, ''
FROM generate_series(1, {SCHOOLS}) n;
INSERT INTO {_T}course (id, key, title) SELECT n, 'course-' || n, 'Course ' || n
FROM generate_series(1, {COURSES}) n;
INSERT INTO {_T}schoolclass (id, course_id, school_id, name)
SELECT n, 1 + n % {COURSES}, 1 + n % {SCHOOLS}, 'Class ' || n FROM generate_series(1, {CLASSES}) n;
INSERT INTO {_T}classrole (school_class_id, user_id, role)
SELECT n, {LEARNERS} + n, 'teacher' FROM generate_series(1, {CLASSES}) n;
INSERT INTO {_T}enrolment (school_class_id, learner_id)
SELECT 1 + (n - 1) % {CLASSES}, n FROM generate_series(1, {LEARNERS}) n
UNION SELECT 1 + (n + 6) % {CLASSES}, n FROM generate_series(1, {LEARNERS}) n;
INSERT INTO {_T}historicalenrolment
    (id, history_date, history_type, learner_id, school_class_id, history_user_id)
SELECT id, now() - interval '400 days', '+', learner_id, school_class_id, NULL FROM {_T}enrolment;
INSERT INTO {_T}learnerrecord (learner_id, pseudonym, age_band, "group")
SELECT n, md5(n::text)::uuid, 'adult', (ARRAY['north', 'south', ''])[1 + n % 3]
FROM generate_series(1, {LEARNERS}) n;
INSERT INTO {_T}experiment (id, course_id, name, unit, arms, salt, started_at)
SELECT n, n, 'Two policies', 'learner',
  '[{{"name": "answers", "pacing": "performance"}}, {{"name": "signals", "pacing": "affect"}}]',
  md5(n::text)::uuid, now() - interval '400 days' FROM generate_series(1, {COURSES}) n;
INSERT INTO {_T}session (id, learner_id, course_id, lesson, started_at, ended_at, sockets,
                         estimates, windows)
SELECT md5('s' || n)::uuid, 1 + n % {LEARNERS}, 1 + (1 + n % {LEARNERS}) % {COURSES},
       'lesson-' || (n / {LEARNERS}) % 12, began, began + interval '40 minutes', 1, 2400,
       '{{"face:ok": 1500, "voice:ok": 300, "belief:known": 2000, "belief:unknown": 400}}'
FROM (SELECT n, now() - interval '{DAYS} days' * (1 - n::float / {SESSIONS}) - interval '1 hour'
             AS began FROM generate_series(1, {SESSIONS}) n) s;
INSERT INTO {_T}affectsignalrecord (session_id, edge, at_s, skill, created_at, sealed)
SELECT md5('s' || k)::uuid, CASE WHEN n % 2 = 0 THEN 'raised' ELSE 'cleared' END,
       60 + 300 * (n % 7), 'skill-' || n % 30,
       now() - interval '{DAYS} days' * (1 - k::float / {SESSIONS}) - interval '1 hour'
           + interval '1 second' * (60 + 300 * (n % 7)), {_SEALED.format(n="n", times=26)}
FROM (SELECT n, 1 + n * {SESSIONS}::bigint / ({SIGNALS} + 1) AS k
      FROM generate_series(1, {SIGNALS}) n) s;
INSERT INTO {_T}adaptationrecord (session_id, number, kind, mode, step, skill, at_s, outcome,
                                  helped, choice, created_at, sealed)
SELECT md5('s' || k)::uuid, n, 'hint', CASE WHEN n % 3 = 0 THEN 'quiet' ELSE 'offer' END,
       'step-' || n % 40, 'skill-' || n % 30, 60 + 300 * (n % 7),
       (ARRAY['taken', 'dismissed', 'ignored'])[1 + n % 3], n % 2 = 0, '',
       now() - interval '{DAYS} days' * (1 - k::float / {SESSIONS}) - interval '1 hour'
           + interval '1 second' * (60 + 300 * (n % 7)), {_SEALED.format(n="n", times=22)}
FROM (SELECT n, 1 + n * {SESSIONS}::bigint / ({ADAPTATIONS} + 1) AS k
      FROM generate_series(1, {ADAPTATIONS}) n) s;
INSERT INTO {_T}eventrecord (session_id, kind, at_s, step, skill, correct, took_s, created_at,
                             sealed)
SELECT md5('s' || k)::uuid,
       (ARRAY['Answer', 'Answer', 'StepShown', 'Activity', 'HintRequest'])[1 + n % 5],
       n % 2400, 'step-' || n % 40, 'skill-' || n % 30, n % 2 = 0, 20.0,
       now() - interval '{DAYS} days' * (1 - k::float / {SESSIONS}) - interval '1 hour',
       {_SEALED.format(n="n", times=7)}
FROM (SELECT n, {SESSIONS} - n / 100 AS k FROM generate_series(1, {EVENTS}) n) s;
INSERT INTO {_T}consent (learner_id, course_id, modality, "by", text_version, granted_at,
                         revoked_at)
SELECT 1 + n % {LEARNERS}, 1 + (1 + n % {LEARNERS}) % {COURSES},
       (ARRAY['face', 'voice', 'text', 'interaction', 'self_report'])[1 + (n / {LEARNERS}) % 5],
       'learner', 'v1', now() - interval '1 minute' * n,
       CASE WHEN n < {LEARNERS} * 5 THEN NULL ELSE now() - interval '1 minute' * (n - 30) END
FROM generate_series(0, 59999) n;
INSERT INTO {_T}ledgerentry (number, at, subject, course, what, given, text_version, words, "by",
                             reason, sealed, previous, hash)
SELECT n, now() - interval '1 minute' * (100000 - n), md5((1 + n % {LEARNERS})::text)::uuid,
       'course-' || 1 + n % {COURSES}, (ARRAY['face', 'voice', 'text'])[1 + n % 3], n % 4 > 0, 'v1',
       'adult', 'learner', '', '', md5((n - 1)::text) || md5('h'), md5(n::text) || md5('h')
FROM generate_series(1, 100000) n;
INSERT INTO {_T}look (by_id, role, page, learner_id, course_id, first_at, last_at, count)
SELECT {LEARNERS} + 1 + n % {TEACHERS}, 'teacher', 'timeline', 1 + n % {LEARNERS},
       1 + (1 + n % {LEARNERS}) % {COURSES}, now() - interval '2 minutes' * n,
       now() - interval '2 minutes' * n, 1 FROM generate_series(1, 200000) n;
INSERT INTO {_T}labelledmoment (learner_id, course_id, session_id, at, source, sealed)
SELECT 1 + k % {LEARNERS}, 1 + (1 + k % {LEARNERS}) % {COURSES}, md5('s' || k)::uuid,
       now() - interval '2 minutes' * (100000 - n), 'self_report', {_SEALED.format(n="n", times=20)}
FROM (SELECT n, {SESSIONS} - 100000 + n AS k FROM generate_series(1, 100000) n) s;
INSERT INTO {_T}exposure (experiment_id, learner_id, session_id, unit_key, arm, at)
SELECT 1 + (1 + k % {LEARNERS}) % {COURSES}, 1 + k % {LEARNERS}, md5('s' || k)::uuid,
       'learner:' || (1 + k % {LEARNERS}), CASE WHEN k % 2 = 0 THEN 'answers' ELSE 'signals' END,
       now() - interval '2 minutes' * (100000 - n)
FROM (SELECT n, {SESSIONS} - 100000 + n AS k FROM generate_series(1, 100000) n) s;
INSERT INTO {_T}delayeditem (learner_id, course_id, skill, item, correct, delay_s, at)
SELECT 1 + n % {LEARNERS}, 1 + (1 + n % {LEARNERS}) % {COURSES}, 'skill-' || n % 30, 'item',
       n % 2 = 0, 90000, now() - interval '2 minutes' * (100000 - n)
FROM generate_series(1, 100000) n;
INSERT INTO {_T}lessons_lesson (id, slug, course_key, title, summary, language, "order",
                                introduction)
SELECT n, 'lesson-' || n, 'course-' || 1 + n % {COURSES}, 'Lesson ' || n, '', 'en', n, ''
FROM generate_series(1, 240) n;
INSERT INTO {_T}lessons_skill (id, course_key, key, name, prerequisites, parameters)
SELECT n, 'course-' || 1 + n % {COURSES}, 'skill-' || n, 'Skill ' || n, '[]', '{{}}'
FROM generate_series(1, 600) n;
INSERT INTO {_T}lessons_step (id, lesson_id, "order", slug, title, skill, strategy, prompt,
  difficulty, answer_kind, answer, accept, tolerance, form, variables, choices, mistakes)
SELECT n, 1 + n % 240, n / 240, 'step-' || n, 'Step ' || n, 'skill-' || 1 + n % 600, '', '?', 0.5,
       'number', '1', '[]', '', 'any', '[]', '[]', '[]' FROM generate_series(1, 2400) n;
INSERT INTO {_T}lessons_attempt (learner_id, client_id, step_id, correct, verdict, took_s, hints,
                                 revealed, created_at, sealed)
SELECT 1 + n % {LEARNERS}, md5('a' || n)::uuid, 1 + (n / {LEARNERS}) % 2400, n % 2 = 0,
       CASE WHEN n % 2 = 0 THEN 'right' ELSE 'wrong' END, 20, 0, false,
       now() - interval '1 minute' * (200000 - n), {_SEALED.format(n="n", times=3)}
FROM generate_series(1, 200000) n;
INSERT INTO {_T}lessons_mastery (learner_id, skill_id, p_known, answers, "right", run, card,
                                 updated_at)
SELECT 1 + n % {LEARNERS}, 1 + n / {LEARNERS}, 0.5, 4, 2, 1, '{{}}',
       now() - interval '1 minute' * n FROM generate_series(0, 119999) n;
INSERT INTO {_T}lessons_lessonadaptation (learner_id, lesson_id, session, number, kind, mode,
                                          carried_out_as, step, recovered, created_at)
SELECT 1 + n % {LEARNERS}, 1 + n % 240, md5('s' || n)::uuid, n, 'hint', 'offer', '',
       'step-' || n % 40, false, now() - interval '1 minute' * (200000 - n)
FROM generate_series(1, 200000) n;
"""


def fill() -> float:
    """Fill the database of the default connection, which has our tables and no rows; seconds."""
    began = time.perf_counter()
    _hurry()
    with connection.cursor() as cursor, _without_indexes(cursor):
        cursor.execute("SET LOCAL synchronous_commit = off")
        cursor.execute("SET LOCAL session_replication_role = replica")  # no trigger of a key
        cursor.execute(_FILL)
        _advance_sequences(cursor)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    return time.perf_counter() - began


def _hurry() -> None:
    """The server is the tests' own: nothing of it has to outlive a failure of power.

    Its disk does not turn, and it is told so, as docs/database.md asks of everybody.
    """
    with connection.cursor() as cursor:
        for setting in (
            "fsync = off",
            "full_page_writes = off",
            "max_wal_size = '4GB'",
            "random_page_cost = 1.1",
        ):
            cursor.execute(f"ALTER SYSTEM SET {setting}")
        cursor.execute("SELECT pg_reload_conf()")


@contextmanager
def _without_indexes(cursor: Any) -> Iterator[None]:
    """Indexes of the big tables are made after the rows, in one transaction with them."""
    cursor.execute("BEGIN")
    cursor.execute("SET LOCAL maintenance_work_mem = '256MB'")
    cursor.execute(
        "SELECT indexname, indexdef FROM pg_indexes i WHERE tablename = ANY(%s) AND NOT EXISTS"
        " (SELECT FROM pg_constraint c WHERE c.conindid = indexname::regclass)",
        [[f"{_T}{name}" for name in BIG]],
    )
    found = cursor.fetchall()
    for name, _ in found:
        cursor.execute(f'DROP INDEX "{name}"')
    yield
    for _, definition in found:
        cursor.execute(definition)
    cursor.execute("COMMIT")


def _advance_sequences(cursor: Any) -> None:
    """Rows were given their keys above; the next one that Django makes gets the key after."""
    cursor.execute(
        "SELECT table_name FROM information_schema.columns WHERE column_name = 'id'"
        " AND is_identity = 'YES' AND table_schema = 'public'"
    )
    for (table,) in cursor.fetchall():
        cursor.execute(
            f"SELECT setval(pg_get_serial_sequence('{table}', 'id'),"
            f' (SELECT coalesce(max(id), 0) + 1 FROM "{table}"), false)'
        )
