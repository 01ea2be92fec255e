"""Indexes of the home page: acts by day, and what somebody has begun that waits for others."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("kernel", "0008_desks")]
    operations = [
        migrations.AddIndex(
            "entry", models.Index(fields=["at"], include=["person"], name="entry_at")
        ),
        migrations.AddIndex(
            "case",
            models.Index(
                fields=["opened_by", "entered_at"],
                condition=models.Q(closed_at=None) & ~models.Q(awaiting=[]),
                name="case_begun_waiting",
            ),
        ),
    ]
