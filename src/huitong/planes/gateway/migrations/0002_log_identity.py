"""A log is known by its first line, no longer by its inode, whose number the next log may get. What was read by then is read once more:
calls are kept once."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('gateway', '0001_initial'),
    ]

    operations = [
        migrations.RunSQL('DELETE FROM gateway_logposition', migrations.RunSQL.noop),
        migrations.RemoveConstraint(model_name='logposition', name='log_position_once'),
        migrations.RemoveField(model_name='logposition', name='inode'),
        migrations.AlterField(model_name='logposition', name='file', field=models.CharField(max_length=40, unique=True)),
    ]
