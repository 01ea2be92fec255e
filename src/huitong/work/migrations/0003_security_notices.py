"""Notices about the safety of an account; a delivery may go to the address a person had before."""

from django.db import migrations, models

KINDS = [("arrived", "待办到达"), ("warning", "临期提醒"), ("overdue", "超期警示"), ("urged", "催办督办"), ("copied", "抄送"),
         ("result", "办理结果"), ("security", "账号安全"), ("other", "其他通知")]


class Migration(migrations.Migration):

    dependencies = [("work", "0002_copies_and_uploads_of_a_body")]

    operations = [
        migrations.AlterField("notice", "kind", models.CharField(choices=KINDS, max_length=12)),
        migrations.AlterField("preference", "kind", models.CharField(choices=KINDS, max_length=12)),
        migrations.AddField("delivery", "address", models.EmailField(blank=True, default="", max_length=254), preserve_default=False),
        migrations.RemoveConstraint("delivery", "delivery_once"),
        migrations.AddConstraint("delivery", models.UniqueConstraint(fields=["notice", "channel", "address"], name="delivery_once")),
    ]
