"""The tables of exchanges, in one step for a new city: what 0001 and 0002 came to."""

import uuid

from django.db import migrations, models
from django.db.models.deletion import PROTECT

import huitong.planes.tables.rules
from huitong.kernel.migrating import CreateModels, key


class Migration(migrations.Migration):
    replaces = [("tables", "0001_initial"), ("tables", "0002_words")]

    initial = True

    dependencies = [("access", "0001_initial")]

    operations = [
        CreateModels(
            [
                migrations.CreateModel(
                    name="Schedule",
                    fields=[
                        ("id", key()),
                        ("cycle", models.CharField(max_length=2)),
                        ("next_at", models.DateTimeField(null=True)),
                        ("delivered_at", models.DateTimeField(null=True)),
                        ("failures", models.PositiveSmallIntegerField(default=0)),
                        ("paused_at", models.DateTimeField(null=True)),
                        ("paused_by", models.BigIntegerField(null=True)),
                        ("pause_reasons", models.CharField(blank=True, max_length=500)),
                        ("started_at", models.DateTimeField(auto_now_add=True)),
                        ("ended_at", models.DateTimeField(null=True)),
                        (
                            "grant",
                            models.OneToOneField(
                                on_delete=PROTECT, related_name="+", to="access.grant"
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["-pk"],
                        "indexes": [
                            models.Index(
                                condition=models.Q(("ended_at", None), ("paused_at", None)),
                                fields=["next_at"],
                                name="schedule_due",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Run",
                    fields=[
                        ("id", key()),
                        ("key", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                        (
                            "trigger",
                            models.CharField(
                                choices=[
                                    ("grant", "授权生效"),
                                    ("cycle", "按周期"),
                                    ("retry", "自动重试"),
                                    ("person", "人工执行"),
                                    ("correction", "数据更正推送"),
                                ],
                                max_length=12,
                            ),
                        ),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("queued", "等待执行"),
                                    ("running", "执行中"),
                                    ("delivered", "已送达"),
                                    ("failed", "失败，将自动重试"),
                                    ("paused", "失败，待处理"),
                                ],
                                default=huitong.planes.tables.rules.RunState["QUEUED"],
                                max_length=12,
                            ),
                        ),
                        ("asked_by", models.BigIntegerField(null=True)),
                        ("fall_confirmed", models.BooleanField(default=False)),
                        ("queued_at", models.DateTimeField(auto_now_add=True)),
                        ("started_at", models.DateTimeField(null=True)),
                        ("ended_at", models.DateTimeField(null=True)),
                        ("attempts", models.PositiveSmallIntegerField(default=0)),
                        ("stage", models.CharField(blank=True, max_length=12)),
                        ("rows", models.BigIntegerField(default=0)),
                        ("bytes", models.BigIntegerField(default=0)),
                        ("inserted", models.BigIntegerField(null=True)),
                        ("updated", models.BigIntegerField(null=True)),
                        ("deleted", models.BigIntegerField(null=True)),
                        ("source_checksum", models.CharField(blank=True, max_length=80)),
                        ("target_checksum", models.CharField(blank=True, max_length=80)),
                        ("problem", models.JSONField(default=dict)),
                        ("log", models.JSONField(default=list)),
                        (
                            "schedule",
                            models.ForeignKey(
                                on_delete=PROTECT, related_name="runs", to="tables.schedule"
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["-pk"],
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(
                                    (
                                        "state__in",
                                        (
                                            huitong.planes.tables.rules.RunState["QUEUED"],
                                            huitong.planes.tables.rules.RunState["RUNNING"],
                                        ),
                                    )
                                ),
                                fields=("schedule",),
                                name="run_one_at_a_time",
                            )
                        ],
                    },
                ),
            ]
        )
    ]
