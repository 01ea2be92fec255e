"""What is checked of an entry before people look at it (A3, A8, A10, A13), as a table of rules.

Each rule is pure: facts in, findings out. Errors stop the submission, warnings are shown to clerk
and reviewers.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from huitong.catalog.rules.elements import ELEMENTS, label_of
from huitong.catalog.rules.facts import EntryFacts
from huitong.catalog.rules.vocabulary import (
    DOUBTFUL,
    FITTING,
    WANTS_API,
    WANTS_TABLE,
    Cycle,
    Level,
    OpenClass,
    Shape,
    ShareClass,
    ShareMode,
    Usage,
    family_of,
)
from huitong.kernel.actor import Labelled
from huitong.scope.columns import mask_fault
from huitong.scope.literals import ItemType
from huitong.scope.masks import named
from huitong.work.rules import marking_in

#: what a rule yields: the field concerned and what is wrong with it
Faults = Iterator[tuple[str, str]]


class Severity(Labelled):
    ERROR = "error", "必须改正"
    WARNING = "warning", "建议核对"


@dataclass(frozen=True)
class Rule:
    """One rule: its name, the article it enforces, how grave a finding is, and what to do about
    it."""

    name: str
    article: str
    severity: Severity
    find: Callable[[EntryFacts], Faults]
    remedy: str


@dataclass(frozen=True)
class Finding:
    """A rule met something: which field, what is wrong, what to do."""

    rule: str
    article: str
    severity: Severity
    field: str
    message: str
    remedy: str

    @property
    def label(self) -> str:
        """What the field is called."""
        return label_of(self.field)

    @property
    def sentence(self) -> str:
        """The message with the field's name before it, unless it names the field itself."""
        return self.message if self.label in self.message else f"{self.label}：{self.message}"


CHINESE = re.compile(r"[㐀-鿿]")
#: names that say nothing to an outsider
EMPTY_NAMES = re.compile(
    r"^(新建|未命名|测试|临时|备份|数据|信息|表|数据表|信息表|明细|列表|导出|sheet|table|test|tmp|temp|data)?[\d_\-()]*$",
    re.I,
)
#: leftovers of databases in names
LEFTOVERS = re.compile(r"(_bak|_tmp|_test|_old|_new|\bt_|_\d+$|备份|测试|副本)", re.I)
SHORTEST_SUMMARY = 10  # characters
SHORTEST_REASON = 8  # Chinese characters


def missing_elements(e: EntryFacts) -> Faults:
    for element in ELEMENTS.values():
        waived = element.waived_for and element.waived_for == e.share_class
        if element.required and not waived and not getattr(e, element.name):
            yield element.name, f"缺少“{element.label}”"


def classified(e: EntryFacts) -> Faults:
    """Every text of the entry, whatever its element: also what was written before a marking was
    looked for there."""
    dumped = e.model_dump(mode="json")
    for item, row in zip(e.items, dumped.pop("items"), strict=True):
        if marking_in(json.dumps(row, ensure_ascii=False)):
            yield f"items.{item.name}", "信息项带有涉密标志，平台只登记非涉密数据"
    for field, value in dumped.items():
        if marking := marking_in(json.dumps(value, ensure_ascii=False)):
            yield field if field in ELEMENTS else "name", f"含{marking}，平台只登记非涉密数据"


def no_ground(e: EntryFacts) -> Faults:
    if e.share_class == ShareClass.NOT_SHARED and not e.grounds:
        yield "grounds", "不予共享须有法律、法规、规章或政策依据并报备案，尚未登记依据"


def thin_ground(e: EntryFacts) -> Faults:
    for ground in e.grounds:
        if e.share_class == ShareClass.NOT_SHARED and not (ground.article and ground.quotation):
            yield "grounds", f"依据《{ground.document}》未写明条款或原文"


def no_shape(e: EntryFacts) -> Faults:
    if e.share_class == ShareClass.CONDITIONAL and not e.shapes:
        yield "shapes", "有条件共享须写明条件的形式：指定部门、部分信息项、脱敏、仅比对"


