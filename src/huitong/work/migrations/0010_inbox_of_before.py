"""What was told before the inbox knew lines and ends: each notice gets its line, and is settled
where its case has moved on since, by whom the ledger says."""

from django.db import migrations


def fill(apps, schema_editor):
    execute = schema_editor.execute
    execute(
        """UPDATE work_notice SET topic = left(split_part(title, '：', 1), 80), rings_at = at,
           "on" = (at AT TIME ZONE 'Asia/Shanghai')::date"""
    )
    execute(
        """
        UPDATE work_notice AS notice
        SET settled_at = coalesce(past.at, now()),
            outcome = CASE WHEN past.name IS NULL THEN ''
                           ELSE left('已由' || past.name || '办理', 200) END
        FROM (
            SELECT old.id, deed.at, deed.name
            FROM work_notice AS old
            JOIN kernel_case AS matter ON matter.id = old.case_id
            LEFT JOIN LATERAL (
                SELECT entry.at, entry.actor ->> 'name' AS name
                FROM kernel_entry AS entry
                WHERE entry.case = matter.id
                -- the first act after it; of a notice that came late, the last before it
                ORDER BY entry.at < old.at,
                         CASE WHEN entry.at < old.at THEN -entry.seq ELSE entry.seq END
                LIMIT 1
            ) AS deed ON true
            WHERE old.kind IN ('arrived', 'urged', 'warning', 'overdue')
              AND (old.at < matter.entered_at OR matter.awaiting = '{}')
        ) AS past
        WHERE past.id = notice.id
        """
    )


class Migration(migrations.Migration):
    dependencies = [("work", "0009_inbox")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
