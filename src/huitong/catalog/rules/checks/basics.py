"""What an entry must say, and whether an outsider understands it (A3, A7, A9, A10, A20)."""

from __future__ import annotations

import re
from typing import Any

from huitong.catalog.rules.categories import Category
from huitong.catalog.rules.checks.findings import Faults
from huitong.catalog.rules.elements import ELEMENTS
from huitong.catalog.rules.facts import EntryFacts
from huitong.catalog.rules.following import irrelevant
from huitong.catalog.rules.vocabulary import Cycle
from huitong.ui.printable import texts_in
from huitong.work.rules import marking_in

CHINESE = re.compile(r"[㐀-鿿]")
#: names that say nothing to an outsider
EMPTY_NAMES = re.compile(
    r"(新建|未命名|测试|临时|备份|数据|信息|表|明细|列表|导出|sheet|table|test|tmp|temp|data|[\d\s_\-()（）])*",
    re.I,
)
#: leftovers of databases in names
LEFTOVERS = re.compile(r"(_bak|_tmp|_test|_old|_new|\bt_|_\d+$|备份|测试|副本)", re.I)
SHORTEST_SUMMARY = 10  # characters
#: cycles from often to seldom; irregular and never are not compared
ORDER = (
    Cycle.REAL_TIME,
    Cycle.DAILY,
    Cycle.WEEKLY,
    Cycle.MONTHLY,
    Cycle.QUARTERLY,
    Cycle.HALF_YEARLY,
    Cycle.YEARLY,
)


def missing_elements(e: EntryFacts) -> Faults:
    idle = irrelevant(e)
    for element in ELEMENTS.values():
        if element.required and element.name not in idle and not getattr(e, element.name):
            yield element.name, f"缺少“{element.label}”"


def category_ended(e: EntryFacts) -> Faults:
    if e.category and e.on and not Category(e.category).stands(e.on):
        yield "category", f"资源分类“{Category(e.category).label}”已停用"


def classified(e: EntryFacts) -> Faults:
    """Every text of the entry, whatever its element: also what was written before a marking was
    looked for there."""
    dumped = e.model_dump(mode="json")
    # of what stands nowhere no part of it is looked at
    if not _marked(dumped):
        return
    for item, row in zip(e.items, dumped.pop("items"), strict=True):
        if _marked(row):
            yield f"items.{item.name}", "信息项带有涉密标志，平台只登记非涉密数据"
    for field, value in dumped.items():
        if marking := _marked(value):
            yield field if field in ELEMENTS else "name", f"含{marking}，平台只登记非涉密数据"


def _marked(value: Any) -> str:
    """The marking in the texts of a value, as they were written: in JSON a line break is two signs
    more. No marking reaches over a quotation mark."""
    return marking_in('"'.join(texts_in(value)))


def name_unclear(e: EntryFacts) -> Faults:
    if e.name and not CHINESE.search(e.name):
        yield "name", "名称没有中文，外单位看不懂"
    elif e.name and EMPTY_NAMES.fullmatch(e.name):
        yield "name", "名称没有说明是什么数据"


def name_leftover(e: EntryFacts) -> Faults:
    if e.name and CHINESE.search(e.name) and LEFTOVERS.search(e.name):
        yield "name", "名称带有库表痕迹（如 _bak、备份、编号）"


def thin_summary(e: EntryFacts) -> Faults:
    if e.summary and len(e.summary) < SHORTEST_SUMMARY:
        yield "summary", f"摘要只有 {len(e.summary)} 个字，不足以判断内容"
    elif e.summary and e.summary == e.name:
        yield "summary", "摘要只是重复名称"


def slower_than_business(e: EntryFacts) -> Faults:
    """Data that lags behind the business it shows."""
    if (
        e.update_cycle in ORDER
        and e.data_cycle in ORDER
        and ORDER.index(e.data_cycle) > ORDER.index(e.update_cycle) + 1
    ):
        yield (
            "data_cycle",
            f"业务{Cycle(e.update_cycle).label}更新，数据却{Cycle(e.data_cycle).label}更新，会滞后",
        )


def unplaced(e: EntryFacts) -> Faults:
    """A20: found by department, theme and industry."""
    if e.name and not e.themes and not e.industry:
        yield "themes", "没有选择所属主题和行业，按主题、行业都找不到"


def no_contact(e: EntryFacts) -> Faults:
    if not (e.contact_phone and (e.contact_name or e.contact_office)):
        yield "contact_phone", "没有联系人或联系电话，使用部门无处咨询"


def no_task_force(e: EntryFacts) -> Faults:
    """A5, where the city asks for it: somebody of the body answers for its catalog."""
    if e.lacks_task_force:
        yield "name", "本部门未登记工作专班"


def no_standard(e: EntryFacts) -> Faults:
    if e.items and not e.standard and not any(item.standard for item in e.items):
        yield "standard", "没有写明执行的数据标准"
