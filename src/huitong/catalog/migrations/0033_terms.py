"""Sharing conditions one by one with what they rest on, and those the bureau struck."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("catalog", "0032_protection_levels")]
    operations = [
        migrations.AddField("version", "sharing_terms", models.JSONField(blank=True, default=list)),
        migrations.AddField("entry", "struck", models.JSONField(blank=True, default=list)),
    ]
