"""An entry may be published in the name of a unit below its department."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("catalog", "0021_rounds"),
        ("organizations", "0001_initial"),
    ]
    operations = [
        migrations.AddField(
            model_name="entry",
            name="unit",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="organizations.body",
            ),
        ),
    ]
