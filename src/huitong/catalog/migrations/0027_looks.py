"""Sources are looked at regularly for what changed in them: monthly where a password is kept."""

from typing import Any

from django.db import migrations, models
from django.utils import timezone

from huitong.catalog.rules import choices
from huitong.catalog.rules.looks import LookCycle, next_look


def plan(apps: Any, editor: Any) -> None:
    day = timezone.localdate()
    first = next_look(LookCycle.MONTH, day, day)
    sources = apps.get_model("catalog", "Database").objects.filter(role="source")
    sources.exclude(secret="").update(
        look_cycle=LookCycle.MONTH.value, look_first=first, look_on=first
    )


class Migration(migrations.Migration):
    dependencies = [("catalog", "0026_report_place")]
    operations = [
        migrations.AddField(
            "database",
            "look_cycle",
            models.CharField(choices=choices(LookCycle), default="off", max_length=12),
        ),
        migrations.AddField("database", "look_first", models.DateField(null=True)),
        migrations.AddField("database", "look_on", models.DateField(null=True)),
        migrations.AlterField("scan", "asked_by", models.BigIntegerField(null=True)),
        migrations.RunPython(plan, migrations.RunPython.noop),
    ]
