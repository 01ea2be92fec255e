"""Clocks stand by a column of their own; an extension has its unit; a duty is a party, a post and a body."""

from django.db import migrations, models

UNIT = models.CharField(blank=True, default="", max_length=8)
STANDING = models.BooleanField(default=False)
FILL = """
UPDATE kernel_clock SET extension_unit = unit WHERE extension IS NOT NULL;
UPDATE kernel_clock SET standing = true
WHERE stopped_on IS NULL AND jsonb_array_length(pauses) > 0 AND pauses -> -1 ->> 1 IS NULL;
"""


class Migration(migrations.Migration):
    dependencies = [("kernel", "0007_growth_data")]
    operations = [
        *(migrations.AddField(name, "extension_unit", UNIT, preserve_default=False) for name in ("clock", "watch")),
        *(migrations.AddField(name, "standing", STANDING) for name in ("clock", "watch")),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
        migrations.RemoveConstraint("clock", "clock_running_once"),
        migrations.AddConstraint("clock", models.UniqueConstraint(
            fields=["case", "name", "party", "post", "body"], condition=models.Q(stopped_on=None),
            nulls_distinct=False, name="clock_running_once")),
        migrations.RemoveConstraint("opinion", "opinion_once_a_round"),
        migrations.AddConstraint("opinion", models.UniqueConstraint(
            fields=["case", "round", "party", "post", "body"], name="opinion_once_a_round")),
    ]
