"""Reports of the checks over the whole catalog; items found by name, and why an entry is no double
of another (A10)."""

import django.db.models.deletion
from django.db import migrations, models

from huitong.catalog.rules import ScanState, choices


def key() -> models.BigAutoField:
    return models.BigAutoField(
        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
    )


def kept(to: str, **more: object) -> models.ForeignKey:
    return models.ForeignKey(
        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=to, **more
    )


class Migration(migrations.Migration):
    dependencies = [("catalog", "0022_units")]
    operations = [
        migrations.AddField(
            "version", "difference", models.CharField(blank=True, default="", max_length=500),
            preserve_default=False,
        ),
        migrations.AddIndex("item", models.Index(fields=["name"], name="item_name")),
        migrations.CreateModel(
            name="CheckReport",
            fields=[
                ("id", key()),
                ("asked_by", models.BigIntegerField(null=True)),
                (
                    "state",
                    models.CharField(
                        choices=choices(ScanState), default=ScanState.QUEUED, max_length=12
                    ),
                ),
                ("asked_at", models.DateTimeField(auto_now_add=True)),
                ("ended_at", models.DateTimeField(null=True)),
                ("total", models.PositiveIntegerField(default=0)),
                ("done", models.PositiveIntegerField(default=0)),
                ("counts", models.JSONField(default=dict)),
                ("error", models.CharField(blank=True, max_length=300)),
                ("body", kept("organizations.body", null=True)),
            ],
            options={
                "ordering": ["-pk"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("state__in", ["queued", "running"])),
                        fields=("body",),
                        name="check_report_one_running",
                        nulls_distinct=False,
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="CheckFinding",
            fields=[
                ("id", key()),
                ("name", models.CharField(max_length=120)),
                ("published", models.BooleanField()),
                ("inside", models.BooleanField()),
                ("rule", models.CharField(max_length=40)),
                ("severity", models.CharField(max_length=12)),
                ("field", models.CharField(max_length=120)),
                ("sentence", models.CharField(max_length=600)),
                ("other", models.BigIntegerField(null=True)),
                ("body", kept("organizations.body")),
                ("entry", kept("catalog.entry")),
                (
                    "report",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="findings",
                        to="catalog.checkreport",
                    ),
                ),
            ],
            options={
                "ordering": ["pk"],
                "indexes": [
                    models.Index(fields=["report", "rule"], name="check_finding_rule"),
                    models.Index(fields=["report", "body"], name="check_finding_body"),
                ],
            },
        ),
    ]
