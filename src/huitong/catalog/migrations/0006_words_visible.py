"""The text an entry is found by holds nothing unseen (`rules.finding`)."""

from typing import Any

from django.db import migrations

from huitong.ui.rules import visible


def clean(apps: Any, editor: Any) -> None:
    entries = apps.get_model("catalog", "Entry").objects
    for pk, words in entries.values_list("pk", "words").iterator(2000):
        if (seen := visible(words)) != words:
            entries.filter(pk=pk).update(words=seen)


class Migration(migrations.Migration):
    dependencies = [("catalog", "0005_words_folded")]
    operations = [migrations.RunPython(clean, migrations.RunPython.noop)]
