"""The systems that use data become the information systems of the catalog: the same name in the
same body is the same system.

Forms, grants and credentials name it by its number there, and so do drafts of applications. The
stamp of a submitted case is bound to the system by its number: where it held, it is bound anew.
"""

import hashlib
import json
from typing import Any

import django.db.models.deletion
from django.db import migrations, models

NAMING = ("form", "grant", "credential")
REGISTER = """
UPDATE catalog_informationsystem i
   SET protection_level = s.protection_level, protection_filing = s.protection_filing,
       created_at = least(i.created_at, s.created_at)
  FROM access_applicationsystem s WHERE s.body_id = i.body_id AND s.name = i.name;
INSERT INTO catalog_informationsystem
       (body_id, name, summary, network, builder, protection_level, protection_filing, created_at)
SELECT s.body_id, s.name, '', '', '', s.protection_level, s.protection_filing, s.created_at
  FROM access_applicationsystem s
 WHERE NOT EXISTS (SELECT FROM catalog_informationsystem i
                    WHERE i.body_id = s.body_id AND i.name = s.name)
 ORDER BY s.id;
CREATE TEMPORARY TABLE one_register ON COMMIT DROP AS
SELECT s.id AS was, i.id AS now FROM access_applicationsystem s
  JOIN catalog_informationsystem i ON i.body_id = s.body_id AND i.name = s.name;
"""
POINT = "".join(
    f"UPDATE access_{name} t SET system = r.now FROM one_register r"
    " WHERE r.was = t.system AND r.was <> r.now;"
    for name in NAMING
)
DRAFTS = """
UPDATE work_draft d SET content = jsonb_set(d.content, '{system}', to_jsonb(ARRAY[r.now::text]))
  FROM one_register r WHERE d.kind = 'access.apply' AND d.content -> 'system' ->> -1 = r.was::text;
UPDATE work_savedview v SET list = 'catalog.systems'
 WHERE v.list = 'access.systems'
   AND NOT EXISTS (SELECT FROM work_savedview o
                    WHERE o.person_id = v.person_id AND o.list = 'catalog.systems'
                      AND (o.name = v.name OR o."default" AND v."default"));
SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED;
"""


def one_register(apps: Any, editor: Any) -> None:
    with editor.connection.cursor() as cursor:
        cursor.execute(REGISTER)
        cursor.execute("SELECT was, now FROM one_register WHERE was <> now")
        bind_stamps(apps, dict(cursor.fetchall()))
        cursor.execute(POINT + DRAFTS)


def bind_stamps(apps: Any, numbers: dict[int, int]) -> None:
    """A stamp that no longer held stays as it is: it must not begin to hold."""
    rows = apps.get_model("access", "Application").objects.select_related("form", "case")
    for row in rows.filter(form__system__in=numbers, case__facts__has_key="stamped").iterator():
        facts = row.case.facts
        if facts["stamped"].get("terms") == terms(row, row.form.system):
            facts["stamped"]["terms"] = terms(row, numbers[row.form.system])
            apps.get_model("kernel", "Case").objects.filter(pk=row.case_id).update(facts=facts)


def terms(row: Any, system: int) -> str:
    """What a stamp binds its body to, as `access.queries.prints.terms_of` digests it."""
    form = row.form
    content = {
        "form": form.number,
        "duty": form.duty_id,
        "matter": form.matter_id,
        "system": system,
        "purpose": form.purpose,
        "scenario": form.scenario,
        "period": [form.period_from.isoformat(), form.period_to.isoformat()],
        "mount": row.mount_id,
        "contact": [form.contact, form.phone],
        "scope": row.scope,
        "frequency": row.frequency,
        "target": row.target_id,
        "target_table": row.target_table,
    }
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


class Migration(migrations.Migration):
    dependencies = [
        ("access", "0007_acts_of_cases"),
        ("catalog", "0030_systems"),
        ("work", "0011_drafts"),
    ]
    operations = [
        *(migrations.AlterField(name, "system", models.BigIntegerField()) for name in NAMING),
        migrations.RunPython(one_register),
        *(
            migrations.AlterField(
                name,
                "system",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to="catalog.informationsystem",
                ),
            )
            for name in NAMING
        ),
        migrations.DeleteModel("ApplicationSystem"),
    ]
