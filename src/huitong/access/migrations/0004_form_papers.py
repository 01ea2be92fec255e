import django.db.models.deletion
from django.db import migrations, models

#: acts on a form, and the acts on one of its applications that write it too
ON_FORM = ("access.begin_form", "access.apply", "access.revise", "access.print_form")
ON_APPLICATION = ("application.draft", "access.revise_resource")
WRITER = "consumer:operator"


def gather_hands(apps, schema_editor):
    """Whoever wrote a form has a hand in its applications: read off the ledger for what was written before this was kept."""
    Entry, Case = apps.get_model("kernel", "Entry"), apps.get_model("kernel", "Case")
    Form, Application = apps.get_model("access", "Form"), apps.get_model("access", "Application")
    form_of = {str(pk): form for pk, form in Application.objects.values_list("pk", "form")}
    writers = {}
    acts = Entry.objects.filter(verb__in=ON_FORM + ON_APPLICATION).values_list("verb", "object_id", "person", "actor").order_by("seq")
    for verb, key, person, actor in acts.iterator():
        form = form_of.get(key) if verb in ON_APPLICATION else int(key) if key else None
        for who in (person, actor.get("deputy_for")):
            if form is not None and who is not None:
                writers.setdefault(form, {})[str(who)] = WRITER
    for form, hands in writers.items():
        Form.objects.filter(pk=form).update(hands=hands)
        for case in Case.objects.filter(pk__in=Application.objects.filter(form=form).values("case"), closed_at=None):
            if added := {who: seat for who, seat in hands.items() if who not in case.hands}:
                Case.objects.filter(pk=case.pk).update(hands=case.hands | added)


class Migration(migrations.Migration):

    dependencies = [
        ('access', '0003_form_printed_content'),
        ('kernel', '0004_own_number'),
        ('work', '0001_initial'),
    ]

    operations = [
        migrations.AddField(
            model_name='form',
            name='hands',
            field=models.JSONField(default=dict),
        ),
        migrations.AddField(
            model_name='form',
            name='printed',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+',
                                    to='work.attachment'),
        ),
        migrations.AddField(
            model_name='form',
            name='scan_doubts',
            field=models.JSONField(blank=True, default=list),
        ),
        migrations.RunPython(gather_hands, migrations.RunPython.noop),
    ]
