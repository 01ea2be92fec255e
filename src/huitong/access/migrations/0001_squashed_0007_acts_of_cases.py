"""The tables of sharing, in one step for a new city: what 0001-0007 came to."""

from django.contrib.postgres.fields import ArrayField
from django.db import migrations, models
from django.db.models.deletion import CASCADE, PROTECT

from huitong.kernel.migrating import CreateModels, key


class Migration(migrations.Migration):
    replaces = [
        ("access", "0001_initial"),
        ("access", "0002_grant_until"),
        ("access", "0003_form_printed_content"),
        ("access", "0004_form_papers"),
        ("access", "0005_grant_authority"),
        ("access", "0006_serving"),
        ("access", "0007_acts_of_cases"),
    ]

    initial = True

    dependencies = [
        ("catalog", "0002_versions_insert_only"),
        ("kernel", "0007_growth_data"),
        ("organizations", "0001_initial"),
        ("publishing", "0001_initial"),
        ("work", "0001_initial"),
    ]

    operations = [
        CreateModels(
            [
                migrations.CreateModel(
                    name="ApplicationSystem",
                    fields=[
                        ("id", key()),
                        ("name", models.CharField(max_length=120)),
                        ("protection_level", models.CharField(blank=True, max_length=8)),
                        ("protection_filing", models.CharField(blank=True, max_length=60)),
                        ("created_at", models.DateTimeField(auto_now_add=True)),
                        (
                            "body",
                            models.ForeignKey(
                                on_delete=PROTECT, related_name="+", to="organizations.body"
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["name"],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("body", "name"), name="application_system_once"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Form",
                    fields=[
                        ("id", key()),
                        ("number", models.CharField(max_length=40, null=True, unique=True)),
                        ("purpose", models.CharField(max_length=500)),
                        ("scenario", models.CharField(blank=True, max_length=500)),
                        ("period_from", models.DateField()),
                        ("period_to", models.DateField()),
                        ("contact", models.CharField(max_length=60)),
                        ("phone", models.CharField(max_length=40)),
                        ("version", models.PositiveIntegerField(default=1)),
                        ("printed_hash", models.CharField(blank=True, max_length=64)),
                        ("printed_at", models.DateTimeField(null=True)),
                        ("scanned_hash", models.CharField(blank=True, max_length=64)),
                        ("archive_number", models.CharField(blank=True, max_length=60)),
                        ("opened_by", models.BigIntegerField()),
                        ("opened_at", models.DateTimeField(auto_now_add=True)),
                        ("submitted_at", models.DateTimeField(null=True)),
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
                            "scan",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=PROTECT,
                                related_name="+",
                                to="work.attachment",
                            ),
                        ),
                        (
                            "system",
                            models.ForeignKey(
                                on_delete=PROTECT, related_name="+", to="access.applicationsystem"
                            ),
                        ),
                        ("printed_content", models.JSONField(blank=True, default=dict)),
                        ("hands", models.JSONField(default=dict)),
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
                        ("scan_doubts", models.JSONField(blank=True, default=list)),
                    ],
                    options={
                        "indexes": [
                            models.Index(
                                fields=["consumer", "-opened_at"],
                                name="access_form_consume_f2adad_idx",
                            )
                        ]
                    },
                ),
                migrations.CreateModel(
                    name="Application",
                    fields=[
                        ("id", key()),
                        ("scope", models.JSONField()),
                        ("frequency", models.CharField(blank=True, max_length=100)),
                        ("target_table", models.CharField(blank=True, max_length=200)),
                        (
                            "case",
                            models.OneToOneField(
                                on_delete=PROTECT, related_name="+", to="kernel.case"
                            ),
                        ),
                        (
                            "mount",
                            models.ForeignKey(
                                on_delete=PROTECT, related_name="+", to="publishing.mount"
                            ),
                        ),
                        (
                            "target",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=PROTECT,
                                related_name="+",
                                to="catalog.database",
                            ),
                        ),
                        (
                            "form",
                            models.ForeignKey(
                                on_delete=CASCADE, related_name="applications", to="access.form"
                            ),
                        ),
                    ],
                    options={"ordering": ["pk"]},
                ),
                migrations.CreateModel(
                    name="Grant",
                    fields=[
                        ("id", key()),
                        ("purpose", models.CharField(max_length=500)),
                        ("scope", models.JSONField()),
                        ("per_second", models.PositiveIntegerField()),
                        ("per_day", models.PositiveIntegerField(blank=True, null=True)),
                        ("valid_from", models.DateField()),
                        ("valid_to", models.DateField()),
                        ("target_table", models.CharField(blank=True, max_length=200)),
                        ("ended_at", models.DateTimeField(null=True)),
                        (
                            "application",
                            models.OneToOneField(
                                on_delete=PROTECT, related_name="grant", to="access.application"
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
                            "mount",
                            models.ForeignKey(
                                on_delete=PROTECT, related_name="+", to="publishing.mount"
                            ),
                        ),
                        (
                            "system",
                            models.ForeignKey(
                                on_delete=PROTECT,
                                related_name="grants",
                                to="access.applicationsystem",
                            ),
                        ),
                        (
                            "target",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=PROTECT,
                                related_name="+",
                                to="catalog.database",
                            ),
                        ),
                        ("until", models.TimeField(blank=True, null=True)),
                    ],
                    options={
                        "indexes": [
                            models.Index(
                                fields=["consumer", "-valid_to"],
                                name="access_gran_consume_412339_idx",
                            ),
                            models.Index(
                                fields=["mount", "ended_at"], name="access_gran_mount_i_fd2dd0_idx"
                            ),
                        ]
                    },
                ),
                migrations.CreateModel(
                    name="Credential",
                    fields=[
                        ("id", key()),
                        ("client_id", models.CharField(max_length=60, unique=True)),
                        ("label", models.CharField(blank=True, max_length=60)),
                        ("digest", models.CharField(max_length=64)),
                        ("former_digest", models.CharField(blank=True, max_length=64)),
                        ("former_until", models.DateTimeField(null=True)),
                        (
                            "networks",
                            ArrayField(
                                base_field=models.CharField(max_length=43), blank=True, default=list
                            ),
                        ),
                        ("created_at", models.DateTimeField(auto_now_add=True)),
                        ("expires_at", models.DateTimeField()),
                        ("revoked_at", models.DateTimeField(null=True)),
                        ("last_used_on", models.DateField(null=True)),
                        (
                            "system",
                            models.ForeignKey(
                                on_delete=PROTECT,
                                related_name="credentials",
                                to="access.applicationsystem",
                            ),
                        ),
                    ],
                    options={"ordering": ["pk"]},
                ),
                migrations.CreateModel(
                    name="Serving",
                    fields=[
                        ("id", key()),
                        ("plane", models.CharField(max_length=12)),
                        ("since", models.DateTimeField()),
                        ("stopped_at", models.DateTimeField(null=True)),
                        (
                            "grant",
                            models.ForeignKey(
                                on_delete=PROTECT, related_name="+", to="access.grant"
                            ),
                        ),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(fields=("grant", "plane"), name="serving_once")
                        ]
                    },
                ),
                migrations.CreateModel(
                    name="DeliveryFact",
                    fields=[
                        ("id", key()),
                        ("plane", models.CharField(max_length=12)),
                        ("reference", models.CharField(max_length=120)),
                        ("at", models.DateTimeField()),
                        ("rows", models.BigIntegerField(null=True)),
                        ("bytes", models.BigIntegerField(null=True)),
                        ("checksum", models.CharField(blank=True, max_length=80)),
                        ("status", models.CharField(default="delivered", max_length=20)),
                        ("detail", models.JSONField(default=dict)),
                        (
                            "grant",
                            models.ForeignKey(
                                on_delete=PROTECT, related_name="deliveries", to="access.grant"
                            ),
                        ),
                    ],
                    options={
                        "indexes": [
                            models.Index(
                                fields=["grant", "-at"], name="access_deli_grant_i_999781_idx"
                            )
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("plane", "reference"), name="delivery_fact_once"
                            )
                        ],
                    },
                ),
            ]
        )
    ]
