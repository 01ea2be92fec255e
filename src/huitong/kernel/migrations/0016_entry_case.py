from django.db import migrations, models


class Migration(migrations.Migration):
    """Whose the entries of a case are, told by the index alone."""

    dependencies = [
        ('kernel', '0015_case_seen'),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name='entry',
            name='kernel_entr_case_2ad85b_idx',
        ),
        migrations.AddIndex(
            model_name='entry',
            index=models.Index(fields=['case', 'seq'], include=('person',), name='entry_case'),
        ),
    ]
