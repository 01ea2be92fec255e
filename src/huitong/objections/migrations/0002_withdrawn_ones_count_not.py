"""A doubt raised again and withdrawn may be raised again anew."""

from django.db import migrations, models
from django.db.models.deletion import PROTECT


class Migration(migrations.Migration):
    dependencies = [("objections", "0001_initial")]
    operations = [
        migrations.AlterField(
            "objection",
            "again_of",
            models.ForeignKey(
                "objections.objection", null=True, on_delete=PROTECT, related_name="successors"
            ),
        )
    ]
