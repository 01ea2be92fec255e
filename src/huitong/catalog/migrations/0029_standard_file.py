"""A data standard carries its text."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("catalog", "0028_entered"), ("work", "0001_initial")]
    operations = [
        migrations.AddField(
            model_name="standard",
            name="file",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="work.attachment",
            ),
        ),
    ]
