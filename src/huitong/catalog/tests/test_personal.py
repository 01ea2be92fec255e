"""Personal data is recognized by content and by name, and everybody who decides is told; so are
origin and secrecy review (A2, A3, A8)."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from tests.cast import Cast
from tests.thawing import thawed

from huitong.catalog import actions, queries
from huitong.catalog.models import Version
from huitong.catalog.queries import Filters
from huitong.catalog.rules import Origin, Severity
from huitong.catalog.rules.proposals import propose
from huitong.catalog.tests.marriage import GIVEN, drafted, published, with_bureau
from huitong.connectors import TableFound
from huitong.connectors.tables import ColumnFound
from huitong.kernel import doing
from huitong.kernel.case import Case
from huitong.kernel.ledger import Entry as LedgerEntry
from huitong.kernel.procedure import Malformed
from huitong.organizations import actions as organizations
from huitong.scope import ItemType

CLEARED = ["state", "work"]
REASON = "依照企业信息公示暂行条例第六条向社会公示的登记信息，不必限制。"
KEY = GIVEN | {"name": "登记编号", "column": "reg_no", "is_key": True}
#: unconditional, nothing masked, everything level 2: as an auditor submitted it
OPEN: dict[str, Any] = {
    "share_class": "1",
    "shapes": [],
    "condition": "",
    "usage": [],
    "share_modes": ["api"],
}


def scanned(*values: str) -> dict[str, Any]:
    """An item of a column whose name says nothing, as the scan proposes it."""
    column = ColumnFound(
        name="col7",
        type="character(18)",
        item_type=ItemType.TEXT,
        nullable=True,
        comment="编码七",
        length=18,
        primary_key=False,
    )
    table = TableFound(
        schema="public",
        name="t7",
        kind="table",
        comment="登记台账",
        columns=(column,),
        key=(),
        rows_estimate=10,
        readable=True,
    )
    return propose(table, [{"col7": v} for v in values]).items[0].model_dump() | GIVEN


CITIZENS = ("11010519491231002X", "440524188001010014", "11010519491231002X")
#: how an item shows what it holds: by its content, by the name somebody typed
HOLDS = {
    "content": lambda: scanned(*CITIZENS),
    "typed": lambda: GIVEN | {"name": "公民身份号码", "column": "code7"},
    "column": lambda: GIVEN | {"name": "编码七", "column": "sfzh"},
}


@pytest.mark.parametrize("how", HOLDS)
def test_personal_data_for_everybody_needs_a_reason_and_warns_all_three_who_decide(
    cast: Cast, how: str
):
    """A scanned citizen-number column was submitted, twice reviewed and published unconditional,
    unmasked, level 2, without a word."""
    item = HOLDS[how]()
    entry = drafted(cast.civil_operator, items=[KEY, item], **OPEN)
    with pytest.raises(Malformed) as refused:
        actions.submit(cast.civil_operator, entry.case, cleared=CLEARED)
    assert set(refused.value.fields) == {"personal_reason", f"items.{item['name']}"}
    assert item["name"] in refused.value.detail
    why = "系统内部编号，不是公民身份号码。"
    actions.edit(cast.civil_operator, entry.case, items=[KEY, item | {"declined": why}])
    actions.edit(cast.civil_operator, entry.case, personal_reason="……")
    with pytest.raises(Malformed, match="过于简单"):
        actions.submit(cast.civil_operator, entry.case, cleared=CLEARED)
    actions.edit(cast.civil_operator, entry.case, personal_reason=REASON)
    warned = {
        f.rule
        for f in queries.findings_of(queries.entry_for(cast.civil_operator, entry.pk).draft)
        if f.severity is Severity.WARNING and f.field == f"items.{item['name']}"
    }
    assert warned >= {"personal_declined"}

    page = cast.client("civil_operator").get(f"/compile/{entry.pk}/check/").content.decode()
    assert "未按建议" in page and why in page
    actions.submit(cast.civil_operator, entry.case, cleared=CLEARED)
    for who, act in (("civil_manager", "pass_department"), ("bureau_operator", "pass_bureau")):
        page = cast.client(who).get(f"/review/{entry.case_id}/").content.decode()
        assert "未按建议" in page and why in page and REASON in page
        token = organizations.create_token(getattr(cast, who), label="接口")["token"]
        findings = (
            Client(headers={"Authorization": f"Bearer {token}"})
            .get(f"/api/catalog/entries/{entry.pk}/findings")
            .json()
        )
        assert "personal_declined" in {f["rule"] for f in findings if f["severity"] == "warning"}
        given = {"cleared": CLEARED} if act == "pass_department" else {}
        doing.perform(getattr(cast, who), f"entry.{act}", given, case=entry.case_id)
        assert (
            "personal_declined"
            in LedgerEntry.objects.filter(verb=f"entry.{act}").latest("seq").after["warnings"]
        )


@pytest.mark.parametrize(
    "items",
    [
        [KEY, GIVEN | {"name": "登记机关地址", "column": "address"}],
        [KEY, GIVEN | {"name": "咨询电话", "column": "tel"}],
        [KEY, GIVEN | {"name": "企业名称", "column": "ent_name"}],
        [KEY, {"name": "公民身份号码", "column": "id_no", "level": "3", "share_class": "3"}],
    ],
    ids=["office address", "office telephone", "company", "withheld"],
)
def test_what_is_an_offices_or_stays_here_needs_none(cast: Cast, items: list[dict[str, Any]]):
    entry = drafted(
        cast.civil_operator,
        items=items,
        **OPEN
        | (
            {"share_class": "2", "shapes": ["partial_items"]}
            if "id_no" in items[1].values()
            else {}
        ),
    )
    assert not {"personal_unconditional", "personal_open", "personal_declined"} & {
        f.rule for f in queries.findings_of(queries.entry_for(cast.civil_operator, entry.pk).draft)
    }


def test_a_body_s_code_is_named_and_asks_for_nothing(cast: Cast):
    """统一社会信用代码 is public: whoever shares it owes no reason."""
    item = scanned("91350100M000100Y43", "9111000071093123XX")
    assert item["suggestion"]["kind"] == "credit_code" and "校验码" in item["suggestion"]["reason"]
    entry = drafted(cast.civil_operator, items=[KEY, item], **OPEN)
    draft = queries.entry_for(cast.civil_operator, entry.pk).draft
    assert not {"personal_unconditional", "personal_open"} & {
        f.rule for f in queries.findings_of(draft)
    }
    page = cast.client("civil_operator").get(f"/compile/{entry.pk}/items/").content.decode()
    assert "法人的公开标识" in page and "像统一社会信用代码" in page


def test_the_reason_goes_with_the_class_that_needs_it(cast: Cast):
    entry = drafted(
        cast.civil_operator, items=[KEY, HOLDS["typed"]()], **OPEN, personal_reason=REASON
    )
    assert queries.public(entry.draft)["personal_reason"] == REASON
    edited = actions.edit(cast.civil_operator, entry.case, share_class="2", shapes=["masked"])
    assert edited.draft.personal_reason == ""


# -- source of collection --------------------------------------------------------------------------


def test_every_entry_says_how_its_body_came_by_it(cast: Cast):
    entry = drafted(cast.civil_operator, origin="")
    with pytest.raises(Malformed, match="采集来源"):
        actions.submit(cast.civil_operator, entry.case, cleared=CLEARED)
    for origin in Origin:
        assert actions.edit(cast.civil_operator, entry.case, origin=origin).draft.origin == origin
    with pytest.raises(Malformed):
        actions.edit(cast.civil_operator, entry.case, origin="买来的")


def test_a_scanned_table_came_about_in_its_system(cast: Cast):
    table = TableFound(
        schema="public",
        name="t7",
        kind="table",
        comment="登记台账",
        columns=(),
        key=(),
        rows_estimate=0,
        readable=True,
    )
    assert propose(table).origin is Origin.SYSTEM


def test_origin_is_found_shown_and_missing_from_before(cast: Cast):
    entry = published(
        cast.civil_operator, cast.civil_manager, cast.bureau_operator, origin="third_party"
    )
    clerk = cast.housing_operator
    assert [e.pk for e in queries.search(clerk, "", Filters(origin=("third_party",))).entries] == [
        entry.pk
    ]
    assert not queries.search(clerk, "", Filters(origin=("own",))).count
    client = cast.client("housing_operator")
    assert "通过第三方采集" in client.get(f"/catalog/{entry.pk}/").content.decode()
    assert client.get(f"/catalog/{entry.pk}.json").json()["origin"] == "third_party"
    with thawed():
        Version.objects.filter(entry=entry).update(origin="")
    assert client.get(f"/catalog/{entry.pk}/").status_code == 200
    assert not queries.search(clerk, "", Filters(origin=("third_party",))).count


# -- secrecy review --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "cleared", [[], ["state"], ["work"]], ids=["nothing", "state only", "work only"]
)
def test_clerk_and_manager_each_answer_for_every_secret(cast: Cast, cleared: list[str]):
    entry = drafted(cast.civil_operator)
    with pytest.raises(Malformed) as refused:
        actions.submit(cast.civil_operator, entry.case, cleared=cleared)
    assert list(refused.value.fields) == ["cleared"] and refused.value.article == "A3"
    actions.submit(cast.civil_operator, entry.case, cleared=CLEARED)
    with pytest.raises(Malformed):
        actions.pass_department(cast.civil_manager, entry.case, cleared=cleared)
    assert Case.objects.get(pk=entry.case_id).state == "in_department"


def test_the_review_is_kept_with_who_and_when_and_shown_to_reviewers_only(cast: Cast):
    case = with_bureau(cast.civil_operator, cast.civil_manager)
    entry = queries.entry_of(case)
    reviews = queries.secrecy_of(entry.draft)
    assert [(s["act"], s["by"]) for s in reviews] == [
        ("declared", cast.civil_operator.name),
        ("confirmed", cast.civil_manager.name),
    ]
    assert all(s["at"] and s["cleared"] == ["国家秘密", "工作秘密"] for s in reviews)
    acts = {e.verb: e.after for e in LedgerEntry.objects.filter(case=case.pk)}
    assert (
        acts["entry.submit"]["given"]["cleared"] == CLEARED
        and "confirmed" in acts["entry.pass_department"]["secrecy"]
    )
    page = cast.client("bureau_operator").get(f"/review/{case.pk}/").content.decode()
    assert (
        "保密审查" in page and cast.civil_operator.name in page and cast.civil_manager.name in page
    )
    tokens = {
        who: organizations.create_token(getattr(cast, who), label="接口")["token"]
        for who in ("bureau_operator", "housing_operator")
    }
    answers = {
        who: (
            Client(headers={"Authorization": f"Bearer {token}"}).get(
                f"/api/catalog/entries/{entry.pk}/secrecy"
            )
        )
        for who, token in tokens.items()
    }
    assert [s["act"] for s in answers["bureau_operator"].json()] == ["declared", "confirmed"]
    assert answers["housing_operator"].status_code == 404


def test_a_returned_entry_is_reviewed_anew(cast: Cast):
    case = with_bureau(cast.civil_operator, cast.civil_manager)
    actions.return_bureau(cast.bureau_operator, case, ground="unclear", remarks={"name": "请改名"})
    actions.submit(cast.civil_operator, case, cleared=CLEARED)
    assert [s["act"] for s in queries.secrecy_of(queries.version_of(case))] == ["declared"]
