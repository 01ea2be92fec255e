"""Data standards and code lists of their own, filed with the bureau; items cite them (A9)."""

from datetime import datetime
from itertools import groupby
from typing import Any
from zoneinfo import ZoneInfo

import django.db.models.deletion
from django.db import migrations, models

from huitong.catalog.rules import StandardKind, choices
from huitong.kernel import shipped
from huitong.catalog.rules.standards import measures_of, title_of

#: a version that was filed is never changed: what cites it means what it meant
FILED = "".join(
    f"""
CREATE TRIGGER {table}_insert_only BEFORE UPDATE OR DELETE ON {table}
  FOR EACH ROW EXECUTE FUNCTION huitong_insert_only();
"""
    for table in ("catalog_codelistversion", "catalog_code")
)


def key() -> tuple[str, models.Field]:
    return (
        "id",
        models.BigAutoField(
            auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
        ),
    )


def filed() -> list[tuple[str, models.Field]]:
    return [
        ("filed_at", models.DateTimeField()),
        ("filed_by", models.CharField(blank=True, max_length=60)),
        ("until", models.DateField(blank=True, null=True)),
        (
            "body",
            models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="organizations.body",
            ),
        ),
    ]


def belongs(to: str, name: str, **more: Any) -> models.ForeignKey:
    return models.ForeignKey(
        on_delete=django.db.models.deletion.PROTECT, related_name=name, to=to, **more
    )


def plant(apps: Any, editor: Any) -> None:
    """The national ones a new city begins with."""
    standards, lists, versions, codes = (
        apps.get_model("catalog", name).objects
        for name in ("Standard", "CodeList", "CodeListVersion", "Code")
    )
    now = datetime.now(ZoneInfo("Asia/Shanghai"))
    of_number = {
        row["number"]: standards.create(**row, filed_at=now) for row in shipped.rows("catalog", "standards")
    }
    for (name, number), rows in groupby(
        shipped.rows("catalog", "code_lists"), lambda row: (row["list"], row["standard"])
    ):
        standard, values = of_number[number], list(rows)
        version = versions.create(
            code_list=lists.create(name=name, standard=standard, filed_at=now),
            number=1,
            title=title_of(name, number, 1),
            in_force=standard.in_force,
            filed_at=now,
            **measures_of(row["code"] for row in values),
        )
        codes.bulk_create(
            codes.model(version=version, position=n, code=row["code"], label=row["label"])
            for n, row in enumerate(values, 1)
        )


class Migration(migrations.Migration):
    dependencies = [
        ("catalog", "0018_drift"),
        ("kernel", "0002_ledger_and_limits"),
        ("organizations", "0001_initial"),
    ]
    operations = [
        migrations.CreateModel(
            name="Standard",
            fields=[
                key(),
                *filed(),
                ("number", models.CharField(max_length=60, unique=True)),
                ("name", models.CharField(max_length=120)),
                ("kind", models.CharField(choices=choices(StandardKind), max_length=12)),
                ("issuer", models.CharField(blank=True, max_length=120)),
                ("in_force", models.DateField()),
            ],
            options={"ordering": ["number"]},
        ),
        migrations.CreateModel(
            name="CodeList",
            fields=[
                key(),
                *filed(),
                ("name", models.CharField(max_length=80)),
                (
                    "standard",
                    belongs("catalog.standard", "code_lists", blank=True, null=True),
                ),
            ],
            options={
                "ordering": ["name"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("body", "name"), name="code_list_once", nulls_distinct=False
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="CodeListVersion",
            fields=[
                key(),
                ("number", models.PositiveIntegerField()),
                ("title", models.CharField(max_length=160, unique=True)),
                ("in_force", models.DateField()),
                ("size", models.PositiveIntegerField()),
                ("longest", models.PositiveIntegerField()),
                ("numeric", models.BooleanField()),
                ("filed_at", models.DateTimeField()),
                ("filed_by", models.CharField(blank=True, max_length=60)),
                ("code_list", belongs("catalog.codelist", "versions")),
            ],
            options={
                "ordering": ["-number"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("code_list", "number"), name="code_list_version_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Code",
            fields=[
                key(),
                ("position", models.PositiveIntegerField()),
                ("code", models.CharField(max_length=60)),
                ("label", models.CharField(max_length=200)),
                ("version", belongs("catalog.codelistversion", "codes")),
            ],
            options={
                "ordering": ["position"],
                "constraints": [
                    models.UniqueConstraint(fields=("version", "code"), name="code_once")
                ],
            },
        ),
        migrations.AddField(
            "item",
            "code_list",
            belongs("catalog.codelistversion", "+", null=True, to_field="title"),
        ),
        migrations.AddField(
            "item", "standard", belongs("catalog.standard", "+", null=True, to_field="number")
        ),
        migrations.RunSQL(FILED, migrations.RunSQL.noop),
        migrations.RunPython(plant, migrations.RunPython.noop),
    ]
