from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('access', '0002_grant_until'),
    ]

    operations = [
        migrations.AddField(
            model_name='form',
            name='printed_content',
            field=models.JSONField(blank=True, default=dict),
        ),
    ]
