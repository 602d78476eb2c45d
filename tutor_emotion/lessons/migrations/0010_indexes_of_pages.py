from django.db import migrations, models

from tutor_emotion.migrations._quietly import AddIndexQuietly


class Migration(migrations.Migration):

    atomic = False  # PostgreSQL makes no index beside others' writing in a transaction

    dependencies = [
        ('tutor_emotion_lessons', '0009_sealed_answers'),
    ]

    operations = [
        AddIndexQuietly(
            model_name='attempt',
            index=models.Index(fields=['created_at', 'id'], name='lessons_attempts_by_age'),
        ),
        AddIndexQuietly(
            model_name='lessonadaptation',
            index=models.Index(fields=['created_at', 'id'], name='lessons_adaptations_by_age'),
        ),
        AddIndexQuietly(
            model_name='mastery',
            index=models.Index(fields=['updated_at'], name='lessons_masteries_by_age'),
        ),
    ]
