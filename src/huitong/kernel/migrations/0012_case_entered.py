from django.db import migrations, models


class Migration(migrations.Migration):
    """What moved lately, of one kind: the follower of the catalog asks twice a second."""

    dependencies = [("kernel", "0011_open_bodies")]
    operations = [
        migrations.AddIndex(
            model_name="case",
            index=models.Index(fields=["kind", "entered_at"], name="case_entered"),
        )
    ]
