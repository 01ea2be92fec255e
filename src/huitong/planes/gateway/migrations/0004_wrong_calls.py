"""Calls that went wrong are counted on home pages: off an index of their own, however many calls
there are."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("gateway", "0003_parameters")]
    operations = [
        migrations.AddIndex(
            "call",
            models.Index(
                fields=["-at"],
                condition=models.Q(ended=True)
                & ~models.Q(verdict__in=["allowed", "unknown"]),
                name="call_wrong",
            ),
        )
    ]
