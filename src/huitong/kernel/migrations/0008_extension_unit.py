"""An extension has a unit of its own: a month may be extended by working days."""

from django.db import migrations, models

FIELD = models.CharField(blank=True, default="", max_length=8)


class Migration(migrations.Migration):
    dependencies = [("kernel", "0007_growth_data")]
    operations = [
        *(
            migrations.AddField(name, "extension_unit", FIELD, preserve_default=False)
            for name in ("clock", "watch")
        ),
        migrations.RunSQL(
            "UPDATE kernel_clock SET extension_unit = unit WHERE extension IS NOT NULL",
            migrations.RunSQL.noop,
        ),
    ]
