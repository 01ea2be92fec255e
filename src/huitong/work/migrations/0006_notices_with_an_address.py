"""One act may mean something for several things that are no cases: each is told of with its own
address."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("work", "0005_notices_of_an_act")]

    operations = [
        migrations.RemoveConstraint("notice", "notice_once"),
        migrations.AddConstraint(
            "notice",
            models.UniqueConstraint(
                fields=["act", "person", "kind", "url"],
                condition=~models.Q(act="") & models.Q(case=None),
                name="notice_once",
            ),
        ),
    ]
