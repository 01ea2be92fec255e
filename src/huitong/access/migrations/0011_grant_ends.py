from django.db import migrations, models


class Migration(migrations.Migration):
    """Lists of grants by their end."""

    dependencies = [
        ('access', '0010_circumstances_renewals'),
        ('catalog', '0033_version_name'),
        ('kernel', '0014_case_due'),
        ('organizations', '0007_public_enterprises'),
        ('publishing', '0001_squashed_0004_looked_at'),
    ]

    operations = [
        migrations.AddIndex(
            model_name='grant',
            index=models.Index(fields=['valid_to'], name='grant_ends'),
        ),
    ]
