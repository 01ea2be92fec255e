"""A demand may be written to several bodies, each with a part of it; one that nobody met may be
raised again."""

from django.contrib.postgres.fields import ArrayField
from django.db import migrations, models
from django.db.models.deletion import PROTECT

#: checks that wait for the end of the transaction would keep the table from being altered in it
COPY = """
SET CONSTRAINTS ALL IMMEDIATE;
UPDATE demands_demand SET addressed = ARRAY[addressed_before_id]
WHERE addressed_before_id IS NOT NULL
"""


def to_itself(related_name: str) -> models.ForeignKey:
    return models.ForeignKey(
        "demands.demand", null=True, blank=True, on_delete=PROTECT, related_name=related_name
    )


class Migration(migrations.Migration):
    dependencies = [("demands", "0001_initial")]
    operations = [
        migrations.RenameField("demand", "addressed", "addressed_before"),
        migrations.AddField(
            "demand", "addressed", ArrayField(models.BigIntegerField(), default=list, blank=True)
        ),
        migrations.RunSQL(COPY, migrations.RunSQL.noop),
        migrations.RemoveField("demand", "addressed_before"),
        migrations.AddField("demand", "whole", to_itself("parts")),
        migrations.AddField("demand", "again", to_itself("successors")),
    ]
