"""The tables of the gateway, in one step for a new city: what 0001-0004 came to."""

from django.contrib.postgres.indexes import GinIndex
from django.db import migrations, models
from django.db.models.deletion import PROTECT

from huitong.kernel.migrating import CreateModels, key


class Migration(migrations.Migration):
    replaces = [
        ("gateway", "0001_initial"),
        ("gateway", "0002_log_identity"),
        ("gateway", "0003_parameters"),
        ("gateway", "0004_wrong_calls"),
    ]

    initial = True

    dependencies = [("access", "0002_grant_until")]

    operations = [
        CreateModels(
            [
                migrations.CreateModel(
                    name="Call",
                    fields=[
                        ("id", key()),
                        ("stream", models.CharField(max_length=40)),
                        ("ended", models.BooleanField()),
                        ("at", models.DateTimeField()),
                        ("request_id", models.CharField(blank=True, max_length=60)),
                        ("client", models.CharField(blank=True, max_length=60)),
                        ("method", models.CharField(blank=True, max_length=10)),
                        ("path", models.CharField(blank=True, max_length=300)),
                        ("status", models.PositiveSmallIntegerField(null=True)),
                        (
                            "verdict",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("allowed", "已放行"),
                                    ("no_token", "未出示有效令牌"),
                                    ("not_granted", "未获授权或授权已终止"),
                                    ("too_fast", "超过调用频率"),
                                    ("unknown", "没有这个接口"),
                                    ("malformed", "请求有误"),
                                    ("failed", "服务出错"),
                                ],
                                max_length=12,
                            ),
                        ),
                        ("details", models.CharField(blank=True, max_length=120)),
                        ("bytes", models.BigIntegerField(default=0)),
                        ("ms", models.PositiveIntegerField(null=True)),
                        ("ip", models.CharField(blank=True, max_length=45)),
                        (
                            "grant",
                            models.ForeignKey(
                                null=True, on_delete=PROTECT, related_name="+", to="access.grant"
                            ),
                        ),
                        ("parameters", models.JSONField(default=list)),
                    ],
                    options={
                        "ordering": ["-at"],
                        "indexes": [
                            models.Index(
                                fields=["grant", "-at"], name="gateway_cal_grant_i_34e308_idx"
                            ),
                            models.Index(fields=["-at"], name="gateway_cal_at_dc32e5_idx"),
                            models.Index(
                                fields=["path", "-at"], name="gateway_cal_path_4f35e3_idx"
                            ),
                            GinIndex(
                                fields=["parameters"],
                                name="call_parameters",
                                opclasses=["jsonb_path_ops"],
                            ),
                            models.Index(
                                condition=models.Q(
                                    ("ended", True),
                                    models.Q(
                                        ("verdict__in", ["allowed", "unknown"]), _negated=True
                                    ),
                                ),
                                fields=["-at"],
                                name="call_wrong",
                            ),
                        ],
                        "constraints": [
                            models.UniqueConstraint(fields=("stream", "ended"), name="call_once")
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="LogPosition",
                    fields=[
                        ("id", key()),
                        ("file", models.CharField(max_length=40, unique=True)),
                        ("offset", models.BigIntegerField(default=0)),
                    ],
                ),
            ]
        )
    ]
