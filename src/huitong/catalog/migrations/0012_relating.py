"""Elements of the national guide of 2017 that were not asked before: 目, 细目, layer, keywords, codes of related resources."""

import django.contrib.postgres.fields
from django.db import migrations, models

from huitong.catalog.rules import Layer, choices


def several(size: int) -> django.contrib.postgres.fields.ArrayField:
    return django.contrib.postgres.fields.ArrayField(
        models.CharField(max_length=size), blank=True, default=list
    )


def text(size: int, **more: object) -> models.CharField:
    return models.CharField(blank=True, default="", max_length=size, **more)


class Migration(migrations.Migration):
    dependencies = [("catalog", "0011_words_people_use")]
    operations = [
        *(
            migrations.AddField("version", name, text(60), preserve_default=False)
            for name in ("catalog_item", "sub_item")
        ),
        migrations.AddField(
            "version", "layer", text(12, choices=choices(Layer)), preserve_default=False
        ),
        migrations.AddField("version", "keywords", several(20)),
        migrations.AddField("version", "related_codes", several(40)),
    ]
