from django.db import migrations, models


class Migration(migrations.Migration):
    """Lists of applications and grants by the name of a resource."""

    dependencies = [
        ('catalog', '0034_leads'),
        ('kernel', '0014_case_due'),
    ]

    operations = [
        migrations.AddIndex(
            model_name='version',
            index=models.Index(fields=['name'], name='version_name'),
        ),
    ]
