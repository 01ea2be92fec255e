"""The text an entry is found by is kept folded, and what it shares with others stands apart (`rules.finding`)."""

from typing import Any

from django.db import migrations

from huitong.catalog.rules import Category, words_for


def fold(apps: Any, editor: Any) -> None:
    entries = apps.get_model("catalog", "Entry").objects
    for entry in entries.select_related("system").prefetch_related("items").iterator(500):
        context = [entry.system.name if entry.system else "", Category(entry.category).label if entry.category else ""]
        items = [(item.name, item.column) for item in entry.items.all()]
        entries.filter(pk=entry.pk).update(words=words_for(entry.name, entry.summary, items, context))


class Migration(migrations.Migration):
    dependencies = [("catalog", "0004_entry_changed")]
    operations = [migrations.RunPython(fold, migrations.RunPython.noop)]
