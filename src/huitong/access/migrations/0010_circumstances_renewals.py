"""A form states its special circumstance, an application the grant it asks for again, and a grant
the day its renewal was offered (A26)."""

import django.db.models.deletion
from django.contrib.postgres.fields import ArrayField
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("access", "0009_circumstances")]
    operations = [
        *(
            migrations.AddField(
                "form",
                name,
                models.CharField(blank=True, default="", max_length=size),
                preserve_default=False,
            )
            for name, size in (("circumstance", 40), ("circumstance_words", 200))
        ),
        migrations.AddField(
            "form",
            "months",
            ArrayField(models.PositiveSmallIntegerField(), blank=True, default=list, size=None),
        ),
        migrations.AddField("grant", "renewal_offered_on", models.DateField(null=True)),
        migrations.AddField(
            "application",
            "renews",
            models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="renewals",
                to="access.grant",
            ),
        ),
    ]
