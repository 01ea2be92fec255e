"""A form keeps what was undertaken by submitting it (A30)."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("access", "0012_grant_ends")]
    operations = [
        migrations.AddField("form", "undertaken", models.JSONField(blank=True, default=dict)),
    ]
