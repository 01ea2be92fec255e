"""Disputes, what the three state and what the two say to minutes and decisions."""

from django.contrib.postgres.fields import ArrayField
from django.db import migrations, models
from django.db.models.deletion import PROTECT

from huitong.kernel.migrating import CreateModels, key


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("kernel", "0012_case_entered"),
        ("organizations", "0006_grants_of_heirs"),
        ("publishing", "0004_looked_at"),
        ("work", "0012_notices_of_documents"),
    ]

    operations = [
        CreateModels(
            [
                migrations.CreateModel(
                    name="Dispute",
                    fields=[
                        ("id", key()),
                        (
                            "side",
                            models.CharField(
                                choices=[("consumer", "使用部门"), ("provider", "提供部门")],
                                max_length=10,
                            ),
                        ),
                        (
                            "subject",
                            models.CharField(
                                choices=[
                                    ("conditions", "共享条件"),
                                    ("reasons", "申请理由"),
                                    ("result", "授权结果"),
                                    ("demand", "需求的答复"),
                                    ("other", "其他"),
                                ],
                                max_length=12,
                            ),
                        ),
                        ("words", models.TextField()),
                        ("wish", models.TextField()),
                        (
                            "files",
                            ArrayField(
                                base_field=models.BigIntegerField(), blank=True, default=list
                            ),
                        ),
                        ("submitted_at", models.DateTimeField(null=True)),
                        ("meets_at", models.DateTimeField(null=True)),
                        ("place", models.CharField(blank=True, max_length=200)),
                        ("minutes", models.TextField(blank=True)),
                        ("version", models.PositiveSmallIntegerField(default=0)),
                        (
                            "outcome",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("agreed", "协商一致"),
                                    ("partly", "部分协商一致"),
                                    ("failed", "协商未成"),
                                ],
                                max_length=10,
                            ),
                        ),
                        ("outcome_words", models.TextField(blank=True)),
                        (
                            "ruling",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("upheld", "支持提出部门"),
                                    ("partly", "部分支持提出部门"),
                                    ("rejected", "不支持提出部门"),
                                ],
                                max_length=10,
                            ),
                        ),
                        ("ruling_words", models.TextField(blank=True)),
                        (
                            "about",
                            models.ForeignKey(
                                on_delete=PROTECT, related_name="+", to="kernel.case"
                            ),
                        ),
                        (
                            "case",
                            models.OneToOneField(
                                on_delete=PROTECT, related_name="+", to="kernel.case"
                            ),
                        ),
                        (
                            "claimant",
                            models.ForeignKey(
                                on_delete=PROTECT, related_name="+", to="organizations.body"
                            ),
                        ),
                        (
                            "decision",
                            models.ForeignKey(
                                null=True, on_delete=PROTECT, related_name="+", to="work.attachment"
                            ),
                        ),
                        (
                            "followed_by",
                            models.ForeignKey(
                                null=True, on_delete=PROTECT, related_name="+", to="kernel.case"
                            ),
                        ),
                        (
                            "minutes_file",
                            models.ForeignKey(
                                null=True, on_delete=PROTECT, related_name="+", to="work.attachment"
                            ),
                        ),
                        (
                            "mount",
                            models.ForeignKey(
                                null=True,
                                on_delete=PROTECT,
                                related_name="+",
                                to="publishing.mount",
                            ),
                        ),
                        (
                            "respondent",
                            models.ForeignKey(
                                on_delete=PROTECT, related_name="+", to="organizations.body"
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["-pk"],
                        "indexes": [
                            models.Index(
                                fields=["claimant", "-submitted_at"], name="dispute_of_body"
                            ),
                            models.Index(
                                fields=["respondent", "-submitted_at"], name="dispute_against_body"
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Reply",
                    fields=[
                        ("id", key()),
                        ("party", models.CharField(max_length=20)),
                        ("version", models.PositiveSmallIntegerField()),
                        ("objection", models.TextField(blank=True)),
                        ("by", models.CharField(max_length=60)),
                        ("at", models.DateTimeField(auto_now_add=True)),
                        (
                            "body",
                            models.ForeignKey(
                                on_delete=PROTECT, related_name="+", to="organizations.body"
                            ),
                        ),
                        (
                            "dispute",
                            models.ForeignKey(
                                on_delete=PROTECT, related_name="replies", to="disputes.dispute"
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["pk"],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("dispute", "party", "version"), name="dispute_reply_once"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="View",
                    fields=[
                        ("id", key()),
                        ("party", models.CharField(max_length=20)),
                        ("words", models.TextField()),
                        (
                            "files",
                            ArrayField(
                                base_field=models.BigIntegerField(), blank=True, default=list
                            ),
                        ),
                        ("by", models.CharField(max_length=60)),
                        ("at", models.DateTimeField()),
                        (
                            "body",
                            models.ForeignKey(
                                on_delete=PROTECT, related_name="+", to="organizations.body"
                            ),
                        ),
                        (
                            "dispute",
                            models.ForeignKey(
                                on_delete=PROTECT, related_name="views", to="disputes.dispute"
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["pk"],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("dispute", "party"), name="dispute_view_once"
                            )
                        ],
                    },
                ),
            ]
        )
    ]
