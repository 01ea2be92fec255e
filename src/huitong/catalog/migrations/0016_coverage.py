"""What a body leaves out of its catalog and why; its yearly signature, written once (A10)."""

import django.db.models.deletion
from django.db import migrations, models

TABLE = "catalog_coverageconfirmed"
INSERT_ONLY = (
    f"CREATE TRIGGER {TABLE}_insert_only BEFORE UPDATE OR DELETE ON {TABLE}"
    " FOR EACH ROW EXECUTE FUNCTION huitong_insert_only();"
    f"CREATE TRIGGER {TABLE}_no_truncate BEFORE TRUNCATE ON {TABLE}"
    " FOR EACH STATEMENT EXECUTE FUNCTION huitong_insert_only();"
)
OPEN = f"DROP TRIGGER {TABLE}_insert_only ON {TABLE}; DROP TRIGGER {TABLE}_no_truncate ON {TABLE};"


def key() -> models.BigAutoField:
    return models.BigAutoField(
        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
    )


def body() -> models.ForeignKey:
    return models.ForeignKey(
        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="organizations.body"
    )


class Migration(migrations.Migration):
    dependencies = [("catalog", "0015_changes")]
    operations = [
        migrations.CreateModel(
            name="LeftOut",
            fields=[
                ("id", key()),
                ("subject", models.CharField(max_length=12)),
                ("key", models.CharField(max_length=300)),
                ("label", models.CharField(max_length=300)),
                ("reason", models.CharField(max_length=40)),
                ("words", models.CharField(blank=True, max_length=300)),
                ("by", models.CharField(max_length=60)),
                ("at", models.DateTimeField(auto_now=True)),
                ("body", body()),
                (
                    "entry",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="catalog.entry",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("body", "subject", "key"), name="left_out_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="CoverageConfirmed",
            fields=[
                ("id", key()),
                ("counts", models.JSONField()),
                ("lines", models.CharField(max_length=64)),
                ("by", models.CharField(max_length=60)),
                ("at", models.DateTimeField(auto_now_add=True)),
                ("body", body()),
            ],
            options={
                "ordering": ["-pk"],
                "indexes": [models.Index(fields=["body", "-at"], name="coverage_confirmed")],
            },
        ),
        migrations.RunSQL(INSERT_ONLY, OPEN),
    ]
