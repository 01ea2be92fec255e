"""The table of mounts, in one step for a new city: what 0001-0004 came to."""

from django.contrib.postgres.fields import ArrayField
from django.db import migrations, models
from django.db.models.deletion import PROTECT

import huitong.publishing.rules
from huitong.kernel.migrating import CreateModels, key


class Migration(migrations.Migration):
    replaces = [
        ("publishing", "0001_initial"),
        ("publishing", "0002_proposals"),
        ("publishing", "0003_no_entry_version"),
        ("publishing", "0004_looked_at"),
    ]

    initial = True

    dependencies = [("catalog", "0008_versions"), ("work", "0001_initial")]

    operations = [
        CreateModels(
            [
                migrations.CreateModel(
                    name="Mount",
                    fields=[
                        ("id", key()),
                        (
                            "mode",
                            models.CharField(
                                choices=[("table", "库表"), ("api", "接口"), ("file", "文件")],
                                max_length=8,
                            ),
                        ),
                        (
                            "authorization",
                            models.CharField(
                                choices=[
                                    ("direct", "由本部门逐一授权"),
                                    ("delegated", "整体授权给平台"),
                                ],
                                default=huitong.publishing.rules.Authorization["DIRECT"],
                                max_length=12,
                            ),
                        ),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("pending", "待负责人确认"),
                                    ("active", "服务中"),
                                    ("suspended", "暂停交付"),
                                    ("withdrawn", "已撤销"),
                                ],
                                default=huitong.publishing.rules.MountState["ACTIVE"],
                                max_length=12,
                            ),
                        ),
                        ("schema", models.CharField(blank=True, max_length=120)),
                        ("table", models.CharField(blank=True, max_length=200)),
                        (
                            "key",
                            ArrayField(
                                base_field=models.CharField(max_length=128),
                                blank=True,
                                default=list,
                            ),
                        ),
                        ("columns", models.JSONField(blank=True, default=dict)),
                        ("responsible", models.CharField(blank=True, max_length=60)),
                        ("trained_on", models.DateField(blank=True, null=True)),
                        ("update_method", models.CharField(blank=True, max_length=200)),
                        ("mounted_at", models.DateTimeField(auto_now_add=True)),
                        ("changed_at", models.DateTimeField(auto_now=True)),
                        (
                            "database",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=PROTECT,
                                related_name="+",
                                to="catalog.database",
                            ),
                        ),
                        (
                            "entry",
                            models.ForeignKey(
                                on_delete=PROTECT, related_name="+", to="catalog.entry"
                            ),
                        ),
                        (
                            "file",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=PROTECT,
                                related_name="+",
                                to="work.attachment",
                            ),
                        ),
                        ("proposed", models.JSONField(blank=True, default=dict)),
                        ("secrecy", models.JSONField(blank=True, default=dict)),
                        ("looked_at", models.PositiveIntegerField()),
                    ],
                    options={
                        "ordering": ["pk"],
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("state", "withdrawn"), _negated=True),
                                fields=("entry", "mode"),
                                name="mount_once_per_mode",
                            )
                        ],
                    },
                )
            ]
        )
    ]
