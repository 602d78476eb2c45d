import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    # Indexes with which another one begins; the ledger's second one was for text that begins alike.

    dependencies = [
        ('tutor_emotion_lessons', '0010_indexes_of_pages'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterField(
            model_name='attempt',
            name='learner',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='lesson_attempts', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AlterField(
            model_name='lessonadaptation',
            name='step',
            field=models.SlugField(blank=True, db_index=False, max_length=60),
        ),
        migrations.AlterField(
            model_name='mastery',
            name='learner',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='lesson_masteries', to=settings.AUTH_USER_MODEL),
        ),
    ]
