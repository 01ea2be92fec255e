import django.contrib.postgres.indexes
from django.db import migrations, models


class Migration(migrations.Migration):
    """The open cases of a body, however many are closed."""

    dependencies = [("kernel", "0010_undoable")]
    operations = [
        migrations.AddIndex(
            model_name="case",
            index=django.contrib.postgres.indexes.GinIndex(
                condition=models.Q(("closed_at", None)), fields=["bodies"], name="case_open_bodies"
            ),
        )
    ]
