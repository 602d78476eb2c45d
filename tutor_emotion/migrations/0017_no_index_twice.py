import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    # Indexes with which another one begins; the ledger's second one was for text that begins alike.

    dependencies = [
        ('tutor_emotion', '0016_indexes_of_pages'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterField(
            model_name='adaptationrecord',
            name='session',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='adaptations', to='tutor_emotion.session'),
        ),
        migrations.AlterField(
            model_name='delayeditem',
            name='course',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='delayed_items', to='tutor_emotion.course'),
        ),
        migrations.AlterField(
            model_name='eventrecord',
            name='session',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='events', to='tutor_emotion.session'),
        ),
        migrations.AlterField(
            model_name='exposure',
            name='experiment',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='exposures', to='tutor_emotion.experiment'),
        ),
        migrations.AlterField(
            model_name='labelledmoment',
            name='course',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='moments', to='tutor_emotion.course'),
        ),
        migrations.AlterField(
            model_name='ledgerentry',
            name='hash',
            field=models.CharField(max_length=64, verbose_name='hash'),
        ),
        migrations.AlterField(
            model_name='look',
            name='by',
            field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='who looked'),
        ),
        migrations.AlterField(
            model_name='look',
            name='learner',
            field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='tutor_emotion_looks', to=settings.AUTH_USER_MODEL, verbose_name='learner'),
        ),
        migrations.AlterField(
            model_name='session',
            name='course',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='sessions', to='tutor_emotion.course'),
        ),
        migrations.AlterField(
            model_name='session',
            name='learner',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='tutor_emotion_sessions', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddConstraint(
            model_name='ledgerentry',
            constraint=models.UniqueConstraint(fields=('hash',), name='one_hash_an_entry'),
        ),
    ]
