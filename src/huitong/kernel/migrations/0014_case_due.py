from django.db import migrations, models


class Migration(migrations.Migration):
    """The two parts of a list by the end of the limit: cases that have one, and those that have none."""

    dependencies = [
        ('kernel', '0013_adopted_law'),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name='case',
            name='case_open_due',
        ),
        migrations.AddIndex(
            model_name='case',
            index=models.Index(condition=models.Q(('due_on__isnull', False)), fields=['due_on'], name='case_due'),
        ),
        migrations.AddIndex(
            model_name='case',
            index=models.Index(condition=models.Q(('due_on__isnull', True)), fields=['-entered_at', '-id'], name='case_undue_entered'),
        ),
    ]
