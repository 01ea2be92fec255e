"""An information system is taken out of use, and stays on record."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("catalog", "0030_systems")]
    operations = [
        migrations.AddField("informationsystem", "retired_on", models.DateField(null=True)),
    ]
