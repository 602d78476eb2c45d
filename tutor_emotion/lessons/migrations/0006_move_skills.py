"""The names of skills leave the lessons' JSON; of the equal items of a skill's steps one stays."""

from django.db import migrations


def move(apps, schema_editor):
    alias = schema_editor.connection.alias

    def rows(name):
        return apps.get_model('tutor_emotion_lessons', name).objects.using(alias)

    for lesson in rows('Lesson').all():
        key = lesson.course_key
        defaults = {'title': key.replace('-', ' ').capitalize(), 'language': lesson.language}
        rows('LessonCourse').get_or_create(key=key, defaults=defaults)
        for skill_key, name in lesson.skills.items():
            skill, _ = rows('Skill').get_or_create(
                course_key=key, key=skill_key, defaults={'name': name}
            )
            _gather(rows, lesson, skill)


def _gather(rows, lesson, skill):
    items = list(
        rows('Variant')
        .filter(kind='prerequisite_item', step__lesson=lesson, step__skill=skill.key)
        .order_by('step__order')
    )
    kept = rows('Variant').filter(of_skill=skill).first() or (items[0] if items else None)
    if kept is None:
        return
    rows('Variant').filter(pk=kept.pk).update(step=None, of_skill=skill)
    rows('Attempt').filter(variant__in=items).update(variant=kept)
    others = [item.pk for item in items if item.pk != kept.pk]
    rows('Variant').filter(pk__in=others).delete()


class Migration(migrations.Migration):

    dependencies = [
        ('tutor_emotion_lessons', '0005_courses_and_items_of_skills'),
    ]

    operations = [
        # Backwards the names would be lost, so it is not offered.
        migrations.RunPython(move),
    ]
