"""A level whose day has moved is warned of again."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("work", "0006_notices_with_an_address")]
    operations = [
        migrations.RemoveConstraint("warned", "warned_once"),
        migrations.RemoveConstraint("warned", "watch_warned_once"),
        migrations.AddConstraint("warned", models.UniqueConstraint(fields=["clock", "level", "on"], name="warned_once")),
        migrations.AddConstraint("warned", models.UniqueConstraint(fields=["watch", "level", "on"], name="watch_warned_once")),
    ]
