from django.db import migrations, models


class Migration(migrations.Migration):
    """The last day a lead had before another body replaced it: given back with the lead."""

    dependencies = [("catalog", "0035_version_name")]

    operations = [
        migrations.AddField(
            model_name="lead", name="planned", field=models.DateField(null=True)
        ),
    ]
