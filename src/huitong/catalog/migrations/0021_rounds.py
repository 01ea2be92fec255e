"""What a reviewer had before them when they returned an entry is kept, and never changed."""

import django.db.models.deletion
from django.db import migrations, models

TABLE = "catalog_round"
CLOSE = f"""
CREATE TRIGGER {TABLE}_insert_only BEFORE UPDATE OR DELETE ON {TABLE}
  FOR EACH ROW EXECUTE FUNCTION huitong_insert_only();
CREATE TRIGGER {TABLE}_no_truncate BEFORE TRUNCATE ON {TABLE}
  FOR EACH STATEMENT EXECUTE FUNCTION huitong_insert_only();
"""
OPEN = f"DROP TRIGGER {TABLE}_insert_only ON {TABLE}; DROP TRIGGER {TABLE}_no_truncate ON {TABLE};"


class Migration(migrations.Migration):
    dependencies = [("catalog", "0020_census"), ("kernel", "0002_ledger_and_limits")]
    operations = [
        migrations.CreateModel(
            name="Round",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.PositiveIntegerField()),
                ("content", models.JSONField()),
                ("at", models.DateTimeField(auto_now_add=True)),
                (
                    "version",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="rounds",
                        to="catalog.version",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("version", "number"), name="round_once")
                ]
            },
        ),
        migrations.RunSQL(CLOSE, OPEN),
    ]
