"""A kind of notices of its own for standing documents."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('work', '0011_drafts'),
    ]

    operations = [
        migrations.AlterField(
            model_name='notice',
            name='kind',
            field=models.CharField(choices=[('arrived', '待办到达'), ('warning', '临期提醒'), ('overdue', '超期警示'), ('urged', '催办督办'), ('copied', '抄送'), ('result', '办理结果'), ('comment', '交流留言'), ('followed', '关注的事项'), ('security', '账号安全'), ('document', '制度文件'), ('other', '其他通知')], max_length=12),
        ),
        migrations.AlterField(
            model_name='preference',
            name='kind',
            field=models.CharField(choices=[('arrived', '待办到达'), ('warning', '临期提醒'), ('overdue', '超期警示'), ('urged', '催办督办'), ('copied', '抄送'), ('result', '办理结果'), ('comment', '交流留言'), ('followed', '关注的事项'), ('security', '账号安全'), ('document', '制度文件'), ('other', '其他通知')], max_length=12),
        ),
    ]
