"""A notice ends with what it asks for; notices of one kind, topic and day are one line; a person
chooses what comes at once, with a digest or not at all."""

from datetime import date

import django.contrib.postgres.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

KINDS = [
    ("arrived", "待办到达"), ("warning", "临期提醒"), ("overdue", "超期警示"), ("urged", "催办督办"),
    ("copied", "抄送"), ("result", "办理结果"), ("comment", "交流留言"), ("followed", "关注的事项"),
    ("security", "账号安全"), ("other", "其他通知"),
]
CHANNELS = [("inbox", "站内消息"), ("mail", "电子邮件"), ("webhook", "消息接口")]
FREQUENCIES = [("at_once", "立即"), ("daily", "每天一次"), ("never", "不收")]
TIMES = [(at, at) for at in ("08:30", "11:30", "14:30", "17:00")]
PROTECT = django.db.models.deletion.PROTECT


def key():
    return models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")


def of(model, **more):
    return models.ForeignKey(on_delete=PROTECT, related_name="+", to=model, **more)


class Migration(migrations.Migration):
    dependencies = [
        ("work", "0008_saved_views"),
        ("kernel", "0007_growth_data"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField("notice", "topic", models.CharField(blank=True, default="", max_length=80), preserve_default=False),
        # every row gets its own day in the next migration
        migrations.AddField("notice", "on", models.DateField(default=date(2020, 2, 19)), preserve_default=False),
        migrations.AddField("notice", "rings_at", models.DateTimeField(null=True)),
        migrations.AddField("notice", "settled_at", models.DateTimeField(null=True)),
        migrations.AddField("notice", "outcome", models.CharField(blank=True, default="", max_length=200), preserve_default=False),
        migrations.AddField("notice", "clock", of("kernel.clock", null=True)),
        migrations.AddField("notice", "watch", of("kernel.watch", null=True)),
        migrations.AddField("notice", "limit_on", models.DateField(null=True)),
        migrations.AlterField("notice", "kind", models.CharField(choices=KINDS, max_length=12)),
        migrations.RemoveIndex("notice", "notice_unread"),
        migrations.AddIndex("notice", models.Index(fields=["person"], condition=models.Q(read_at=None, settled_at=None), name="notice_unread")),
        migrations.AddIndex("notice", models.Index(fields=["case"], condition=models.Q(settled_at=None), name="notice_unsettled")),
        migrations.AddIndex("notice", models.Index(fields=["person", "-on", "kind", "topic"], name="notice_line")),
        migrations.AddField("delivery", "due_at", models.DateTimeField(null=True)),
        migrations.AlterField("delivery", "channel", models.CharField(choices=CHANNELS, max_length=12)),
        migrations.AlterField("delivery", "frequency", models.CharField(choices=FREQUENCIES, max_length=12)),
        migrations.AlterField("preference", "channel", models.CharField(choices=CHANNELS, max_length=12)),
        migrations.AlterField("preference", "frequency", models.CharField(choices=FREQUENCIES, max_length=12)),
        migrations.AlterField("preference", "kind", models.CharField(choices=KINDS, max_length=12)),
        migrations.CreateModel("Digest", [
            ("id", key()),
            ("person", models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL)),
            ("at", models.CharField(choices=TIMES, max_length=5)),
        ], options={"abstract": False}),
        migrations.CreateModel("Comment", [
            ("id", key()),
            ("case", of("kernel.case")),
            ("body", models.BigIntegerField()),
            ("by", of(settings.AUTH_USER_MODEL)),
            ("at", models.DateTimeField(auto_now_add=True)),
            ("text", models.CharField(max_length=1000)),
            ("to", django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), default=list, size=None)),
            ("answers", models.ForeignKey(null=True, on_delete=PROTECT, related_name="answered_by", to="work.comment")),
            ("withdrawn_at", models.DateTimeField(null=True)),
        ], options={"indexes": [models.Index(fields=["case", "at"], name="comment_of_case")]}),
        migrations.CreateModel("Follow", [
            ("id", key()),
            ("person", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL)),
            ("body", models.BigIntegerField()),
            ("case", of("kernel.case")),
            ("at", models.DateTimeField(auto_now_add=True)),
        ], options={"constraints": [models.UniqueConstraint(fields=("person", "body", "case"), name="follow_once")]}),
    ]
