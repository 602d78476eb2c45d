from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('tutor_emotion_lessons', '0006_move_skills'),
    ]

    operations = [
        migrations.RemoveField(
            model_name='lesson',
            name='skills',
        ),
        migrations.AddConstraint(
            model_name='variant',
            constraint=models.UniqueConstraint(fields=('of_skill',), name='lessons_one_item_a_skill'),
        ),
        migrations.AddConstraint(
            model_name='variant',
            constraint=models.CheckConstraint(condition=models.Q(('of_skill', None), ('step', None), _connector='XOR'), name='lessons_of_a_step_or_a_skill'),
        ),
    ]