def empty_shape(e: EntryFacts) -> Faults:
    """A condition that is named must be there to enforce."""
    if e.share_class != ShareClass.CONDITIONAL:
        return
    if Shape.NAMED_BODIES in e.shapes and not e.named_bodies:
        yield "named_bodies", "已选“仅提供给指定部门”，但没有指定部门"
    if Shape.PARTIAL_ITEMS in e.shapes and len(e.shared_items) in (0, len(e.items)):
        yield "items", "已选“仅提供部分信息项”，须有的信息项不予共享、有的可以共享"
    if Shape.MASKED in e.shapes and not any(i.mask for i in e.shared_items):
        yield "items", "已选“脱敏后提供”，但没有信息项设置脱敏方式"
    if Shape.COMPARISON in e.shapes and set(e.share_modes) - {ShareMode.API}:
        yield "share_modes", "“仅提供比对结果”只能通过接口提供"


def unnamed_condition(e: EntryFacts) -> Faults:
    """Limits that are set but not said: the consumer would find out from what is missing."""
    limits = {
        Shape.NAMED_BODIES: ("named_bodies", "指定了部门", bool(e.named_bodies)),
        Shape.PARTIAL_ITEMS: ("items", "有信息项不予共享", 0 < len(e.shared_items) < len(e.items)),
        Shape.MASKED: ("items", "有信息项设置了脱敏", any(i.mask for i in e.shared_items)),
    }
    for shape, (field, limit, there) in limits.items():
        if there and e.share_class == ShareClass.UNCONDITIONAL:
            yield field, f"无条件共享不得附加条件，但{limit}"
        elif (
            there and e.share_class == ShareClass.CONDITIONAL and e.shapes and shape not in e.shapes
        ):
            yield "shapes", f"{limit}，但共享条件未选“{shape.label}”"


def no_condition_words(e: EntryFacts) -> Faults:
    if e.share_class == ShareClass.CONDITIONAL and not e.condition:
        yield "condition", "没有用文字说明共享条件"


def personal_unmasked(e: EntryFacts) -> Faults:
    for item in e.shared_items:
        if item.personal and not item.mask:
            what, why = item.personal
            yield f"items.{item.name}", f"像{what}（{why}），未脱敏即提供"


def personal_level(e: EntryFacts) -> Faults:
    for item in e.items:
        if item.personal and item.level in (Level.ONE, Level.TWO):
            what, why = item.personal
            yield f"items.{item.name}", f"像{what}（{why}），分级却为{item.level.label}"


def personal_unconditional(e: EntryFacts) -> Faults:
    """Personal data for every body that asks: possible, with a reason that can be read and
    weighed."""
    names = [i.name for i in e.shared_items if i.personal]
    if (
        e.share_class == ShareClass.UNCONDITIONAL
        and names
        and len(CHINESE.findall(e.personal_reason)) < SHORTEST_REASON
    ):
        listed = f"{'、'.join(names[:5])}{f'等 {len(names)} 项' if len(names) > 5 else ''}"
        yield (
            "personal_reason",
            (
                f"{listed}像个人信息，"
                f"随无条件共享提供须写明理由{'，现有的过于简单' if e.personal_reason else ''}"
            ),
        )


def sensitive_unconditional(e: EntryFacts) -> Faults:
    if e.share_class == ShareClass.UNCONDITIONAL:
        for item in e.items:
            if item.level in (Level.THREE, Level.FOUR):
                yield f"items.{item.name}", f"分级为{item.level.label}，却随无条件共享提供"


def open_but_not_shared(e: EntryFacts) -> Faults:
    if e.share_class == ShareClass.NOT_SHARED and e.open_class in (
        OpenClass.UNCONDITIONAL,
        OpenClass.CONDITIONAL,
    ):
        yield "open_class", "不予共享的资源不能向社会开放"


def open_condition(e: EntryFacts) -> Faults:
    if e.open_class == OpenClass.CONDITIONAL and not e.open_condition:
        yield "open_condition", "有条件开放须写明开放条件"


def wants_api(e: EntryFacts) -> Faults:
    """A13: often-changing, time-critical, joint approval, collaboration → interface."""
    if e.share_class == ShareClass.NOT_SHARED or ShareMode.API in e.share_modes:
        return
    reasons = [Usage(u).label for u in e.usage if u in WANTS_API]
    if not reasons and e.update_cycle == Cycle.REAL_TIME:
        reasons = ["实时更新"]
    if reasons:
        yield "share_modes", f"{'、'.join(reasons)}的资源宜采用接口方式"


def wants_table(e: EntryFacts) -> Faults:
    if (
        e.share_class == ShareClass.NOT_SHARED
        or ShareMode.TABLE in e.share_modes
        or Shape.COMPARISON in e.shapes
    ):
        return
    if reasons := [Usage(u).label for u in e.usage if u in WANTS_TABLE]:
        yield "share_modes", f"{'、'.join(reasons)}的资源宜采用库表方式"


