"""Levels of classified protection are written one way: 第三级, 3级, 三 are 三级."""

from django.db import migrations

LEVELS = ("一级", "二级", "三级", "四级", "五级")


def settle(apps, schema_editor):
    systems = apps.get_model("catalog", "InformationSystem").objects
    for number, level in enumerate(LEVELS, 1):
        other = [f"第{level}", level[0], f"{number}级", f"第{number}级", str(number)]
        systems.filter(protection_level__in=other).update(protection_level=level)


class Migration(migrations.Migration):
    dependencies = [("catalog", "0031_systems_retired")]
    operations = [migrations.RunPython(settle, migrations.RunPython.noop)]
