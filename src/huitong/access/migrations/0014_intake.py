"""A table of grants an older platform gave, and its rows, each the mark of the grant it became
(A19)."""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('access', '0013_undertaken'),
        ('kernel', '0013_adopted_law'),
        ('work', '0012_notices_of_documents'),
    ]

    operations = [
        migrations.CreateModel(
            name='Intake',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('source', models.CharField(max_length=60)),
                ('papers', django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), blank=True, default=list, size=None)),
                ('prepared_by', models.CharField(max_length=60)),
                ('confirmed_by', models.CharField(blank=True, max_length=60)),
                ('confirmed_at', models.DateTimeField(null=True)),
                ('case', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='kernel.case')),
            ],
            options={
                'ordering': ['-pk'],
            },
        ),
        migrations.CreateModel(
            name='IntakeRow',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('row', models.PositiveIntegerField()),
                ('source', models.CharField(max_length=60)),
                ('number', models.CharField(max_length=60)),
                ('given', models.JSONField()),
                ('decided_on', models.DateField()),
                ('decided_by', models.CharField(max_length=12)),
                ('note', models.CharField(blank=True, max_length=300)),
                ('void', models.BooleanField(default=False)),
                ('grant', models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='intake_row', to='access.grant')),
                ('intake', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='rows', to='access.intake')),
                ('paper', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='work.attachment')),
            ],
            options={
                'ordering': ['row'],
                'constraints': [models.UniqueConstraint(condition=models.Q(('void', False)), fields=('source', 'number'), name='intake_number_once')],
            },
        ),
    ]
