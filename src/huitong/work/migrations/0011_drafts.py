"""What a person is filling in and has not handed in."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ("work", "0010_inbox_of_before"),
    ]

    operations = [
        migrations.CreateModel("Draft", [
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("body", models.BigIntegerField()),
            ("kind", models.CharField(max_length=60)),
            ("key", models.CharField(max_length=60)),
            ("title", models.CharField(max_length=300)),
            ("url", models.CharField(max_length=300)),
            ("content", models.JSONField(default=dict)),
            ("turn", models.PositiveIntegerField(default=1)),
            ("started_at", models.DateTimeField()),
            ("saved_at", models.DateTimeField()),
            ("deleted_at", models.DateTimeField(null=True)),
            ("person", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL)),
        ], options={
            "indexes": [models.Index(fields=["saved_at"], name="work_draft_saved_a_480289_idx")],
            "constraints": [models.UniqueConstraint(fields=["person", "body", "kind", "key"], name="draft_once")],
        }),
    ]
