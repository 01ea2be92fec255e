"""A complete entry as tests need it: marriage registrations of Civil Affairs, conditional and
masked."""

from __future__ import annotations

from typing import Any

from huitong.catalog import actions, queries
from huitong.catalog.models import Entry
from huitong.kernel.actor import Actor
from huitong.kernel.case import Case

#: what a clerk says of an item that may be read by all
GIVEN: dict[str, Any] = {"level": "2", "share_class": "1", "mask": ""}
ITEMS: list[dict[str, Any]] = [
    GIVEN
    | {
        "name": "登记编号",
        "column": "reg_no",
        "type": "C",
        "length": 30,
        "nullable": False,
        "is_key": True,
    },
    GIVEN
    | {
        "name": "男方姓名",
        "column": "m_name",
        "type": "C",
        "length": 50,
        "level": "3",
        "mask": "name",
    },
    GIVEN
    | {
        "name": "男方身份号码",
        "column": "m_id",
        "type": "C",
        "length": 18,
        "level": "3",
        "mask": "citizen_number",
    },
    GIVEN | {"name": "登记日期", "column": "reg_date", "type": "D"},
    GIVEN | {"name": "登记机关", "column": "office", "type": "C", "length": 80},
]
#: each condition with the law it rests on
TERMS: list[dict[str, str]] = [
    {
        "shape": "masked",
        "text": "姓名、身份号码脱敏后提供",
        "document": "中华人民共和国个人信息保护法",
        "article": "第五十一条",
    },
    {
        "shape": "",
        "text": "限于办理法定职责范围内的住房保障事项",
        "document": "中华人民共和国个人信息保护法",
        "article": "第三十四条",
    },
]
COMPLETE: dict[str, Any] = {
    "summary": "全市婚姻登记机关办理的结婚、离婚登记信息，1987 年至今。",
    "origin": "own",
    "category": "101",
    "themes": ["201"],
    "industry": "S",
    "format": "database",
    "format_detail": "PostgreSQL",
    "items": ITEMS,
    "standard": "MZ/T 044",
    "share_class": "2",
    "shapes": ["masked"],
    "condition": "用于住房保障资格审核。",
    "sharing_terms": TERMS,
    "share_modes": ["table", "api", "file"],
    "usage": ["collaboration"],
    "open_class": "3",
    "open_mode": "none",
    "update_cycle": "2",
    "data_cycle": "2",
    "contact_office": "婚姻管理处",
    "contact_phone": "0513-85512345",
}


def drafted(clerk: Actor, name: str = "婚姻登记信息", **changes: Any) -> Entry:
    """A complete draft of the clerk's body."""
    from huitong.catalog.models import InformationSystem

    system = InformationSystem.objects.filter(
        body_id=clerk.body
    ).first() or actions.register_system(clerk, name="业务管理系统")
    entry: Entry = actions.draft(clerk, name=name)
    return actions.edit(clerk, entry.case, **{**COMPLETE, "system": system.pk, **changes})


def with_bureau(clerk: Actor, manager: Actor, name: str = "婚姻登记信息", **changes: Any) -> Case:
    """The case of an entry that waits for the bureau."""
    entry = drafted(clerk, name, **changes)
    actions.submit(clerk, entry.case, cleared=["state", "work"])
    actions.pass_department(manager, entry.case, cleared=["state", "work"])
    return Case.objects.get(pk=entry.case_id)


def published(
    clerk: Actor, manager: Actor, bureau: Actor, name: str = "婚姻登记信息", **changes: Any
) -> Entry:
    """A published entry."""
    case = with_bureau(clerk, manager, name, **changes)
    actions.pass_bureau(bureau, case)
    actions.publish(clerk, case)
    return queries.entry_of(case)


def second_draft(clerk: Actor, entry: Entry) -> Case:
    """The case of the next version of a published entry: it says what is published, until it is
    edited."""
    return Case.objects.get(pk=actions.update(clerk, entry=entry.pk).case_id)


def republished(clerk: Actor, manager: Actor, bureau: Actor, entry: Entry, **changes: Any) -> Entry:
    """The entry with another version published, which differs by these changes."""
    case = second_draft(clerk, entry)
    actions.edit(clerk, case, **changes)
    actions.submit(clerk, case, cleared=["state", "work"])
    actions.pass_department(manager, case, cleared=["state", "work"])
    if Case.objects.get(pk=case.pk).state == "with_bureau":
        actions.pass_bureau(bureau, case)
    actions.publish(clerk, case)
    return queries.entry_of(case)
