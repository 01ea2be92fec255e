"""Demands and what bodies answered them."""

from django.contrib.postgres.fields import ArrayField
from django.db import migrations, models
from django.db.models.deletion import PROTECT

from huitong.kernel.migrating import CreateModels, key


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("catalog", "0025_requirements"),
        ("kernel", "0011_open_bodies"),
        ("organizations", "0006_grants_of_heirs"),
        ("work", "0012_notices_of_documents"),
    ]

    operations = [
        CreateModels(
            [
                migrations.CreateModel(
                    name="Demand",
                    fields=[
                        ("id", key()),
                        ("title", models.CharField(max_length=120)),
                        (
                            "items",
                            ArrayField(
                                base_field=models.CharField(max_length=60), blank=True, default=list
                            ),
                        ),
                        ("purpose", models.CharField(max_length=500)),
                        ("scenario", models.CharField(blank=True, max_length=500)),
                        (
                            "mode",
                            models.CharField(
                                blank=True,
                                choices=[("table", "库表"), ("api", "接口"), ("file", "文件")],
                                max_length=8,
                            ),
                        ),
                        ("frequency", models.CharField(blank=True, max_length=100)),
                        ("contact", models.CharField(max_length=60)),
                        ("phone", models.CharField(max_length=40)),
                        ("version", models.PositiveIntegerField(default=1)),
                        ("printed_hash", models.CharField(blank=True, max_length=64)),
                        ("printed_at", models.DateTimeField(null=True)),
                        ("printed_content", models.JSONField(blank=True, default=dict)),
                        ("scanned_hash", models.CharField(blank=True, max_length=64)),
                        ("scan_doubts", models.JSONField(blank=True, default=list)),
                        ("archive_number", models.CharField(blank=True, max_length=60)),
                        ("submitted_at", models.DateTimeField(null=True)),
                        (
                            "addressed",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=PROTECT,
                                related_name="+",
                                to="organizations.body",
                            ),
                        ),
                        (
                            "case",
                            models.OneToOneField(
                                on_delete=PROTECT, related_name="+", to="kernel.case"
                            ),
                        ),
                        (
                            "consumer",
                            models.ForeignKey(
                                on_delete=PROTECT, related_name="+", to="organizations.body"
                            ),
                        ),
                        (
                            "duty",
                            models.ForeignKey(
                                on_delete=PROTECT, related_name="+", to="organizations.duty"
                            ),
                        ),
                        (
                            "entry",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=PROTECT,
                                related_name="+",
                                to="catalog.entry",
                            ),
                        ),
                        (
                            "matter",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=PROTECT,
                                related_name="+",
                                to="organizations.matter",
                            ),
                        ),
                        (
                            "printed",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=PROTECT,
                                related_name="+",
                                to="work.attachment",
                            ),
                        ),
                        (
                            "provider",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=PROTECT,
                                related_name="+",
                                to="organizations.body",
                            ),
                        ),
                        (
                            "scan",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=PROTECT,
                                related_name="+",
                                to="work.attachment",
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["-pk"],
                        "indexes": [
                            models.Index(
                                fields=["consumer", "-submitted_at"], name="demand_of_body"
                            ),
                            models.Index(
                                fields=["provider", "-submitted_at"], name="demand_at_body"
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Answer",
                    fields=[
                        ("id", key()),
                        (
                            "kind",
                            models.CharField(
                                choices=[
                                    ("promised", "属本部门职责，将发布"),
                                    ("deferred", "暂时无法发布"),
                                    ("not_ours", "不属本部门职责"),
                                    ("answered", "以目录答复"),
                                    ("assigned", "转交"),
                                    ("unmet", "无部门掌握"),
                                ],
                                max_length=12,
                            ),
                        ),
                        ("ground", models.CharField(blank=True, max_length=40)),
                        ("words", models.TextField(blank=True)),
                        ("on", models.DateField(null=True)),
                        ("at", models.DateTimeField(auto_now_add=True)),
                        ("by", models.CharField(max_length=60)),
                        (
                            "body",
                            models.ForeignKey(
                                on_delete=PROTECT, related_name="+", to="organizations.body"
                            ),
                        ),
                        (
                            "entry",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=PROTECT,
                                related_name="+",
                                to="catalog.entry",
                            ),
                        ),
                        (
                            "named",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=PROTECT,
                                related_name="+",
                                to="organizations.body",
                            ),
                        ),
                        (
                            "demand",
                            models.ForeignKey(
                                on_delete=PROTECT, related_name="answers", to="demands.demand"
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["pk"],
                        "indexes": [
                            models.Index(fields=["kind", "demand"], name="demand_answer_kind")
                        ],
                    },
                ),
            ]
        )
    ]
