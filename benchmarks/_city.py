"""A city after years of use, planted within a minute: the registers and accounts of the
demonstration, and by SQL thousands of entries and cases whose pages are whole.

Every fifth entry is mounted; of the cases a fifth are those of the entries, half are applications
(one in five still open), the rest grants. All that references something is there, so that no page
looks emptier than in life; files and sealed evidence are not.
"""

from __future__ import annotations

import json
from typing import Any

import psycopg
from psycopg import sql

from benchmarks._catalog import ITEMS, PEOPLE, Catalog


class City(Catalog):
    """The catalog, and what was asked and granted of it."""

    def plant(self) -> None:
        self.people()
        self.catalog()
        self.sharing()
        self.records()
        self.close()

    def sharing(self) -> None:
        """Applications by all departments for what is mounted, and the grants of those granted."""
        applications = self.cases // 2
        granted = self.cases - self.entries - applications
        self.insert(
            "organizations_duty",
            "place",
            id="10000 + n",
            body_id="id",
            text="'负责本领域行政审批和公共服务'",
            source="'三定规定'",
            valid_from="date '2020-02-19'",
            confirmed_at="now()",
        )
        self.db.execute(
            "CREATE TEMP TABLE asked AS SELECT g, m.id AS mount, e.id AS entry, v.name,"
            " e.body_id AS provider, p.id AS consumer, p.n, p.many, p.short_name, p.bureau,"
            " now() - g * interval '15 minutes' AS at,"
            f" CASE WHEN g <= {granted} THEN 'granted' WHEN g % 10 < 4 THEN 'refused'"
            "  WHEN g % 10 < 8 THEN 'with_provider' ELSE 'submitted' END AS state"
            f" FROM generate_series(1, {applications}) AS g"
            " JOIN LATERAL (SELECT id, entry_id FROM publishing_mount"
            f"   WHERE id = (SELECT 10 * (g * 13 % {max(self.entries // 50, 1)}) + 1 + g % 9)) m"
            "   ON true"
            " JOIN catalog_entry e ON e.id = m.entry_id JOIN catalog_version v ON v.id = e.id"
            " JOIN place p ON p.n = g * 17 % p.many AND p.id <> e.body_id"
        )
        scope = json.dumps({"items": [item[0] for item in ITEMS[:6]]}, ensure_ascii=False)
        parties = "jsonb_build_object('consumer', consumer, 'provider', provider, 'bureau', bureau)"
        case: dict[str, str] = {
            "law": "'nantong-2020'",
            "title": "short_name || '申请使用“' || name || '”'",
            "parties": parties,
            "bodies": "ARRAY(SELECT DISTINCT unnest(ARRAY[consumer, provider, bureau]))",
            "overseen": "true",
            "facts": '\'{"authority": "provider"}\'::jsonb',
            "opened_at": "at",
            # a reader of the consumer, see `Catalog.people`
            "opened_by": f"{PEOPLE} + CASE WHEN n = 0 THEN many ELSE n + many * (g % 2) END",
        }
        self.insert(
            "kernel_case",
            "asked",
            **case,
            id=f"{self.entries} + g",
            kind="'application'",
            number="'SQ' || g",
            state="state",
            entered_at="at + interval '1 day'",
            closed_at="CASE WHEN state IN ('granted', 'refused') THEN at + interval '1 day' END",
            awaiting="CASE state WHEN 'with_provider' THEN ARRAY[provider || ':manager']"
            " WHEN 'submitted' THEN ARRAY[bureau || ':operator'] ELSE '{}' END",
            due_on="CASE WHEN state IN ('with_provider', 'submitted')"
            " THEN current_date + (g % 12)::int END",
        )
        self.insert(
            "access_form",
            "asked",
            id="g",
            number="'SQB' || g",
            consumer_id="consumer",
            duty_id="10000 + n",
            system_id="n * 3 + 1",
            purpose="'核验申请人资格，减少群众重复提交材料。'",
            period_from="current_date - 30",
            period_to="current_date + 330",
            contact="'李经办'",
            phone="'0513-85512345'",
            version="1",
            opened_by=case["opened_by"],
            opened_at="at",
            submitted_at="at",
        )
        self.insert(
            "access_application",
            "asked",
            id="g",
            form_id="g",
            case_id=f"{self.entries} + g",
            mount_id="mount",
            scope=f"'{scope}'::jsonb",
            frequency="'每日'",
        )
        self.insert(
            "kernel_case",
            "asked WHERE state = 'granted'",
            **case,
            id=f"{self.entries + applications} + g",
            kind="'grant'",
            number="'SH' || g",
            state="CASE WHEN g % 3 = 0 THEN 'active' ELSE 'expired' END",
            entered_at="at + interval '1 day'",
            closed_at="CASE WHEN g % 3 > 0 THEN now() - interval '1 day' END",
        )
        self.insert(
            "access_grant",
            "asked WHERE state = 'granted'",
            id="g",
            case_id=f"{self.entries + applications} + g",
            application_id="g",
            mount_id="mount",
            consumer_id="consumer",
            system_id="n * 3 + 1",
            purpose="'核验申请人资格，减少群众重复提交材料。'",
            scope=f"'{scope}'::jsonb",
            per_second="10",
            valid_from="current_date - 30",
            valid_to="current_date + (g % 360)::int",
            ended_at="CASE WHEN g % 3 > 0 THEN now() - interval '1 day' END",
        )

    def records(self) -> None:
        """An entry of the ledger for each case, clocks of the open ones, notices of each reader."""
        self.insert(
            "kernel_entry",
            f"kernel_case AS c LEFT JOIN organizations_body b ON b.id = c.bodies[1]"
            f" WHERE c.id <= {self.cases}",
            seq="1000 + c.id",
            at="c.opened_at",
            actor="jsonb_build_object('person', c.opened_by, 'name', '读者', 'body', c.bodies[1],"
            " 'body_name', b.short_name, 'posts', ARRAY['operator'], 'via', 'page')",
            person="c.opened_by",
            body="c.bodies[1]",
            verb="CASE c.kind WHEN 'grant' THEN 'grant.issue' ELSE c.kind || '.draft' END",
            article="'A20'",
            law="'nantong-2020'",
            kind="c.kind",
            case="c.id",
            object_type="'kernel.case'",
            object_id="c.id::text",
            after="jsonb_build_object('state', 'draft', 'given', '{}'::jsonb)",
        )
        self.insert(
            "kernel_clock",
            "kernel_case WHERE due_on IS NOT NULL",
            case_id="id",
            name="CASE state WHEN 'submitted' THEN 'acceptance' ELSE 'decision' END",
            state="state",
            article="CASE state WHEN 'submitted' THEN 'A21' ELSE 'A22' END",
            party="CASE state WHEN 'submitted' THEN 'bureau' ELSE 'provider' END",
            post="split_part(awaiting[1], ':', 2)",
            body="split_part(awaiting[1], ':', 1)::bigint",
            amount="10",
            unit="'wd'",
            started_on="entered_at::date",
            half_on="due_on",
            warn_on="due_on",
            due_on="due_on",
        )
        self.insert(
            "work_notice",
            f"kernel_case AS c WHERE c.id > {self.entries}",
            person_id="c.opened_by",
            kind="'result'",
            title="'事项有了结果：' || c.title",
            case_id="c.id",
            at="c.entered_at",
            read_at="CASE WHEN c.id % 20 > 0 THEN c.entered_at END",
        )


def plant(url: str, entries: int = 20_000, cases: int = 100_000) -> dict[str, Any]:
    """Plant them; returns the numbers there are. ``url``: the installation's database, as its
    superuser."""
    City(url, entries, cases).plant()
    with psycopg.connect(url) as db:
        counts = {}
        for name in ("catalog_entry", "kernel_case", "work_notice", "kernel_entry"):
            query = sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(name))
            counts[name.split("_")[1]] = (db.execute(query).fetchone() or [0])[0]
        return counts
