"""The people and the catalog of a city after years of use, planted by SQL (see `_city`)."""

from __future__ import annotations

import json

import psycopg
from psycopg import sql

#: so many readers have accounts of their own
READERS = 200
#: their keys come after it, far from those of the accounts there were before
PEOPLE = 1_000_000
#: a question whose words stand in every entry
EVERYWHERE = "信息"

TOPICS = [
    "婚姻登记",
    "社会保险参保",
    "不动产登记",
    "企业登记",
    "行政处罚",
    "医疗机构",
    "学籍",
    "道路运输许可",
    "建筑业资质",
    "食品经营许可",
    "残疾人",
    "低保对象",
    "公积金缴存",
    "户籍",
    "排污许可",
    "取水许可",
    "律师执业",
    "志愿服务",
    "殡葬服务",
    "养老机构",
]
SCOPES = [
    "全市",
    "市区",
    "如东县",
    "海安市",
    "启东市",
    "如皋市",
    "崇川区",
    "通州区",
    "海门区",
    "开发区",
]
SUMMARY = (
    "依照职责办理并逐日汇总的登记信息，包括办理单位、办理时间、办理结果和有效期限；"
    "1998 年以来的全部记录，每日更新，历史数据已清洗入库。"
)
#: what every second entry says instead
DAILY, MONTHLY = "每日更新", "每月更新"
#: words that stand in every summary
STANDING = [
    "依照",
    "职责",
    "办理",
    "逐日",
    "汇总",
    "单位",
    "时间",
    "结果",
    "有效",
    "期限",
    "以来",
    "全部",
    "记录",
    "更新",
    "历史",
    "数据",
    "清洗",
    "入库",
]
ITEMS = (
    ("登记编号", "reg_no", "C", True, "", "1"),
    ("当事人姓名", "person_name", "C", False, "name", "3"),
    ("身份号码", "id_no", "C", False, "citizen_number", "3"),
    ("联系电话", "phone", "C", False, "mobile", "3"),
    ("办理日期", "handled_on", "D", False, "", "2"),
    ("办理机关", "office", "C", False, "", "2"),
    ("机关区划", "area", "C", False, "", "2"),
    ("登记状态", "state", "C", False, "", "2"),
)

#: what stands in a column that must not be empty and of which a planting says nothing
FILLED = {
    "text": "''",
    "character varying": "''",
    "jsonb": "'{}'::jsonb",
    "ARRAY": "'{}'",
    "boolean": "false",
    "timestamp with time zone": "now()",
    "date": "current_date",
    "integer": "0",
    "smallint": "0",
    "bigint": "0",
}
LISTS = {
    "control_parameters",
    "pauses",
    "postings",
    "scan_doubts",
    "sharing_terms",
    "struck",
    "tables",
}


