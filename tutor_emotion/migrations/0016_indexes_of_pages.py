from django.db import migrations, models

from tutor_emotion.migrations._quietly import AddIndexQuietly


class Migration(migrations.Migration):

    atomic = False  # PostgreSQL makes no index beside others' writing in a transaction

    dependencies = [
        ('tutor_emotion', '0015_written_once'),
    ]

    operations = [
        AddIndexQuietly(
            model_name='adaptationrecord',
            index=models.Index(fields=['-created_at', '-id'], name='newest_adaptations'),
        ),
        AddIndexQuietly(
            model_name='affectsignalrecord',
            index=models.Index(fields=['-created_at', '-id'], name='newest_signals'),
        ),
        AddIndexQuietly(
            model_name='consent',
            index=models.Index(fields=['-granted_at', '-id'], name='newest_consents'),
        ),
        AddIndexQuietly(
            model_name='consent',
            index=models.Index(condition=models.Q(('revoked_at__isnull', False)), fields=['revoked_at'], name='consents_taken_back'),
        ),
        AddIndexQuietly(
            model_name='delayeditem',
            index=models.Index(fields=['at'], name='delayed_items_by_age'),
        ),
        AddIndexQuietly(
            model_name='exposure',
            index=models.Index(fields=['at'], name='exposures_by_age'),
        ),
        AddIndexQuietly(
            model_name='ledgerentry',
            index=models.Index(fields=['course', '-number'], name='ledger_of_a_course'),
        ),
        AddIndexQuietly(
            model_name='look',
            index=models.Index(fields=['-last_at', '-id'], name='newest_looks'),
        ),
        AddIndexQuietly(
            model_name='session',
            index=models.Index(fields=['course', 'started_at'], name='sessions_of_a_course'),
        ),
        AddIndexQuietly(
            model_name='session',
            index=models.Index(fields=['learner', '-started_at'], name='sessions_of_a_learner'),
        ),
        AddIndexQuietly(
            model_name='session',
            index=models.Index(fields=['-started_at', '-id'], name='newest_sessions'),
        ),
    ]
