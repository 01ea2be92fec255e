"""Changes of accounts that wait for their release, one-time passwords that end, tokens bound to the posts they were made with."""

from __future__ import annotations

from typing import Any

import django.contrib.postgres.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.models import Q
from django.utils import timezone

from huitong.kernel.workdays import today
from huitong.organizations.rules import ADMINISTRATORS, security_limit


def bind(apps: Any, editor: Any) -> None:
    """Living tokens get the postings their person held on the day they were made; those of administrators end. One-time
    passwords given out before live as long as if they had been given out now."""
    tokens, postings = apps.get_model("organizations", "Token").objects, apps.get_model("organizations", "Posting").objects
    for token in tokens.filter(revoked_at=None).iterator():
        held = postings.filter(Q(valid_to=None) | Q(valid_to__gte=today()), person=token.person_id, body=token.body_id,
                               valid_from__lte=token.created_at.date())
        models.QuerySet.update(tokens.filter(pk=token.pk), postings=sorted(held.values_list("pk", flat=True)))
    guarded = postings.filter(Q(valid_to=None) | Q(valid_to__gte=today()), post__in=sorted(ADMINISTRATORS)).values("person")
    models.QuerySet.update(tokens.filter(revoked_at=None, person__in=guarded), revoked_at=timezone.now())
    until = timezone.now() + security_limit("one_time_password", today()).span
    models.QuerySet.update(apps.get_model("organizations", "Person").objects.filter(must_change_password=True), one_time_until=until)


class Migration(migrations.Migration):

    dependencies = [("organizations", "0002_words")]

    operations = [
        migrations.AddField("person", "one_time_until", models.DateTimeField(blank=True, null=True)),
        migrations.AddField("token", "postings", django.contrib.postgres.fields.ArrayField(
            base_field=models.BigIntegerField(), default=list, size=None)),
        migrations.CreateModel(
            name="AccountChange",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(choices=[("opened", "开设账号"), ("enabled", "启用账号"), ("password", "重置密码"),
                                                   ("email", "更换电子邮箱")], max_length=12)),
                ("asked_at", models.DateTimeField(auto_now_add=True)),
                ("expires_at", models.DateTimeField()),
                ("email", models.EmailField(blank=True, max_length=254)),
                ("password", models.CharField(blank=True, max_length=128)),
                ("second_half", models.CharField(blank=True, max_length=200)),
                ("settled_at", models.DateTimeField(blank=True, null=True)),
                ("released", models.BooleanField(default=False)),
                ("asked_by", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL)),
                ("person", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="changes", to=settings.AUTH_USER_MODEL)),
                ("settled_by", models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+",
                                                 to=settings.AUTH_USER_MODEL)),
            ],
            options={"constraints": [models.UniqueConstraint(condition=models.Q(("settled_at", None)), fields=("person", "kind"),
                                                             name="account_change_once")]},
        ),
        migrations.RunPython(bind, migrations.RunPython.noop),
    ]
