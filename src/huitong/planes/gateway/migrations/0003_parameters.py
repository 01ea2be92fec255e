"""Calls keep what they said for themselves; the digest of a header no API ever took goes with it."""

import django.contrib.postgres.indexes
from django.db import migrations, models

KEPT = """
UPDATE gateway_call SET parameters = jsonb_build_array(jsonb_build_object('name', 'x-matter-code', 'digest', matter)) WHERE matter <> ''
"""


class Migration(migrations.Migration):
    dependencies = [("gateway", "0002_log_identity")]
    operations = [
        migrations.AddField("call", "parameters", models.JSONField(default=list)),
        migrations.RunSQL(KEPT, migrations.RunSQL.noop),
        migrations.RemoveField("call", "matter"),
        migrations.AddIndex("call", django.contrib.postgres.indexes.GinIndex(fields=["parameters"], name="call_parameters",
                                                                             opclasses=["jsonb_path_ops"])),
    ]
