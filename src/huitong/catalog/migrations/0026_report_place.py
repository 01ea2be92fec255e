"""A report of the checks goes on where it was."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("catalog", "0025_requirements")]
    operations = [
        migrations.AddField("checkreport", "place", models.BigIntegerField(default=0)),
    ]
