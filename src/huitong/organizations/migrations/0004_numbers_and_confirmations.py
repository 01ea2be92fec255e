"""Bodies get their number in codes, duties what the bureau has confirmed of them.

A body's number begins as the key that codes were made of so far, so that every counter goes on where it stands. A duty counts as
confirmed when it names its source and no hand of its own body wrote it, as far as the ledger knows; the bureau confirms the rest.
"""

from typing import Any

from django.db import migrations, models
from django.utils import timezone

SEQUENCE = "organizations_body_number"


def number(apps: Any, editor: Any) -> None:
    editor.execute("UPDATE organizations_body SET number = id")
    editor.execute(f"SELECT setval('{SEQUENCE}', greatest((SELECT max(id) FROM organizations_body), 1),"
                   " EXISTS (SELECT FROM organizations_body))")


def confirm(apps: Any, editor: Any) -> None:
    acts = apps.get_model("kernel", "Entry").objects
    duties = apps.get_model("organizations", "Duty").objects
    own = {(int(pk), body) for pk, body in acts.filter(verb__in=["organizations.add_duty", "organizations.edit_duty"])
           .values_list("object_id", "body") if pk}
    imported = set(acts.filter(verb="organizations.import_duties").values_list("body", flat=True))
    kept = [pk for pk, body in duties.exclude(source="").values_list("pk", "body_id") if (pk, body) not in own and body not in imported]
    duties.filter(pk__in=kept).update(confirmed_at=timezone.now(), confirmed_by="平台升级前已登记")


class Migration(migrations.Migration):
    dependencies = [("organizations", "0003_account_changes"), ("kernel", "0004_own_number")]
    operations = [
        migrations.RunSQL(f"CREATE SEQUENCE {SEQUENCE} AS integer", f"DROP SEQUENCE {SEQUENCE}"),
        migrations.AddField(
            model_name="body", name="number",
            field=models.PositiveIntegerField(db_default=models.Func(models.Value(SEQUENCE), function="nextval",
                                                                     output_field=models.PositiveIntegerField()))),
        migrations.AddField(model_name="duty", name="confirmed_at", field=models.DateTimeField(null=True)),
        migrations.AddField(model_name="duty", name="confirmed_by", field=models.CharField(blank=True, max_length=60)),
        migrations.AddField(model_name="duty", name="written_by", field=models.BigIntegerField(null=True)),
        migrations.RunPython(number, migrations.RunPython.noop),
        migrations.RunPython(confirm, migrations.RunPython.noop),
        # what was written above waits for the end to have its foreign keys checked, and no index is made on a table that waits
        migrations.RunSQL("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED", migrations.RunSQL.noop),
        migrations.AddConstraint(model_name="body", constraint=models.UniqueConstraint(
            condition=models.Q(("valid_to", None)), fields=("number",), name="body_number_once")),
        migrations.AddConstraint(model_name="duty", constraint=models.CheckConstraint(
            condition=models.Q(("confirmed_at", None), models.Q(("source", ""), _negated=True), _connector="OR"),
            name="duty_confirmed_by_source")),
    ]
