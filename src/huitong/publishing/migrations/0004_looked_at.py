"""A mount says which version of its entry it was read or made ready for.

Until now an entry had one published version at most, so that is the one. A file that waits for its
manager was taken only if it was declared processed or nothing is hidden: either way it stands for
that version.
"""

from django.db import migrations, models

FILL = """
UPDATE publishing_mount AS mount SET looked_at = version.number
  FROM catalog_version AS version JOIN catalog_entry AS entry ON entry.current_id = version.id
 WHERE entry.id = mount.entry_id;
UPDATE publishing_mount SET proposed = proposed || jsonb_build_object(
         'processed', true, 'looked_at', looked_at, 'file_name', file.name)
  FROM work_attachment AS file
 WHERE file.id = (proposed->>'file')::bigint;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("publishing", "0003_no_entry_version"),
        ("catalog", "0008_versions"),
        ("work", "0001_initial"),
    ]
    operations = [
        migrations.AddField(
            "mount", "looked_at", models.PositiveIntegerField(default=0), preserve_default=False
        ),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
    ]
