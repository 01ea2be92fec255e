"""Kinds of legal grounds are dated rows the bureau extends (A8)."""

from typing import Any

from django.db import migrations, models

from huitong.kernel import shipped


def plant(apps: Any, editor: Any) -> None:
    kinds = apps.get_model("catalog", "GroundKind").objects
    kinds.bulk_create(
        kinds.model(**row | {"until": row["until"] or None}) for row in shipped.rows("catalog", "ground_kinds")
    )


class Migration(migrations.Migration):
    dependencies = [("catalog", "0013_categories")]
    operations = [
        migrations.CreateModel(
            name="GroundKind",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("code", models.CharField(max_length=20, unique=True)),
                ("label", models.CharField(max_length=40, unique=True)),
                ("in_force", models.DateField()),
                ("until", models.DateField(null=True)),
                ("note", models.CharField(blank=True, max_length=200)),
            ],
            options={"ordering": ["in_force", "pk"]},
        ),
        migrations.AlterField("legalground", "kind", models.CharField(max_length=20)),
        migrations.RunPython(plant, migrations.RunPython.noop),
    ]
