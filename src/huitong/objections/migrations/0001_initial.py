"""Doubts, what was found of them, and what came of it."""

from django.contrib.postgres.fields import ArrayField
from django.db import migrations, models
from django.db.models.deletion import PROTECT

from huitong.kernel.migrating import CreateModels, key


def to(model, **how):
    return models.ForeignKey(on_delete=PROTECT, related_name="+", to=model, **how)


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("access", "0010_circumstances_renewals"),
        ("catalog", "0032_protection_levels"),
        ("kernel", "0013_adopted_law"),
        ("organizations", "0007_public_enterprises"),
        ("publishing", "0004_looked_at"),
    ]

    operations = [
        CreateModels(
            [
                migrations.CreateModel(
                    name="Objection",
                    fields=[
                        ("id", key()),
                        (
                            "kind",
                            models.CharField(
                                choices=[
                                    ("catalog", "目录内容"),
                                    ("resource", "资源挂接"),
                                    ("authorization", "授权"),
                                    ("use", "数据使用"),
                                    ("content", "数据内容"),
                                ],
                                max_length=16,
                            ),
                        ),
                        ("plane", models.CharField(blank=True, max_length=12)),
                        ("delivery", models.CharField(blank=True, max_length=120)),
                        ("delivered_at", models.DateTimeField(null=True)),
                        ("item", models.CharField(blank=True, max_length=100)),
                        ("locator", models.CharField(blank=True, max_length=200)),
                        ("held", models.TextField(blank=True)),
                        ("believed", models.TextField(blank=True)),
                        ("words", models.TextField()),
                        (
                            "files",
                            ArrayField(
                                base_field=models.BigIntegerField(), blank=True, default=list
                            ),
                        ),
                        ("reported_at", models.DateTimeField(auto_now_add=True)),
                        (
                            "declined",
                            ArrayField(
                                base_field=models.BigIntegerField(), blank=True, default=list
                            ),
                        ),
                        (
                            "finding",
                            models.CharField(
                                blank=True,
                                choices=[("right", "核对无误"), ("wrong", "确有错误")],
                                max_length=8,
                            ),
                        ),
                        ("answer", models.TextField(blank=True)),
                        ("planned_on", models.DateField(null=True)),
                        ("corrected_on", models.DateField(null=True)),
                        ("correction", models.TextField(blank=True)),
                        ("corrected_by", models.PositiveIntegerField(null=True)),
                        ("answered_at", models.DateTimeField(null=True)),
                        ("satisfied", models.BooleanField(null=True)),
                        ("evaluation", models.TextField(blank=True)),
                        (
                            "again_of",
                            models.OneToOneField(
                                null=True,
                                on_delete=PROTECT,
                                related_name="again",
                                to="objections.objection",
                            ),
                        ),
                        (
                            "case",
                            models.OneToOneField(
                                on_delete=PROTECT, related_name="+", to="kernel.case"
                            ),
                        ),
                        ("consumer", to("organizations.body")),
                        ("entry", to("catalog.entry")),
                        ("grant", to("access.grant", null=True)),
                        ("mount", to("publishing.mount", null=True)),
                        ("provider", to("organizations.body", null=True)),
                    ],
                    options={
                        "ordering": ["-pk"],
                        "indexes": [
                            models.Index(
                                fields=["consumer", "-reported_at"], name="objection_of_body"
                            ),
                            models.Index(
                                fields=["provider", "-reported_at"], name="objection_at_body"
                            ),
                            models.Index(
                                fields=["entry", "-reported_at"], name="objection_of_entry"
                            ),
                        ],
                    },
                )
            ]
        )
    ]
