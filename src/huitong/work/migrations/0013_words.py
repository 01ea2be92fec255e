from django.db import migrations, models

KINDS = [
    ("arrived", "待办到达"),
    ("warning", "到期提醒"),
    ("overdue", "超期警示"),
    ("urged", "催办"),
    ("copied", "抄送"),
    ("result", "办理结果"),
    ("comment", "交流留言"),
    ("followed", "关注的事项"),
    ("security", "账号安全"),
    ("document", "制度文件"),
    ("other", "其他消息"),
]
LEVELS = [("half", "时限过半"), ("eve", "即将到期"), ("overdue", "已超期")]


class Migration(migrations.Migration):
    """One name a thing in the words for notices and warnings; no column changes."""

    dependencies = [("work", "0012_notices_of_documents")]
    operations = [
        migrations.AlterField(
            model_name="notice",
            name="kind",
            field=models.CharField(choices=KINDS, max_length=12),
        ),
        migrations.AlterField(
            model_name="preference",
            name="kind",
            field=models.CharField(choices=KINDS, max_length=12),
        ),
        migrations.AlterField(
            model_name="warned",
            name="level",
            field=models.CharField(choices=LEVELS, max_length=12),
        ),
    ]