def item_against_column(e: EntryFacts) -> Faults:
    for item in e.items:
        family = family_of(item.column_type) if item.column_type else "other"
        if item.type not in FITTING[family] | DOUBTFUL[family]:
            yield (
                f"items.{item.name}",
                f"数据类型“{item.type.label}”与来源列类型 {item.column_type} 不符",
            )


def item_doubtful(e: EntryFacts) -> Faults:
    for item in e.items:
        if item.column_type and item.type in DOUBTFUL[family_of(item.column_type)]:
            yield (
                f"items.{item.name}",
                f"来源列类型为 {item.column_type}，登记为“{item.type.label}”，值可能不合要求",
            )


def item_too_short(e: EntryFacts) -> Faults:
    for item in e.items:
        size = re.search(r"\((\d+)\)", item.column_type)
        if item.type is ItemType.TEXT and item.length and size and item.length < int(size[1]):
            yield f"items.{item.name}", f"登记长度 {item.length} 小于来源列长度 {size[1]}"


def mask_unfit(e: EntryFacts) -> Faults:
    """A mask takes a text apart: of a list or an object it would show a bracket, or part of the
    wrong member."""
    for item in e.items:
        if item.mask and (fault := mask_fault(named(item.mask), item.column_type)):
            yield f"items.{item.name}", fault


def name_unclear(e: EntryFacts) -> Faults:
    if e.name and not CHINESE.search(e.name):
        yield "name", "名称没有中文，外单位看不懂"
    elif e.name and EMPTY_NAMES.match(e.name):
        yield "name", "名称没有说明是什么数据"


def name_leftover(e: EntryFacts) -> Faults:
    if e.name and CHINESE.search(e.name) and LEFTOVERS.search(e.name):
        yield "name", "名称带有库表痕迹（如 _bak、备份、编号）"


def item_name_unclear(e: EntryFacts) -> Faults:
    for item in e.items:
        if not CHINESE.search(item.name):
            yield f"items.{item.name}", "信息项名称没有中文"
        elif EMPTY_NAMES.match(item.name):
            yield f"items.{item.name}", "信息项名称没有说明是什么"


def items_twice(e: EntryFacts) -> Faults:
    for title, values in (
        ("名称", [i.name for i in e.items]),
        ("列名", [i.column for i in e.items if i.column]),
    ):
        for value, count in Counter(values).items():
            if count > 1:
                yield "items", f"信息项{title}“{value}”重复 {count} 次"


def no_key(e: EntryFacts) -> Faults:
    if ShareMode.TABLE in e.share_modes and e.items and not any(i.is_key for i in e.items):
        yield "items", "库表方式没有主键，无法按行更新和核对"


def key_withheld(e: EntryFacts) -> Faults:
    if ShareMode.TABLE in e.share_modes:
        for item in e.items:
            if item.is_key and (item.mask or item.share_class is ShareClass.NOT_SHARED):
                yield f"items.{item.name}", "主键脱敏或不予共享后，库表交换无法按行更新"


def thin_summary(e: EntryFacts) -> Faults:
    if e.summary and len(e.summary) < SHORTEST_SUMMARY:
        yield "summary", f"摘要只有 {len(e.summary)} 个字，不足以判断内容"
    elif e.summary and e.summary == e.name:
        yield "summary", "摘要只是重复名称"


def slower_than_business(e: EntryFacts) -> Faults:
    """Data that lags behind the business it shows; irregular and never are not compared."""
    order = [
        str(c)
        for c in (
            Cycle.REAL_TIME,
            Cycle.DAILY,
            Cycle.WEEKLY,
            Cycle.MONTHLY,
            Cycle.QUARTERLY,
            Cycle.HALF_YEARLY,
            Cycle.YEARLY,
        )
    ]
    if (
        e.update_cycle in order
        and e.data_cycle in order
        and order.index(e.data_cycle) > order.index(e.update_cycle) + 1
    ):
        yield (
            "data_cycle",
            f"业务{Cycle(e.update_cycle).label}更新，数据却{Cycle(e.data_cycle).label}更新，会滞后",
        )


def no_contact(e: EntryFacts) -> Faults:
    if not (e.contact_phone and (e.contact_name or e.contact_office)):
        yield "contact_phone", "没有联系人或联系电话，使用部门无处咨询"


def no_standard(e: EntryFacts) -> Faults:
    if e.items and not e.standard:
        yield "standard", "没有写明执行的数据标准"


