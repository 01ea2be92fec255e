"""Civil Affairs enters its marriage registrations into the catalog, from scan to search, by
page, API and command (A3, A7-A12, A20)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict
from tests.cast import Cast
from tests.journeys.doors import Api, Command, Door, Page

from huitong.catalog import jobs, queries
from huitong.catalog.models import Database, Entry, InformationSystem, Scan
from huitong.cli.demo.departments import load
from huitong.cli.postgres import EmbeddedPostgres
from huitong.kernel.case import Case
from huitong.kernel.ledger import Entry as LedgerEntry

pytestmark = pytest.mark.django_db
NAME = "civil_affairs_story"
GROUND = {
    "kind": "law",
    "document": "中华人民共和国个人信息保护法",
    "article": "第二十八条",
    "quotation": (
        "只有在具有特定的目的和充分的必要性，并采取严格保护措施的情形下，"
        "个人信息处理者方可处理敏感个人信息。"
    ),
}
#: the secrecy review of a submission (A3)
CLEARED = ["state", "work"]
BASICS = {
    "origin": "own",
    "category": "101",
    "themes": ["201"],
    "industry": "S",
    "format": "database",
    "format_detail": "PostgreSQL",
    "open_class": "3",
    "open_mode": "none",
    "open_condition": "",
    "update_cycle": "2",
    "data_cycle": "2",
    "contact_office": "婚姻管理处",
    "contact_phone": "0513-85512345",
    "standard": "MZ/T 044",
}


@pytest.fixture(scope="module")
def source(embedded_postgres: EmbeddedPostgres) -> Iterator[dict[str, Any]]:
    """Civil Affairs' own database, filled with the demonstration's invented rows."""
    owner = conninfo_to_dict(embedded_postgres.owner_url)
    _as_owner(owner, sql.SQL("CREATE DATABASE {}").format(sql.Identifier(NAME)))
    with psycopg.connect(**owner | {"dbname": NAME}, autocommit=True) as connection:
        load(connection, "南通市民政局")
    yield {
        "host": owner["host"],
        "port": int(owner["port"]),
        "dbname": NAME,
        "username": owner["user"],
        "password": owner["password"],
    }
    _as_owner(owner, sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(NAME)))


def _as_owner(address: dict[str, Any], statement: sql.Composable) -> None:
    with psycopg.connect(**address, autocommit=True) as connection:
        connection.execute(statement)


@pytest.fixture(params=["page", "api", "cli"])
def door(
    request: pytest.FixtureRequest,
    cast: Cast,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    settings: Any,
    source: dict[str, Any],
) -> Door:
    settings.ALLOWED_NETWORKS = [f"127.0.0.1:{source['port']}"]
    # the command starts no database of its own
    monkeypatch.setenv("DATABASE_URL", "postgresql://given-by-the-test")
    return {
        "page": lambda: Page(cast),
        "api": lambda: Api(cast),
        "cli": lambda: Command(cast, capsys),
    }[request.param]()


def scanned(door: Door, source: dict[str, Any]) -> Scan:
    assert door.do("civil_operator", "catalog.register_system", name="婚姻登记管理系统") == 200
    system = InformationSystem.objects.get()
    assert (
        door.do(
            "civil_operator",
            "catalog.register_database",
            name="婚姻登记前置库",
            system=system.pk,
            **source,
        )
        == 200
    ), door.text
    assert (
        door.do("civil_operator", "catalog.scan_database", database=Database.objects.get().pk)
        == 200
    )
    scan = Scan.objects.get()
    jobs.scan(scan=scan.pk)
    scan.refresh_from_db()
    return scan


def completed(entry: Entry, **changes: Any) -> dict[str, Any]:
    """What the clerk fills in, over what the scan proposed."""
    items = [
        {
            "name": i.name,
            "column": i.column,
            "type": i.type,
            "length": i.length,
            "is_key": i.is_key,
            "nullable": i.nullable,
            "level": "3" if i.suggestion else "2",
            "share_class": "1",
            "mask": i.suggestion.get("mask", "") if changes.get("share_class", "2") == "2" else "",
        }
        for i in entry.draft.items.all()
    ]
    rows = [{k: v for k, v in item.items() if v is not None} for item in items]
    values = {
        "name": entry.name,
        "summary": entry.draft.summary,
        "system": entry.draft.system_id,
        "share_class": "2",
        "shapes": ["masked"],
        "condition": "用于公共租赁住房资格审核。",
        "share_modes": ["table", "api", "file"],
        "usage": ["collaboration"],
        "items": rows,
    }
    return values | BASICS | changes


def test_civil_affairs_catalogs_marriage(door: Door, cast: Cast, source: dict[str, Any]):
    scan = scanned(door, source)
    assert (scan.state, scan.refused) == ("done", 1) and scan.drafted == scan.total - 1 >= 3, (
        "the classified archive is refused (A3)"
    )
    assert not Entry.objects.filter(source_table__contains="secret").exists()
    entry = Entry.objects.get(source_table="marriage_registration")
    case = entry.case_id
    assert any(i.suggestion for i in entry.draft.items.all()) and not any(
        i.mask != "blank" for i in entry.draft.items.all()
    ), "nothing recognised is applied by itself: all starts at its strictest"
    assert door.read("bureau_operator", entry.pk) == 404, "a draft is its body's own"

    # the clerk completes it; what is missing is named by field and nothing moves (A7, A10)
    assert (
        door.do("civil_operator", "entry.submit", case, cleared=CLEARED) == 422
        and "共享类型" in door.text
    )
    assert Case.objects.get(pk=case).state == "draft"
    assert (
        door.do(
            "civil_operator",
            "entry.edit",
            case,
            **completed(entry, summary="婚姻登记机关办理的婚姻登记。"),
        )
        == 200
    ), door.text
    assert door.do("civil_manager", "entry.edit", case, summary="负责人不改稿") == 403
    assert door.do("civil_operator", "entry.submit", case, cleared=CLEARED) == 200, door.text

    # the department's manager passes it (A12), the bureau returns it with a remark on a field (A10)
    assert door.do("civil_operator", "entry.pass_department", case, cleared=CLEARED) == 403, (
        "nobody reviews their own work"
    )
    assert door.do("civil_manager", "entry.pass_department", case, cleared=CLEARED) == 200
    assert (
        door.do("bureau_operator", "entry.return_bureau", case, ground="unclear", remarks={}) == 422
    )
    assert (
        door.do(
            "bureau_operator",
            "entry.return_bureau",
            case,
            ground="unclear",
            remarks={"summary": "请写明起止时间"},
        )
        == 200
    ), door.text
    remarks = queries.open_remarks(queries.entry_for(cast.civil_operator, entry.pk).draft)
    assert [r.text for r in remarks["summary"]] == ["请写明起止时间"]
    assert (
        "请写明起止时间"
        in cast.client("civil_operator").get(f"/compile/{entry.pk}/basics/").content.decode()
    )

    # it is corrected, passed, given its code, published (A7, A10)
    entry.refresh_from_db()
    assert (
        door.do(
            "civil_operator",
            "entry.edit",
            case,
            **completed(entry, summary="全市婚姻登记机关 1987 年至今办理的婚姻登记。"),
        )
        == 200
    )
    assert door.do("civil_operator", "entry.submit", case, cleared=CLEARED) == 200, door.text
    assert door.do("civil_manager", "entry.pass_department", case, cleared=CLEARED) == 200
    assert door.do("hr_manager", "entry.pass_bureau", case) == 404
    assert door.do("bureau_operator", "entry.pass_bureau", case) == 200
    assert door.do("bureau_operator", "entry.publish", case) == 403
    assert door.find("housing_operator", "婚姻") == [], "not published yet"
    assert door.do("civil_operator", "entry.publish", case) == 200
    entry.refresh_from_db()
    assert (
        entry.code == f"101{cast.body('civil').number:03d}/000001" and entry.published.number == 1
    )

    # Housing finds it by word, department, theme, industry, by its code, and reads its conditions
    # (A20)
    assert door.find("housing_operator", "婚姻") == [entry.name]
    for facet, value in (
        ("body", cast.body("civil").pk),
        ("theme", "201"),
        ("industry", "S"),
        ("share_class", "2"),
        ("share_mode", "api"),
    ):
        assert door.find("housing_operator", **{facet: value}) == [entry.name]
        assert door.find("housing_operator", **{facet: "999999"}) == []
    assert door.read("stranger_operator", entry.pk) == 200 and "脱敏后提供" in door.text
    assert cast.client("housing_operator").get(f"/r/{entry.code}", follow=True).status_code == 200
    articles = dict(LedgerEntry.objects.filter(case=case).values_list("verb", "article"))
    assert articles == {
        "entry.draft": "A7",
        "entry.edit": "A10",
        "entry.submit": "A12",
        "entry.pass_department": "A12",
        "entry.return_bureau": "A10",
        "entry.pass_bureau": "A10",
        "entry.publish": "A10",
    }
    vias = {
        e.actor["via"].partition(":")[0]
        for e in LedgerEntry.objects.filter(case=case)
        if e.verb != "entry.draft"
    }
    assert vias == {door.name}, "the ledger keeps the door"


def test_not_shared_only_with_a_ground_filed_with_the_bureau(door: Door, cast: Cast):
    assert door.do("civil_operator", "catalog.register_system", name="收养登记系统") == 200
    assert (
        door.do(
            "civil_operator",
            "entry.draft",
            name="收养登记信息",
            summary="全市收养登记信息，含收养人与被收养人情况。",
            system=InformationSystem.objects.get().pk,
        )
        == 200
    ), door.text
    entry = Entry.objects.get()
    items = [
        {"name": "登记编号", "column": "no", "is_key": True},
        {"name": "收养人姓名", "column": "name", "level": "3"},
    ]
    given = completed(entry, share_class="3", shapes=[], condition="", share_modes=[], usage=[]) | {
        "items": items
    }
    assert door.do("civil_operator", "entry.edit", entry.case_id, **given) == 200, door.text
    assert (
        door.do("civil_operator", "entry.submit", entry.case_id, cleared=CLEARED) == 422
        and "依据" in door.text
    )
    assert door.do("civil_operator", "entry.add_ground", entry.case_id, **GROUND) == 200, door.text
    for who, verb in (
        ("civil_operator", "submit"),
        ("civil_manager", "pass_department"),
        ("bureau_operator", "pass_bureau"),
        ("civil_operator", "publish"),
    ):
        given = {"cleared": CLEARED} if verb in ("submit", "pass_department") else {}
        assert door.do(who, f"entry.{verb}", entry.case_id, **given) == 200, door.text
    assert entry.draft.grounds.get().filed_at is not None
    assert (
        door.find("bureau_manager", "收养") == ["收养登记信息"]
        and door.find("housing_operator", "收养") == []
    )
    assert door.read("housing_operator", entry.pk) == 404
    assert door.read("bureau_operator", entry.pk) == 200 and "第二十八条" in door.text


@pytest.mark.parametrize(
    "given",
    [
        {"name": "火星工程名册", "classified": True},
        {"name": "涉密火星工程名册"},
        {"name": "工程名册", "summary": "机密★20年 火星工程人员"},
    ],
    ids=["declared", "name", "summary"],
)
def test_a_classified_resource_is_refused_and_never_stored(door: Door, given: dict[str, Any]):
    from huitong.catalog.tests.test_actions import everywhere

    assert door.do("civil_operator", "entry.draft", **given) == 409
    assert "非涉密" in door.text and "火星" not in door.text.replace("&#x27;", "")
    assert (
        not Entry.objects.exists()
        and not Case.objects.filter(kind="entry").exists()
        and not everywhere("火星")
    )
    assert not LedgerEntry.objects.filter(verb="entry.draft").exists()
