"""How the body came by a resource (A2), and why personal data may be for everybody (A8): asked from the next submission on."""

from django.db import migrations, models

from huitong.catalog.rules import Origin, choices


class Migration(migrations.Migration):
    dependencies = [("catalog", "0006_words_visible")]
    operations = [
        migrations.AddField(model_name="entry", name="origin", field=models.CharField(blank=True, choices=choices(Origin), max_length=12, default=""),
                            preserve_default=False),
        migrations.AddField(model_name="entry", name="personal_reason", field=models.CharField(blank=True, max_length=500, default=""),
                            preserve_default=False),
    ]
