"""The tables of bodies and people, in one step for a new city: what 0001-0006 came to."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import migrations, models
from django.db.models.deletion import CASCADE, PROTECT

from huitong.kernel.migrating import CreateModels, key

SEQUENCE = "organizations_body_number"


class Migration(migrations.Migration):
    replaces = [
        ("organizations", "0001_initial"),
        ("organizations", "0002_words"),
        ("organizations", "0003_account_changes"),
        ("organizations", "0004_numbers_and_confirmations"),
        ("organizations", "0005_offices"),
        ("organizations", "0006_grants_of_heirs"),
    ]

    initial = True

    dependencies = [("kernel", "0008_desks")]

    operations = [
        migrations.RunSQL(f"CREATE SEQUENCE {SEQUENCE} AS integer", f"DROP SEQUENCE {SEQUENCE}"),
        CreateModels(
            [
                migrations.CreateModel(
                    name="Division",
                    fields=[
                        (
                            "code",
                            models.CharField(max_length=12, primary_key=True, serialize=False),
                        ),
                        ("name", models.CharField(max_length=80)),
                        ("level", models.CharField(max_length=12)),
                        ("parent_code", models.CharField(blank=True, db_index=True, max_length=12)),
                        ("valid_from", models.DateField(blank=True, null=True)),
                        ("valid_to", models.DateField(blank=True, null=True)),
                        ("source", models.CharField(default="local", max_length=20)),
                        ("successor", models.CharField(blank=True, max_length=12)),
                        ("note", models.CharField(blank=True, max_length=200)),
                    ],
                    options={"ordering": ["code"]},
                ),
                migrations.CreateModel(
                    name="Body",
                    fields=[
                        ("id", key()),
                        ("name", models.CharField(max_length=120)),
                        ("short_name", models.CharField(max_length=40)),
                        (
                            "kind",
                            models.CharField(
                                choices=[
                                    ("department", "政府部门"),
                                    ("institution", "授权行政职能的事业单位"),
                                    ("social_organization", "授权行政职能的社会组织"),
                                    ("authorized", "其他依法授权管理公共事务的组织"),
                                    ("county", "县（市）区主管机构"),
                                    ("zone", "开发园区管委会"),
                                ],
                                max_length=24,
                            ),
                        ),
                        ("credit_code", models.CharField(max_length=18)),
                        ("division_code", models.CharField(max_length=12)),
                        ("is_bureau", models.BooleanField(default=False)),
                        ("managing_organ", models.BooleanField(default=False)),
                        ("valid_from", models.DateField()),
                        ("valid_to", models.DateField(blank=True, null=True)),
                        (
                            "parent",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=PROTECT,
                                related_name="subordinates",
                                to="organizations.body",
                            ),
                        ),
                        (
                            "number",
                            models.PositiveIntegerField(
                                db_default=models.Func(
                                    models.Value("organizations_body_number"),
                                    function="nextval",
                                    output_field=models.PositiveIntegerField(),
                                )
                            ),
                        ),
                        (
                            "offices",
                            ArrayField(
                                base_field=models.CharField(max_length=20), blank=True, default=list
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["division_code", "pk"],
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("is_bureau", True), ("valid_to", None)),
                                fields=("is_bureau",),
                                name="body_one_bureau",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("valid_to", None)),
                                fields=("name",),
                                name="body_name_once",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("valid_to", None)),
                                fields=("credit_code",),
                                name="body_code_once",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("valid_to", None)),
                                fields=("number",),
                                name="body_number_once",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Succession",
                    fields=[
                        ("id", key()),
                        (
                            "kind",
                            models.CharField(
                                choices=[("rename", "更名"), ("merge", "合并"), ("split", "分立")],
                                max_length=12,
                            ),
                        ),
                        ("on", models.DateField()),
                        ("document", models.CharField(max_length=200)),
                        ("heir", models.BooleanField(default=True)),
                        (
                            "predecessor",
                            models.ForeignKey(
                                on_delete=PROTECT,
                                related_name="successions",
                                to="organizations.body",
                            ),
                        ),
                        (
                            "successor",
                            models.ForeignKey(
                                on_delete=PROTECT,
                                related_name="inheritances",
                                to="organizations.body",
                            ),
                        ),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("heir", True)),
                                fields=("predecessor",),
                                name="succession_one_heir",
                            )
                        ]
                    },
                ),
                migrations.CreateModel(
                    name="Person",
                    fields=[
                        ("id", key()),
                        ("password", models.CharField(max_length=128, verbose_name="password")),
                        (
                            "last_login",
                            models.DateTimeField(blank=True, null=True, verbose_name="last login"),
                        ),
                        ("username", models.CharField(max_length=60, unique=True)),
                        ("name", models.CharField(max_length=60)),
                        ("mobile", models.CharField(blank=True, max_length=20)),
                        ("email", models.EmailField(blank=True, max_length=254)),
                        ("is_active", models.BooleanField(default=True)),
                        ("must_change_password", models.BooleanField(default=False)),
                        ("session_key", models.CharField(blank=True, max_length=40)),
                        ("created_at", models.DateTimeField(auto_now_add=True)),
                        ("one_time_until", models.DateTimeField(blank=True, null=True)),
                    ],
                ),
                migrations.CreateModel(
                    name="AccountChange",
                    fields=[
                        ("id", key()),
                        (
                            "kind",
                            models.CharField(
                                choices=[
                                    ("opened", "开设账号"),
                                    ("enabled", "启用账号"),
                                    ("password", "重置密码"),
                                    ("email", "更换电子邮箱"),
                                ],
                                max_length=12,
                            ),
                        ),
                        ("asked_at", models.DateTimeField(auto_now_add=True)),
                        ("expires_at", models.DateTimeField()),
                        ("email", models.EmailField(blank=True, max_length=254)),
                        ("password", models.CharField(blank=True, max_length=128)),
                        ("second_half", models.CharField(blank=True, max_length=200)),
                        ("settled_at", models.DateTimeField(blank=True, null=True)),
                        ("released", models.BooleanField(default=False)),
                        (
                            "asked_by",
                            models.ForeignKey(
                                on_delete=PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                            ),
                        ),
                        (
                            "person",
                            models.ForeignKey(
                                on_delete=PROTECT,
                                related_name="changes",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "settled_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("settled_at", None)),
                                fields=("person", "kind"),
                                name="account_change_once",
                            )
                        ]
                    },
                ),
                migrations.CreateModel(
                    name="Posting",
                    fields=[
                        ("id", key()),
                        (
                            "post",
                            models.CharField(
                                choices=[
                                    ("operator", "经办人"),
                                    ("manager", "负责人"),
                                    ("platform_operator", "平台运维员"),
                                    ("system_admin", "系统管理员"),
                                    ("security_admin", "安全管理员"),
                                    ("audit_admin", "审计管理员"),
                                ],
                                max_length=24,
                            ),
                        ),
                        ("valid_from", models.DateField()),
                        ("valid_to", models.DateField(blank=True, null=True)),
                        (
                            "body",
                            models.ForeignKey(
                                on_delete=PROTECT, related_name="postings", to="organizations.body"
                            ),
                        ),
                        (
                            "deputy_of",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=PROTECT,
                                related_name="deputized",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "person",
                            models.ForeignKey(
                                on_delete=PROTECT,
                                related_name="postings",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "indexes": [
                            models.Index(
                                fields=["person", "valid_to"], name="organizatio_person__4bcf6c_idx"
                            ),
                            models.Index(
                                fields=["body", "post", "valid_to"],
                                name="organizatio_body_id_8a0bd2_idx",
                            ),
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("deputy_of", None),
                                    ("valid_to__isnull", False),
                                    _connector="OR",
                                ),
                                name="posting_deputy_bounded",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="TaskForce",
                    fields=[
                        ("id", key()),
                        ("leader", models.CharField(max_length=60)),
                        ("leader_title", models.CharField(blank=True, max_length=80)),
                        ("office", models.CharField(max_length=80)),
                        ("technical_unit", models.CharField(max_length=120)),
                        ("phone", models.CharField(blank=True, max_length=40)),
                        (
                            "body",
                            models.OneToOneField(
                                on_delete=PROTECT,
                                related_name="task_force",
                                to="organizations.body",
                            ),
                        ),
                    ],
                ),
                migrations.CreateModel(
                    name="TaskForceMember",
                    fields=[
                        ("id", key()),
                        ("name", models.CharField(max_length=60)),
                        ("role", models.CharField(max_length=80)),
                        ("phone", models.CharField(blank=True, max_length=40)),
                        (
                            "task_force",
                            models.ForeignKey(
                                on_delete=CASCADE,
                                related_name="members",
                                to="organizations.taskforce",
                            ),
                        ),
                    ],
                ),
                migrations.CreateModel(
                    name="Duty",
                    fields=[
                        ("id", key()),
                        ("text", models.CharField(max_length=300)),
                        ("source", models.CharField(blank=True, max_length=200)),
                        ("valid_from", models.DateField()),
                        ("valid_to", models.DateField(blank=True, null=True)),
                        (
                            "body",
                            models.ForeignKey(
                                on_delete=PROTECT, related_name="duties", to="organizations.body"
                            ),
                        ),
                        ("confirmed_at", models.DateTimeField(null=True)),
                        ("confirmed_by", models.CharField(blank=True, max_length=60)),
                        ("written_by", models.BigIntegerField(null=True)),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(fields=("body", "text"), name="duty_once"),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("confirmed_at", None),
                                    models.Q(("source", ""), _negated=True),
                                    _connector="OR",
                                ),
                                name="duty_confirmed_by_source",
                            ),
                        ]
                    },
                ),
                migrations.CreateModel(
                    name="Matter",
                    fields=[
                        ("id", key()),
                        ("code", models.CharField(max_length=40, unique=True)),
                        ("name", models.CharField(max_length=120)),
                        ("kind", models.CharField(blank=True, max_length=40)),
                        ("basis", models.CharField(blank=True, max_length=200)),
                        ("valid_to", models.DateField(blank=True, null=True)),
                        (
                            "duty",
                            models.ForeignKey(
                                on_delete=PROTECT, related_name="matters", to="organizations.duty"
                            ),
                        ),
                    ],
                    options={"ordering": ["code"]},
                ),
                migrations.CreateModel(
                    name="Token",
                    fields=[
                        ("id", key()),
                        ("label", models.CharField(max_length=60)),
                        ("digest", models.CharField(max_length=64, unique=True)),
                        ("tail", models.CharField(max_length=6)),
                        ("created_at", models.DateTimeField(auto_now_add=True)),
                        ("expires_at", models.DateTimeField()),
                        ("revoked_at", models.DateTimeField(blank=True, null=True)),
                        (
                            "body",
                            models.ForeignKey(
                                on_delete=PROTECT, related_name="+", to="organizations.body"
                            ),
                        ),
                        (
                            "person",
                            models.ForeignKey(
                                on_delete=CASCADE,
                                related_name="tokens",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        ("postings", ArrayField(base_field=models.BigIntegerField(), default=list)),
                    ],
                ),
            ]
        ),
    ]
