"""A notice names the act it is told of, so that nobody is told of one act twice."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [("work", "0004_warned_of_watches")]

    operations = [
        migrations.AddField("notice", "act", models.CharField(blank=True, default="", max_length=40), preserve_default=False),
        migrations.AddConstraint("notice", models.UniqueConstraint(
            fields=["act", "person", "kind", "case"], condition=~models.Q(act="") & ~models.Q(case=None), name="notice_of_a_case_once")),
        migrations.AddConstraint("notice", models.UniqueConstraint(
            fields=["act", "person", "kind"], condition=~models.Q(act="") & models.Q(case=None), name="notice_once")),
    ]
