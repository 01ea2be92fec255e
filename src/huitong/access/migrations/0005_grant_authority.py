"""Who gave a grant becomes a fact of its case, from the application it was decided on."""

from django.db import migrations


def note_authority(apps, schema_editor):
    for grant in apps.get_model("access", "Grant").objects.select_related("case", "application__case").iterator():
        grant.case.facts = {**grant.case.facts, "authority": grant.application.case.facts.get("authority", "provider")}
        grant.case.save(update_fields=["facts"])


class Migration(migrations.Migration):
    dependencies = [("access", "0004_form_papers"), ("kernel", "0005_grounds")]
    operations = [migrations.RunPython(note_authority, migrations.RunPython.noop)]
