from django.db import migrations, models


class Migration(migrations.Migration):
    """Since when the cases of a kind stand where they stand, told by the index alone."""

    dependencies = [
        ('kernel', '0016_entry_case'),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name='case',
            name='case_seen',
        ),
        migrations.AddIndex(
            model_name='case',
            index=models.Index(condition=models.Q(('kind__in', ['application', 'grant'])), fields=['kind', 'id'], include=('state', 'inside', 'overseen', 'bodies', 'entered_at'), name='case_seen'),
        ),
    ]
