"""A grant carries the special circumstance in which it does not count as unused (A26)."""

from django.contrib.postgres.fields import ArrayField
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("access", "0008_one_register")]
    operations = [
        *(
            migrations.AddField(
                "grant",
                name,
                models.CharField(blank=True, default="", max_length=size),
                preserve_default=False,
            )
            for name, size in (("circumstance", 40), ("circumstance_words", 200))
        ),
        migrations.AddField(
            "grant",
            "months",
            ArrayField(
                models.PositiveSmallIntegerField(), blank=True, default=list, size=None
            ),
        ),
    ]
