from django.db import migrations, models


class Migration(migrations.Migration):
    """Who sees the cases of a kind, the latest first, told by the index alone."""

    dependencies = [
        ('kernel', '0014_case_due'),
    ]

    operations = [
        migrations.AddIndex(
            model_name='case',
            index=models.Index(condition=models.Q(('kind__in', ['application', 'grant'])), fields=['kind', 'id'], include=('state', 'inside', 'overseen', 'bodies'), name='case_seen'),
        ),
    ]
