"""What the bureau enters in a department's place is marked so."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("catalog", "0027_looks")]
    operations = [
        migrations.AddField(
            model_name="version",
            name="entered_by",
            field=models.CharField(blank=True, default="", max_length=120),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="changeset",
            name="entered_by",
            field=models.CharField(blank=True, default="", max_length=120),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="changeset",
            name="entering",
            field=models.JSONField(blank=True, default=dict),
        ),
    ]
