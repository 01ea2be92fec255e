"""An information system says its classified protection, as the systems that use data did (A28)."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("catalog", "0029_standard_file")]
    operations = [
        migrations.AddField(
            "informationsystem",
            name,
            models.CharField(blank=True, default="", max_length=size),
            preserve_default=False,
        )
        for name, size in (("protection_level", 8), ("protection_filing", 60))
    ]
