"""What was done on forms and data before belongs to the cases of the form, as it does from now on."""

from django.db import migrations

LINK = """
INSERT INTO kernel_actofcase (case_id, entry_id)
SELECT (e.after ->> 'case')::bigint, e.seq FROM kernel_entry e
WHERE e.verb = 'access.simulate' AND e.after ? 'case'
ON CONFLICT DO NOTHING;
INSERT INTO kernel_actofcase (case_id, entry_id)
SELECT a.case_id, e.seq FROM kernel_entry e
JOIN access_application a ON e.object_type = 'access.form' AND e.object_id = a.form_id::text
WHERE e.case IS NULL
ON CONFLICT DO NOTHING;
"""


class Migration(migrations.Migration):
    dependencies = [("access", "0006_serving"), ("kernel", "0007_growth_data")]
    operations = [migrations.RunSQL(LINK, migrations.RunSQL.noop)]
