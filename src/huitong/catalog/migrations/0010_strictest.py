"""An item starts at its strictest; why a suggestion about it is not followed is kept beside it."""

from django.db import migrations, models

from huitong.catalog.rules import STRICTEST, Level, ShareClass, choices


class Migration(migrations.Migration):
    dependencies = [("catalog", "0009_guards")]
    operations = [
        migrations.AddField("item", "declined", models.CharField(blank=True, max_length=300, default=""), preserve_default=False),
        migrations.AlterField("item", "level", models.CharField(choices=choices(Level), default=STRICTEST.level, max_length=1)),
        migrations.AlterField("item", "share_class", models.CharField(choices=choices(ShareClass), default=STRICTEST.share_class, max_length=1)),
        migrations.AlterField("item", "mask", models.CharField(blank=True, default=STRICTEST.mask, max_length=30)),
    ]
