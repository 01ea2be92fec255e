"""Copies and uploads belong to who somebody is in a body: what is there gets the body in which it was given or made."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import migrations, models
from django.db.models import F, Q

BUSINESS = ("operator", "manager")


def fill(apps: Any, editor: Any) -> None:
    """An upload's body stands in its ledger entry; a copy's is the party in which its holder then had a business post.

    Bodies followed since are followed here too. Where nothing fits the body stays empty, and the row counts for nothing.
    """
    heirs = dict(apps.get_model("organizations", "Succession").objects.filter(heir=True).values_list("predecessor", "successor"))

    def today(body: int) -> int:
        passed = set[int]()
        while body in heirs and body not in passed:
            passed.add(body)
            body = heirs[body]
        return body

    made: dict[str, int] = {}
    entries = apps.get_model("kernel", "Entry").objects.filter(verb="work.take_in", body__isnull=False).order_by("seq")
    for key, body in entries.values_list("object_id", "body").iterator():
        made.setdefault(key, today(body))
    uploads = apps.get_model("work", "Attachment").objects
    for body in set(made.values()):
        models.QuerySet.update(uploads.filter(pk__in=[int(key) for key, value in made.items() if value == body]), body=body)
    postings = apps.get_model("organizations", "Posting").objects
    for copy in apps.get_model("work", "Copy").objects.select_related("case").iterator():
        held = postings.filter(Q(valid_to=None) | Q(valid_to__gte=copy.at.date()), person=copy.person_id, post__in=BUSINESS,
                               valid_from__lte=copy.at.date(), body__in=copy.case.bodies)
        if (body := held.order_by(F("deputy_of").asc(nulls_first=True), "pk").values_list("body", flat=True).first()) is not None:
            models.QuerySet.update(apps.get_model("work", "Copy").objects.filter(pk=copy.pk), body=today(body))


class Migration(migrations.Migration):

    dependencies = [
        ("work", "0001_initial"),
        ("kernel", "0004_own_number"),
        ("organizations", "0002_words"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField("attachment", "body", models.BigIntegerField(null=True)),
        migrations.AddField("copy", "body", models.BigIntegerField(null=True)),
        migrations.RemoveConstraint("attachment", "attachment_once"),
        migrations.AddConstraint("attachment", models.UniqueConstraint(
            fields=["uploader", "body", "sha256", "name"], name="attachment_once", nulls_distinct=False)),
        migrations.RemoveConstraint("copy", "copy_once"),
        migrations.AddConstraint("copy", models.UniqueConstraint(
            fields=["person", "case", "body"], name="copy_once", nulls_distinct=False)),
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
