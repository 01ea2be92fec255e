"""Grounds of decisions as dated rows, loaded from the table that is shipped."""

import csv
from pathlib import Path

import django.contrib.postgres.fields
from django.db import migrations, models

DATA = Path(__file__).parent.parent / "data"


def load(apps, schema_editor):
    ground = apps.get_model("kernel", "DecisionGround")
    rows = csv.DictReader((DATA / "grounds.csv").read_text(encoding="utf-8").splitlines())
    ground.objects.bulk_create([ground(**row | {"verbs": row["verbs"].split(), "until": row["until"] or None}) for row in rows])


class Migration(migrations.Migration):
    dependencies = [("kernel", "0004_own_number")]
    operations = [
        migrations.CreateModel(
            name="DecisionGround",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("law", models.CharField(max_length=40)),
                ("code", models.CharField(max_length=40)),
                ("label", models.CharField(max_length=60)),
                ("article", models.CharField(blank=True, max_length=8)),
                ("verbs", django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=60), size=None)),
                ("names", models.CharField(blank=True, choices=[("", "不需要"), ("field", "所涉栏目或信息项"), ("article", "所依据的条款")],
                                           max_length=8)),
                ("in_force", models.DateField()),
                ("until", models.DateField(blank=True, null=True)),
                ("note", models.CharField(blank=True, max_length=300)),
            ],
            options={"constraints": [models.UniqueConstraint(fields=("law", "code", "in_force"), name="ground_once_a_day")]},
        ),
        migrations.RunPython(load, migrations.RunPython.noop),
    ]
