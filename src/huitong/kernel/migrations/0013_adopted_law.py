from django.db import migrations, models


class Migration(migrations.Migration):
    """Which laws new cases run under, dated (A36)."""

    dependencies = [("kernel", "0012_case_entered")]
    operations = [
        migrations.CreateModel(
            name="AdoptedLaw",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("law", models.CharField(max_length=40)),
                ("in_force", models.DateField()),
                ("until", models.DateField(blank=True, null=True)),
                ("basis", models.CharField(max_length=300)),
            ],
            options={"constraints": [models.UniqueConstraint(fields=("law", "in_force"), name="law_adopted_once_a_day")]},
        ),
    ]
