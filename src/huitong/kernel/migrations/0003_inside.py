"""A case lies inside the body that begins it until it comes to another party; those begun before are looked up in the ledger."""

from django.db import migrations, models

# the kinds there were, the party that begins them, and the step by which they leave it
STILL_INSIDE = """
UPDATE kernel_case c SET inside = (c.parties ->> begun.party)::bigint
FROM (VALUES ('entry', 'provider', 'entry.pass_department'), ('application', 'consumer', 'application.submit')) AS begun(kind, party, step)
WHERE c.kind = begun.kind AND NOT EXISTS (SELECT FROM kernel_entry e WHERE e."case" = c.id AND e.verb = begun.step);
"""


class Migration(migrations.Migration):
    dependencies = [("kernel", "0002_ledger_and_limits")]
    operations = [
        migrations.AddField(model_name="case", name="inside", field=models.BigIntegerField(null=True)),
        migrations.RunSQL(STILL_INSIDE, migrations.RunSQL.noop),
    ]