ERROR, WARNING = Severity.ERROR, Severity.WARNING
RULES: tuple[Rule, ...] = (
    Rule("classified", "A3", ERROR, classified, "涉密资源不得登记；如系误写，请改正。"),
    Rule("missing_elements", "A7", ERROR, missing_elements, "请补充。"),
    Rule("no_ground", "A8", ERROR, no_ground, "在“共享属性”中添加依据：文件、条款、原文。"),
    Rule("thin_ground", "A8", ERROR, thin_ground, "补充条款号和原文引用。"),
    Rule("no_shape", "A8", ERROR, no_shape, "在“共享属性”中选择条件的形式。"),
    Rule("empty_shape", "A8", ERROR, empty_shape, "补充该形式所需的内容，或去掉这一形式。"),
    Rule(
        "unnamed_condition",
        "A8",
        ERROR,
        unnamed_condition,
        "改为有条件共享并选择相应形式，或去掉限制。",
    ),
    Rule("no_condition_words", "A8", WARNING, no_condition_words, "用一句话写明条件。"),
    Rule(
        "personal_unconditional",
        "A8",
        ERROR,
        personal_unconditional,
        "在“共享属性”中写明理由，或改为有条件共享并脱敏，或不共享这些信息项。",
    ),
    Rule(
        "personal_unmasked", "A8", WARNING, personal_unmasked, "设置脱敏方式，或确认确需提供原值。"
    ),
    Rule(
        "personal_level",
        "A10",
        WARNING,
        personal_level,
        "个人信息一般不低于三级（敏感），请核对分级。",
    ),
    Rule(
        "sensitive_unconditional",
        "A8",
        WARNING,
        sensitive_unconditional,
        "核对分级，或改为有条件共享并脱敏。",
    ),
    Rule(
        "open_but_not_shared",
        "A10",
        ERROR,
        open_but_not_shared,
        "改为“不予开放”，或重新认定共享类型。",
    ),
    Rule("open_condition", "A7", ERROR, open_condition, "补充开放条件。"),
    Rule("wants_api", "A13", WARNING, wants_api, "在共享方式中加选“接口”。"),
    Rule("wants_table", "A13", WARNING, wants_table, "在共享方式中加选“库表”。"),
    Rule("item_against_column", "A10", ERROR, item_against_column, "按来源列改正数据类型。"),
    Rule("item_doubtful", "A10", WARNING, item_doubtful, "确认来源数据都符合登记的类型。"),
    Rule("item_too_short", "A10", WARNING, item_too_short, "按来源列放宽长度。"),
    Rule("mask_unfit", "A8", ERROR, mask_unfit, "改正脱敏方式。"),
    Rule("name_unclear", "A10", ERROR, name_unclear, "改成外单位看得懂的中文名称。"),
    Rule("name_leftover", "A10", WARNING, name_leftover, "去掉库表痕迹。"),
    Rule("item_name_unclear", "A10", ERROR, item_name_unclear, "填写中文名称。"),
    Rule("items_twice", "A10", ERROR, items_twice, "合并或改名。"),
    Rule("no_key", "A13", WARNING, no_key, "标出能唯一确定一行的信息项。"),
    Rule("key_withheld", "A13", WARNING, key_withheld, "另设不含敏感内容的主键，或改用接口方式。"),
    Rule("thin_summary", "A10", WARNING, thin_summary, "写明内容、范围、来源和时间跨度。"),
    Rule("slower_than_business", "A10", WARNING, slower_than_business, "缩短数据更新周期。"),
    Rule("no_contact", "A20", WARNING, no_contact, "补充联系处室和电话。"),
    Rule("no_standard", "A9", WARNING, no_standard, "写明标准，没有的写“本部门数据标准”。"),
)


def check(facts: EntryFacts, rules: Iterable[Rule] = RULES) -> list[Finding]:
    """All findings, errors first, each in the order of the table."""
    findings = [
        Finding(r.name, r.article, r.severity, field, message, r.remedy)
        for r in rules
        for field, message in r.find(facts)
    ]
    return sorted(findings, key=lambda f: f.severity is not Severity.ERROR)


def errors(findings: Iterable[Finding]) -> dict[str, list[str]]:
    """The findings that stop a submission, by field, each with its remedy."""
    by_field: dict[str, list[str]] = {}
    for finding in findings:
        if finding.severity is Severity.ERROR:
            by_field.setdefault(finding.field, []).append(f"{finding.message}。{finding.remedy}")
    return by_field
