import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('access', '0005_grant_authority'),
    ]

    operations = [
        migrations.CreateModel(
            name='Serving',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('plane', models.CharField(max_length=12)),
                ('since', models.DateTimeField()),
                ('stopped_at', models.DateTimeField(null=True)),
                ('grant', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='access.grant')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('grant', 'plane'), name='serving_once')],
            },
        ),
    ]
