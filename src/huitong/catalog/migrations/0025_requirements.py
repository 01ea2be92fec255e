"""A rule of the checks stops submissions from a day on that a law or the city names (A5, A9)."""

import csv
from pathlib import Path
from typing import Any

from django.db import migrations, models

SHIPPED = Path(__file__).parent.parent / "data" / "requirements.csv"


def plant(apps: Any, editor: Any) -> None:
    rows = csv.DictReader(SHIPPED.read_text(encoding="utf-8").splitlines())
    required = apps.get_model("catalog", "Requirement").objects
    required.bulk_create(
        required.model(**row | {"until": row["until"] or None}, own=False) for row in rows
    )


class Migration(migrations.Migration):
    dependencies = [("catalog", "0024_entry_follows")]
    operations = [
        migrations.CreateModel(
            name="Requirement",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("rule", models.CharField(max_length=40)),
                ("in_force", models.DateField()),
                ("until", models.DateField(null=True)),
                ("document", models.CharField(max_length=200)),
                ("own", models.BooleanField(default=True)),
            ],
            options={"ordering": ["in_force", "pk"]},
        ),
        migrations.RunPython(plant, migrations.RunPython.noop),
    ]
