from django.db import migrations, models


class Migration(migrations.Migration):
    """Lists of grants by their end."""

    dependencies = [("access", "0011_personal_data")]

    operations = [
        migrations.AddIndex(
            model_name='grant',
            index=models.Index(fields=['valid_to'], name='grant_ends'),
        ),
    ]
