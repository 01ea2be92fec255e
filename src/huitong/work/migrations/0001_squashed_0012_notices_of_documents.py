"""The tables of what people do, in one step for a new city: what 0001-0012 came to."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import migrations, models
from django.db.models.deletion import CASCADE, PROTECT

from huitong.kernel.migrating import CreateModels, key


class Migration(migrations.Migration):
    replaces = [
        ("work", "0001_initial"),
        ("work", "0002_copies_and_uploads_of_a_body"),
        ("work", "0003_security_notices"),
        ("work", "0004_warned_of_watches"),
        ("work", "0005_notices_of_an_act"),
        ("work", "0006_notices_with_an_address"),
        ("work", "0007_warned_again"),
        ("work", "0008_saved_views"),
        ("work", "0009_inbox"),
        ("work", "0010_inbox_of_before"),
        ("work", "0011_drafts"),
        ("work", "0012_notices_of_documents"),
    ]

    initial = True

    dependencies = [("kernel", "0007_growth_data"), ("organizations", "0002_words")]

    operations = [
        CreateModels(
            [
                migrations.CreateModel(
                    name="Attachment",
                    fields=[
                        ("id", key()),
                        ("sha256", models.CharField(db_index=True, max_length=64)),
                        ("name", models.CharField(max_length=200)),
                        ("size", models.BigIntegerField()),
                        ("media_type", models.CharField(max_length=100)),
                        ("pages", models.PositiveIntegerField(null=True)),
                        ("at", models.DateTimeField(auto_now_add=True)),
                        (
                            "uploader",
                            models.ForeignKey(
                                null=True,
                                on_delete=PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        ("body", models.BigIntegerField(null=True)),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("uploader", "body", "sha256", "name"),
                                name="attachment_once",
                                nulls_distinct=False,
                            )
                        ]
                    },
                ),
                migrations.CreateModel(
                    name="AttachmentUse",
                    fields=[
                        ("id", key()),
                        (
                            "attachment",
                            models.ForeignKey(
                                on_delete=PROTECT, related_name="uses", to="work.attachment"
                            ),
                        ),
                        (
                            "case",
                            models.ForeignKey(
                                on_delete=PROTECT, related_name="+", to="kernel.case"
                            ),
                        ),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("case", "attachment"), name="attachment_use_once"
                            )
                        ]
                    },
                ),
                migrations.CreateModel(
                    name="Copy",
                    fields=[
                        ("id", key()),
                        ("words", models.CharField(blank=True, max_length=300)),
                        ("at", models.DateTimeField(auto_now_add=True)),
                        (
                            "by",
                            models.ForeignKey(
                                null=True,
                                on_delete=PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "case",
                            models.ForeignKey(
                                on_delete=PROTECT, related_name="+", to="kernel.case"
                            ),
                        ),
                        (
                            "person",
                            models.ForeignKey(
                                on_delete=PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                            ),
                        ),
                        ("body", models.BigIntegerField(null=True)),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("person", "case", "body"),
                                name="copy_once",
                                nulls_distinct=False,
                            )
                        ]
                    },
                ),
                migrations.CreateModel(
                    name="Notice",
                    fields=[
                        ("id", key()),
                        (
                            "kind",
                            models.CharField(
                                choices=[
                                    ("arrived", "待办到达"),
                                    ("warning", "临期提醒"),
                                    ("overdue", "超期警示"),
                                    ("urged", "催办督办"),
                                    ("copied", "抄送"),
                                    ("result", "办理结果"),
                                    ("comment", "交流留言"),
                                    ("followed", "关注的事项"),
                                    ("security", "账号安全"),
                                    ("document", "制度文件"),
                                    ("other", "其他通知"),
                                ],
                                max_length=12,
                            ),
                        ),
                        ("title", models.CharField(max_length=200)),
                        ("text", models.CharField(blank=True, max_length=1000)),
                        ("url", models.CharField(blank=True, max_length=300)),
                        ("at", models.DateTimeField(auto_now_add=True)),
                        ("read_at", models.DateTimeField(null=True)),
                        (
                            "case",
                            models.ForeignKey(
                                null=True, on_delete=PROTECT, related_name="+", to="kernel.case"
                            ),
                        ),
                        (
                            "person",
                            models.ForeignKey(
                                on_delete=PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                            ),
                        ),
                        ("act", models.CharField(blank=True, max_length=40)),
                        ("topic", models.CharField(blank=True, max_length=80)),
                        ("on", models.DateField()),
                        ("rings_at", models.DateTimeField(null=True)),
                        ("settled_at", models.DateTimeField(null=True)),
                        ("outcome", models.CharField(blank=True, max_length=200)),
                        (
                            "clock",
                            models.ForeignKey(
                                null=True, on_delete=PROTECT, related_name="+", to="kernel.clock"
                            ),
                        ),
                        (
                            "watch",
                            models.ForeignKey(
                                null=True, on_delete=PROTECT, related_name="+", to="kernel.watch"
                            ),
                        ),
                        ("limit_on", models.DateField(null=True)),
                    ],
                    options={
                        "ordering": ["-pk"],
                        "indexes": [
                            models.Index(
                                fields=["person", "-id"], name="work_notice_person__65df18_idx"
                            ),
                            models.Index(
                                condition=models.Q(("read_at", None), ("settled_at", None)),
                                fields=["person"],
                                name="notice_unread",
                            ),
                            models.Index(
                                condition=models.Q(("settled_at", None)),
                                fields=["case"],
                                name="notice_unsettled",
                            ),
                            models.Index(
                                fields=["person", "-on", "kind", "topic"], name="notice_line"
                            ),
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(
                                    models.Q(("act", ""), _negated=True),
                                    models.Q(("case", None), _negated=True),
                                ),
                                fields=("act", "person", "kind", "case"),
                                name="notice_of_a_case_once",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(
                                    models.Q(("act", ""), _negated=True), ("case", None)
                                ),
                                fields=("act", "person", "kind", "url"),
                                name="notice_once",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Delivery",
                    fields=[
                        ("id", key()),
                        (
                            "channel",
                            models.CharField(
                                choices=[
                                    ("inbox", "站内消息"),
                                    ("mail", "电子邮件"),
                                    ("webhook", "消息接口"),
                                ],
                                max_length=12,
                            ),
                        ),
                        (
                            "frequency",
                            models.CharField(
                                choices=[
                                    ("at_once", "立即"),
                                    ("daily", "每天一次"),
                                    ("never", "不收"),
                                ],
                                max_length=12,
                            ),
                        ),
                        ("sent_at", models.DateTimeField(null=True)),
                        ("tries", models.PositiveSmallIntegerField(default=0)),
                        ("error", models.CharField(blank=True, max_length=300)),
                        (
                            "notice",
                            models.ForeignKey(
                                on_delete=CASCADE, related_name="deliveries", to="work.notice"
                            ),
                        ),
                        ("address", models.EmailField(blank=True, max_length=254)),
                        ("due_at", models.DateTimeField(null=True)),
                    ],
                    options={
                        "indexes": [
                            models.Index(
                                condition=models.Q(("sent_at", None)),
                                fields=["channel", "frequency"],
                                name="delivery_waiting",
                            )
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("notice", "channel", "address"), name="delivery_once"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Preference",
                    fields=[
                        ("id", key()),
                        (
                            "channel",
                            models.CharField(
                                choices=[
                                    ("inbox", "站内消息"),
                                    ("mail", "电子邮件"),
                                    ("webhook", "消息接口"),
                                ],
                                max_length=12,
                            ),
                        ),
                        (
                            "kind",
                            models.CharField(
                                choices=[
                                    ("arrived", "待办到达"),
                                    ("warning", "临期提醒"),
                                    ("overdue", "超期警示"),
                                    ("urged", "催办督办"),
                                    ("copied", "抄送"),
                                    ("result", "办理结果"),
                                    ("comment", "交流留言"),
                                    ("followed", "关注的事项"),
                                    ("security", "账号安全"),
                                    ("document", "制度文件"),
                                    ("other", "其他通知"),
                                ],
                                max_length=12,
                            ),
                        ),
                        (
                            "frequency",
                            models.CharField(
                                choices=[
                                    ("at_once", "立即"),
                                    ("daily", "每天一次"),
                                    ("never", "不收"),
                                ],
                                max_length=12,
                            ),
                        ),
                        (
                            "person",
                            models.ForeignKey(
                                on_delete=CASCADE, related_name="+", to=settings.AUTH_USER_MODEL
                            ),
                        ),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("person", "channel", "kind"), name="preference_once"
                            )
                        ]
                    },
                ),
                migrations.CreateModel(
                    name="Digest",
                    fields=[
                        ("id", key()),
                        (
                            "person",
                            models.OneToOneField(
                                on_delete=CASCADE, related_name="+", to=settings.AUTH_USER_MODEL
                            ),
                        ),
                        (
                            "at",
                            models.CharField(
                                choices=[
                                    ("08:30", "08:30"),
                                    ("11:30", "11:30"),
                                    ("14:30", "14:30"),
                                    ("17:00", "17:00"),
                                ],
                                max_length=5,
                            ),
                        ),
                    ],
                ),
                migrations.CreateModel(
                    name="Webhook",
                    fields=[
                        ("id", key()),
                        ("url", models.URLField(max_length=300)),
                        ("secret", models.CharField(max_length=400)),
                        (
                            "person",
                            models.OneToOneField(
                                on_delete=CASCADE, related_name="+", to=settings.AUTH_USER_MODEL
                            ),
                        ),
                    ],
                ),
                migrations.CreateModel(
                    name="Warned",
                    fields=[
                        ("id", key()),
                        (
                            "level",
                            models.CharField(
                                choices=[
                                    ("half", "时限过半"),
                                    ("eve", "临近到期"),
                                    ("overdue", "已超期"),
                                ],
                                max_length=12,
                            ),
                        ),
                        (
                            "card",
                            models.CharField(
                                choices=[("none", "提醒"), ("yellow", "黄牌"), ("red", "红牌")],
                                max_length=8,
                            ),
                        ),
                        ("body", models.BigIntegerField(null=True)),
                        ("on", models.DateField()),
                        (
                            "case",
                            models.ForeignKey(
                                null=True, on_delete=PROTECT, related_name="+", to="kernel.case"
                            ),
                        ),
                        (
                            "clock",
                            models.ForeignKey(
                                null=True, on_delete=PROTECT, related_name="+", to="kernel.clock"
                            ),
                        ),
                        (
                            "watch",
                            models.ForeignKey(
                                null=True, on_delete=PROTECT, related_name="+", to="kernel.watch"
                            ),
                        ),
                    ],
                    options={
                        "indexes": [
                            models.Index(fields=["body", "on"], name="work_warned_body_a9fc1f_idx"),
                            models.Index(fields=["case"], name="work_warned_case_id_7a615d_idx"),
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("clock", None), ("watch", None), _connector="XOR"
                                ),
                                name="warned_of_one",
                            ),
                            models.UniqueConstraint(
                                fields=("clock", "level", "on"), name="warned_once"
                            ),
                            models.UniqueConstraint(
                                fields=("watch", "level", "on"), name="watch_warned_once"
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Urging",
                    fields=[
                        ("id", key()),
                        ("urged", models.BigIntegerField()),
                        ("by_body", models.BigIntegerField()),
                        (
                            "card",
                            models.CharField(
                                choices=[("none", "提醒"), ("yellow", "黄牌"), ("red", "红牌")],
                                max_length=8,
                            ),
                        ),
                        ("text", models.CharField(max_length=500)),
                        ("at", models.DateTimeField(auto_now_add=True)),
                        ("answer", models.CharField(blank=True, max_length=500)),
                        ("answered_at", models.DateTimeField(null=True)),
                        (
                            "answered_by",
                            models.ForeignKey(
                                null=True,
                                on_delete=PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "by",
                            models.ForeignKey(
                                null=True,
                                on_delete=PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "case",
                            models.ForeignKey(
                                on_delete=PROTECT, related_name="+", to="kernel.case"
                            ),
                        ),
                    ],
                    options={
                        "indexes": [
                            models.Index(
                                fields=["urged", "at"], name="work_urging_urged_b38827_idx"
                            ),
                            models.Index(fields=["case"], name="work_urging_case_id_992d7b_idx"),
                        ]
                    },
                ),
                migrations.CreateModel(
                    name="Comment",
                    fields=[
                        ("id", key()),
                        (
                            "case",
                            models.ForeignKey(
                                on_delete=PROTECT, related_name="+", to="kernel.case"
                            ),
                        ),
                        ("body", models.BigIntegerField()),
                        (
                            "by",
                            models.ForeignKey(
                                on_delete=PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                            ),
                        ),
                        ("at", models.DateTimeField(auto_now_add=True)),
                        ("text", models.CharField(max_length=1000)),
                        ("to", ArrayField(base_field=models.BigIntegerField(), default=list)),
                        (
                            "answers",
                            models.ForeignKey(
                                null=True,
                                on_delete=PROTECT,
                                related_name="answered_by",
                                to="work.comment",
                            ),
                        ),
                        ("withdrawn_at", models.DateTimeField(null=True)),
                    ],
                    options={
                        "indexes": [models.Index(fields=["case", "at"], name="comment_of_case")]
                    },
                ),
                migrations.CreateModel(
                    name="Follow",
                    fields=[
                        ("id", key()),
                        (
                            "person",
                            models.ForeignKey(
                                on_delete=CASCADE, related_name="+", to=settings.AUTH_USER_MODEL
                            ),
                        ),
                        ("body", models.BigIntegerField()),
                        (
                            "case",
                            models.ForeignKey(
                                on_delete=PROTECT, related_name="+", to="kernel.case"
                            ),
                        ),
                        ("at", models.DateTimeField(auto_now_add=True)),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("person", "body", "case"), name="follow_once"
                            )
                        ]
                    },
                ),
                migrations.CreateModel(
                    name="Reacted",
                    fields=[
                        ("id", key()),
                        ("entry", models.BigIntegerField()),
                        ("reaction", models.CharField(max_length=120)),
                        ("at", models.DateTimeField(auto_now_add=True)),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("entry", "reaction"), name="reacted_once"
                            )
                        ]
                    },
                ),
                migrations.CreateModel(
                    name="SavedView",
                    fields=[
                        ("id", key()),
                        ("list", models.CharField(max_length=60)),
                        ("name", models.CharField(blank=True, max_length=40)),
                        ("query", models.CharField(blank=True, max_length=1000)),
                        ("default", models.BooleanField(default=False)),
                        (
                            "person",
                            models.ForeignKey(
                                on_delete=CASCADE, related_name="+", to=settings.AUTH_USER_MODEL
                            ),
                        ),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("person", "list", "name"), name="view_once"
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("default", True)),
                                fields=("person", "list"),
                                name="view_one_default",
                            ),
                        ]
                    },
                ),
                migrations.CreateModel(
                    name="Draft",
                    fields=[
                        ("id", key()),
                        ("body", models.BigIntegerField()),
                        ("kind", models.CharField(max_length=60)),
                        ("key", models.CharField(max_length=60)),
                        ("title", models.CharField(max_length=300)),
                        ("url", models.CharField(max_length=300)),
                        ("content", models.JSONField(default=dict)),
                        ("turn", models.PositiveIntegerField(default=1)),
                        ("started_at", models.DateTimeField()),
                        ("saved_at", models.DateTimeField()),
                        ("deleted_at", models.DateTimeField(null=True)),
                        (
                            "person",
                            models.ForeignKey(
                                on_delete=CASCADE, related_name="+", to=settings.AUTH_USER_MODEL
                            ),
                        ),
                    ],
                    options={
                        "indexes": [
                            models.Index(fields=["saved_at"], name="work_draft_saved_a_480289_idx")
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("person", "body", "kind", "key"), name="draft_once"
                            )
                        ],
                    },
                ),
            ]
        )
    ]
