"""The register of data with the body that collects each for all: one at a time."""

import django.contrib.postgres.constraints
import django.contrib.postgres.fields
import django.contrib.postgres.fields.ranges
import django.contrib.postgres.indexes
import django.db.models.deletion
from django.db import migrations, models
from django.db.models import F, Func, Value


class Migration(migrations.Migration):
    dependencies = [("catalog", "0033_terms"), ("organizations", "0001_initial")]
    operations = [
        migrations.CreateModel(
            name="Datum",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=100, unique=True)),
                ("synonyms", models.CharField(blank=True, max_length=300)),
                ("code", models.CharField(blank=True, max_length=60)),
                (
                    "words",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=100), default=list
                    ),
                ),
            ],
            options={
                "ordering": ["name"],
                "indexes": [
                    django.contrib.postgres.indexes.GinIndex(fields=["words"], name="datum_words")
                ],
            },
        ),
        migrations.CreateModel(
            name="Lead",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("basis", models.CharField(max_length=300)),
                ("in_force", models.DateField()),
                ("until", models.DateField(null=True)),
                (
                    "body",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="organizations.body",
                    ),
                ),
                (
                    "datum",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="leads",
                        to="catalog.datum",
                    ),
                ),
            ],
            options={
                "ordering": ["-in_force", "-pk"],
                "constraints": [
                    django.contrib.postgres.constraints.ExclusionConstraint(
                        name="lead_one_at_a_time",
                        expressions=[
                            (
                                Func(F("datum"), F("datum"), Value("[]"), function="int8range"),
                                "&&",
                            ),
                            (
                                Func(
                                    F("in_force"),
                                    F("until"),
                                    Value("[]"),
                                    function="daterange",
                                    output_field=django.contrib.postgres.fields.ranges.DateRangeField(),
                                ),
                                "&&",
                            ),
                        ],
                    )
                ],
            },
        ),
    ]