class Catalog:
    """Plants into an installed, empty city, as the database's superuser: triggers and foreign
    keys are not asked meanwhile, and indexes built at the end, as for a restored dump."""

    def __init__(self, url: str, entries: int, cases: int) -> None:
        self.db = psycopg.connect(url, autocommit=False)
        self.entries, self.cases = entries, cases
        self.db.execute("SET session_replication_role = replica")
        self.db.execute("SET maintenance_work_mem = '256MB'")
        self.indexes = self.db.execute(
            "SELECT i.indexrelid::regclass::text, pg_get_indexdef(i.indexrelid) FROM pg_index i"
            " JOIN pg_class c ON c.oid = i.indrelid AND c.relnamespace = 'public'::regnamespace"
            " WHERE NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = i.indexrelid)"
        ).fetchall()
        for name, _ in self.indexes:
            self.db.execute(sql.SQL("DROP INDEX {}").format(sql.SQL(name)))

    def insert(self, table: str, source: str, /, **columns: str) -> None:
        """``INSERT INTO table (columns) SELECT expressions FROM source``, every other column
        that must have a value filled with nothing."""
        rows = self.db.execute(
            "SELECT column_name, data_type FROM information_schema.columns WHERE table_name = %s"
            " AND is_nullable = 'NO' AND column_default IS NULL AND is_identity = 'NO'",
            [table],
        ).fetchall()
        values = {
            name: "'[]'::jsonb" if name in LISTS and kind == "jsonb" else FILLED[kind]
            for name, kind in rows
        } | columns
        statement = sql.SQL("INSERT INTO {} ({}) SELECT {} FROM ").format(
            sql.Identifier(table),
            sql.SQL(", ").join(map(sql.Identifier, values)),
            sql.SQL(", ").join(map(sql.SQL, values.values())),
        )
        self.db.execute(statement + sql.SQL(source))

    def close(self) -> None:
        """Build the indexes, move every sequence on, commit, and let the planner know what there
        is."""
        for _, definition in self.indexes:
            self.db.execute(sql.SQL(definition))
        tables = self.db.execute(
            "SELECT tablename, c.column_name FROM pg_tables JOIN information_schema.columns c"
            " ON c.table_name = tablename WHERE schemaname = 'public' AND is_identity = 'YES'"
        ).fetchall()
        for table, column in tables:
            names = {"t": sql.Identifier(table), "c": sql.Identifier(column)}
            self.db.execute(
                sql.SQL(
                    "SELECT setval(pg_get_serial_sequence({n}, {k}),"
                    " coalesce((SELECT max({c}) FROM {t}), 0) + 1, false)"
                ).format(n=sql.Literal(table), k=sql.Literal(column), **names)
            )
        self.db.commit()
        self.db.autocommit = True
        self.db.execute("VACUUM ANALYZE")
        self.db.close()

    def people(self) -> None:
        """Readers: operators, spread over the departments that take part in the exchange."""
        self.db.execute(
            "CREATE TEMP TABLE place AS SELECT row_number() OVER (ORDER BY id) - 1 AS n, id, "
            "short_name, count(*) OVER () AS many, (SELECT id FROM organizations_body WHERE"
            " is_bureau) AS bureau FROM organizations_body WHERE valid_to IS NULL"
        )
        self.insert(
            "organizations_person",
            f"generate_series(1, {READERS}) AS g",
            id=f"{PEOPLE} + g",
            username="'reader' || g",
            name="'读者' || g",
            password="(SELECT password FROM organizations_person LIMIT 1)",
            is_active="true",
        )
        self.insert(
            "organizations_posting",
            f"generate_series(1, {READERS}) AS g JOIN place ON n = g % many",
            id=f"{PEOPLE} + g",
            person_id=f"{PEOPLE} + g",
            body_id="place.id",
            post="'operator'",
            valid_from="date '2021-01-01'",
        )

    def catalog(self, items: int = len(ITEMS)) -> None:
        """Entries whose words are whole; so many of their items are rows, too."""
        topics, scopes = (
            "(ARRAY[" + ",".join(f"'{word}'" for word in words) + "])" for words in (TOPICS, SCOPES)
        )
        name = (
            f"{scopes}[1 + g % {len(SCOPES)}] || {topics}[1 + g / 7 % {len(TOPICS)}]"
            " || '信息（' || g || '）'"
        )
        self.insert(
            "catalog_informationsystem",
            "place, generate_series(1, 3) AS g",
            id="place.n * 3 + g",
            body_id="place.id",
            name="short_name || '业务系统' || g",
            protection_level="'3'",
        )
        self.insert(
            "catalog_database",
            "place",
            id="n + 1",
            body_id="id",
            system_id="n * 3 + 1",
            name="short_name || '前置库'",
            role="'source'",
            kind="'postgresql'",
            host="'127.0.0.1'",
            port="5432",
            dbname="'front'",
            schema="'public'",
            username="'reader'",
        )
        self.db.execute(
            f"CREATE TEMP TABLE planned AS SELECT g, {name} AS name, place.n, place.id AS body,"
            " bureau, short_name, now() - g * interval '40 minutes' AS at"
            f" FROM generate_series(1, {self.entries}) AS g JOIN place ON n = g * 31 % many"
        )
        self.insert(
            "kernel_case",
            "planned",
            id="g",
            kind="'entry'",
            law="'nantong-2020'",
            number="'M' || g",
            title="name",
            state="'published'",
            parties="jsonb_build_object('provider', body, 'bureau', bureau)",
            bodies="ARRAY[body, bureau]",
            overseen="true",
            opened_at="at - interval '9 days'",
            entered_at="at",
            closed_at="at",
            opened_by="1001",
        )
        self.insert(
            "catalog_entry",
            "planned",
            id="g",
            body_id="body",
            database_id="n + 1",
            source_schema="'public'",
            source_table="'t' || g",
            code="'101' || lpad((g % 999)::text, 3, '0') || '/' || lpad(g::text, 6, '0')",
            current_id="g",
            latest_id="g",
            created_at="at",
            updated_at="at",
        )
        words = " || E'\\n' || ".join(f"'{name}' || E'\\n{column}'" for name, column, *_ in ITEMS)
        other = SUMMARY.replace(DAILY, MONTHLY)
        summary = f"CASE WHEN g % 2 = 0 THEN '{SUMMARY}' ELSE '{other}' END"
        self.insert(
            "catalog_version",
            "planned",
            id="g",
            entry_id="g",
            case_id="g",
            name="name",
            system_id="n * 3 + 1 + g % 3",
            summary=f"name || '：' || {summary}",
            origin="'own'",
            category="'101'",
            themes="ARRAY[(201 + g % 5)::text]",
            industry="substr('ABCDEFGHIJKLMNOPQRST', 1 + g % 20, 1)",
            format="'database'",
            format_detail="'PostgreSQL'",
            share_class="CASE WHEN g % 50 = 0 THEN '3' WHEN g % 3 = 0 THEN '1' ELSE '2' END",
            shapes="ARRAY['masked']",
            condition="'用于履行职责所需的核验。'",
            share_modes="CASE WHEN g % 2 = 0 THEN ARRAY['api', 'table'] ELSE ARRAY['file'] END",
            open_class="'3'",
            open_mode="'none'",
            update_cycle="'2'",
            data_cycle="(1 + g % 8)::text",
            contact_office="'信息中心'",
            contact_phone="'0513-85512345'",
            round="1",
            received_at="at - interval '3 days'",
            words=f"lower(name) || E'\\n' || lower(name) || {summary} || E'\\n' || {words}"
            " || E'\\x1f' || lower(short_name) || '业务系统' || (1 + g % 3)",
            number="1",
            published_at="at",
            published_by="'经办人'",
        )
        for position, (label, column, kind, key, mask, level) in enumerate(ITEMS[:items]):
            self.insert(
                "catalog_item",
                "planned",
                version_id="g",
                position=str(position),
                name=f"'{label}'",
                column=f"'{column}'",
                type=f"'{kind}'",
                length="40",
                nullable=str(not key),
                is_key=str(key),
                level=f"'{level}'",
                share_class="'1'",
                mask=f"'{mask}'",
            )
        columns = json.dumps({column: "text" for _, column, *_ in ITEMS})
        self.insert(
            "publishing_mount",
            "planned WHERE g % 5 = 0 AND g % 50 > 0",
            id="g / 5",
            entry_id="g",
            mode="'api'",
            authorization="'direct'",
            state="'active'",
            database_id="n + 1",
            schema="'public'",
            table="'t' || g",
            key="ARRAY['reg_no']",
            columns=f"'{columns}'::jsonb",
            responsible="'王小明'",
            trained_on="date '2026-01-05'",
            update_method="'每日增量'",
        )
