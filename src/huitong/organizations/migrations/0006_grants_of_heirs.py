"""Grants in force are open again: where a body was succeeded while they counted as closed, the heir is
their party, as it is of every open case."""

from django.db import migrations


def forward(apps, schema_editor):
    case, succession = apps.get_model("kernel", "Case"), apps.get_model("organizations", "Succession")
    clock = apps.get_model("kernel", "Clock")
    heirs = dict(succession._base_manager.filter(heir=True).order_by("on", "pk").values_list("predecessor", "successor"))

    def last(body):
        seen = set()
        while body in heirs and body not in seen:
            seen.add(body)
            body = heirs[body]
        return body

    for row in case._base_manager.filter(kind="grant", closed_at=None, bodies__overlap=list(heirs)):
        parties = {party: last(body) for party, body in row.parties.items()}
        if parties == row.parties:
            continue
        desks = [desk.partition(":") for desk in row.awaiting]
        row.parties, row.bodies = parties, sorted(set(parties.values()))
        row.awaiting = [f"{last(int(body))}:{post}" for body, _, post in desks]
        row.save(update_fields=["parties", "bodies", "awaiting"])
        for running in clock._base_manager.filter(case=row, stopped_on=None, body__in=list(heirs)):
            running.body = last(running.body)
            running.save(update_fields=["body"])


class Migration(migrations.Migration):
    dependencies = [("organizations", "0005_offices"), ("kernel", "0008_desks")]
    operations = [migrations.RunPython(forward, migrations.RunPython.noop)]
