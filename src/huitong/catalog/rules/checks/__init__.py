"""What is checked of an entry before people look at it (A3, A8, A10, A13), as a table of rules.

Each rule is pure: facts in, findings out. Errors stop the submission, warnings are shown to clerk
and reviewers.
"""

from __future__ import annotations

from collections.abc import Iterable

from huitong.catalog.rules.checks import basics, items, leads, sharing, similar, standards
from huitong.catalog.rules.checks.findings import Finding, Rule, Severity
from huitong.catalog.rules.elements import label_of
from huitong.catalog.rules.facts import EntryFacts
from huitong.catalog.rules.procedure_under_decree import DECREE

__all__ = ["RULES", "Finding", "Rule", "Severity", "check", "errors", "why_alone"]

ERROR, WARNING = Severity.ERROR, Severity.WARNING
RULES: tuple[Rule, ...] = (
    Rule("classified", "A3", ERROR, basics.classified, "涉密资源不得登记；如系误写，请改正。"),
    Rule("missing_elements", "A7", ERROR, basics.missing_elements, "请补充。"),
    Rule(
        "category_ended",
        "A7",
        WARNING,
        basics.category_ended,
        "变更目录内容时请改选；已有的资源代码不变。",
    ),
    Rule("no_ground", "A8", ERROR, sharing.no_ground, "在“共享属性”中添加依据：文件、条款、原文。"),
    Rule("thin_ground", "A8", ERROR, sharing.thin_ground, "补充条款号和原文引用。"),
    Rule("no_shape", "A8", ERROR, sharing.no_shape, "在“共享属性”中选择条件的形式。"),
    Rule("empty_shape", "A8", ERROR, sharing.empty_shape, "补充该形式所需的内容，或去掉这一形式。"),
    Rule(
        "unnamed_condition",
        "A8",
        ERROR,
        sharing.unnamed_condition,
        "改为有条件共享并选择相应形式，或去掉限制。",
    ),
    Rule("no_condition_words", "A8", WARNING, sharing.no_condition_words, "用一句话写明条件。"),
    Rule(
        "condition_without_basis",
        "D",
        WARNING,
        sharing.condition_without_basis,
        "在“共享条件及依据”中逐条写明依据的文件和条款，没有依据的去掉。",
        stops_under=frozenset({DECREE}),
    ),
    Rule(
        "struck_condition",
        "D",
        WARNING,
        sharing.struck_condition,
        "去掉这一条，或另写依据；不同意撤销的，在原目录办理记录页面提出争议协商。",
    ),
    Rule(
        "personal_unconditional",
        "A8",
        ERROR,
        sharing.personal_unconditional,
        "在“共享属性”中写明理由，或改为有条件共享并脱敏，或不共享这些信息项。",
    ),
    Rule(
        "personal_open",
        "A8",
        ERROR,
        sharing.personal_open,
        "在“信息项”中采纳识别建议，或写明不采纳的理由。",
    ),
    Rule(
        "personal_declined",
        "A8",
        WARNING,
        sharing.personal_declined,
        "请核对理由是否成立；不成立的，按建议脱敏、定级。",
    ),
    Rule(
        "sensitive_unconditional",
        "A8",
        WARNING,
        sharing.sensitive_unconditional,
        "核对分级，或改为有条件共享并脱敏。",
    ),
    Rule(
        "open_but_not_shared",
        "A10",
        ERROR,
        sharing.open_but_not_shared,
        "改为“不予开放”，或重新认定共享类型。",
    ),
    Rule(
        "open_wider_than_shared",
        "A10",
        WARNING,
        sharing.open_wider_than_shared,
        "核对共享类型和开放类型：社会公众可以无条件使用的，部门也可以。",
    ),
    Rule(
        "open_personal",
        "A10",
        WARNING,
        sharing.open_personal,
        "改为“不予开放”，或不提供、脱敏这些信息项后再开放。",
    ),
    Rule("open_mode", "A7", ERROR, sharing.open_mode, "选择数据下载、接口调用或在线查询。"),
    Rule("open_condition", "A7", ERROR, sharing.open_condition, "补充开放条件。"),
    Rule("wants_api", "A13", WARNING, sharing.wants_api, "在共享方式中加选“接口”。"),
    Rule("wants_table", "A13", WARNING, sharing.wants_table, "在共享方式中加选“库表”。"),
    Rule("item_against_column", "A10", ERROR, items.item_against_column, "按来源列改正数据类型。"),
    Rule("item_doubtful", "A10", WARNING, items.item_doubtful, "确认来源数据都符合登记的类型。"),
    Rule("item_too_short", "A10", WARNING, items.item_too_short, "按来源列放宽长度。"),
    Rule(
        "item_type_against_name",
        "A10",
        WARNING,
        items.item_type_against_name,
        "改正数据类型或名称。",
    ),
    Rule(
        "item_shorter_than_standard",
        "A9",
        WARNING,
        items.item_shorter_than_standard,
        "按标准放宽长度，否则值会被截断。",
    ),
    Rule(
        "code_without_list",
        "A9",
        WARNING,
        items.code_without_list,
        "写明引用的代码表，如 GB/T 2261.1 性别代码。",
    ),
    Rule("mask_unfit", "A8", ERROR, items.mask_unfit, "改正脱敏方式。"),
    Rule("name_unclear", "A10", ERROR, basics.name_unclear, "改成外单位看得懂的中文名称。"),
    Rule("name_leftover", "A10", WARNING, basics.name_leftover, "去掉库表痕迹。"),
    Rule(
        "similar",
        "A10",
        WARNING,
        similar.similar,
        "能用已有数据的，请申请使用，不重复采集；确有区别的，在“与相似目录的区别”中写明。",
    ),
    Rule(
        "not_the_lead",
        "D",
        WARNING,
        leads.not_the_lead,
        "向数源部门申请共享，不重复采集；确需自行采集的，写明理由由审核人认定。",
        answered_under=frozenset({DECREE}),
    ),
    Rule("item_name_unclear", "A10", ERROR, items.item_name_unclear, "填写中文名称。"),
    Rule("items_twice", "A10", ERROR, items.items_twice, "合并或改名。"),
    Rule("no_key", "A13", WARNING, items.no_key, "标出能唯一确定一行的信息项。"),
    Rule(
        "key_withheld",
        "A13",
        WARNING,
        items.key_withheld,
        "另设不含敏感内容的主键，或改用接口方式。",
    ),
    Rule("thin_summary", "A10", WARNING, basics.thin_summary, "写明内容、范围、来源和时间跨度。"),
    Rule("slower_than_business", "A10", WARNING, basics.slower_than_business, "缩短数据更新周期。"),
    Rule("unplaced", "A20", WARNING, basics.unplaced, "选择所属主题或行业，便于按主题、行业查找。"),
    Rule("no_contact", "A20", WARNING, basics.no_contact, "补充联系处室和电话。"),
    Rule(
        "code_list_unfit",
        "A10",
        ERROR,
        standards.code_list_unfit,
        "改正数据类型或长度，或改选数据字典。",
    ),
    Rule("code_list_ended", "A9", WARNING, standards.code_list_ended, "改选现行的数据字典。"),
    Rule("standard_ended", "A9", WARNING, standards.standard_ended, "改选现行的数据标准。"),
    Rule("no_standard", "A9", WARNING, basics.no_standard, "写明标准，没有的写“本部门数据标准”。"),
    Rule(
        "no_task_force",
        "A5",
        WARNING,
        basics.no_task_force,
        "请本部门负责人在“机构”中登记分管领导、责任处室和技术支撑单位。",
    ),
)


def check(facts: EntryFacts, rules: Iterable[Rule] = RULES) -> list[Finding]:
    """All findings, errors first, each in the order of the table. What only warns stops too where
    it is required."""
    findings = [
        Finding(
            r.name,
            r.article,
            r.severity_for(facts),
            field,
            message,
            r.remedy,
            other[0] if other else None,
            facts.law in r.answered_under,
        )
        for r in rules
        for field, message, *other in r.find(facts)
    ]
    return sorted(findings, key=lambda f: f.severity is not Severity.ERROR)


def errors(findings: Iterable[Finding]) -> dict[str, list[str]]:
    """The findings that stop a submission, by field, each with its remedy."""
    by_field: dict[str, list[str]] = {}
    for finding in findings:
        if finding.severity is Severity.ERROR:
            by_field.setdefault(finding.field, []).append(f"{finding.message}。{finding.remedy}")
    return by_field


def why_alone(findings: Iterable[Finding], unanswered: Iterable[str]) -> str:
    """Why a version under review is passed by itself only, never among others: it has errors, what
    is answered with reasons, or fields a reviewer remarked on that say the same still. Empty where
    nothing bars it."""
    if wrong := [f.sentence for f in findings if f.severity is Severity.ERROR]:
        return f"检查有错误：{'；'.join(wrong)}。请打开单独办理。"
    if answers := [f.sentence for f in findings if f.answered]:
        return f"须写明理由才能通过：{'；'.join(answers)}。请打开单独办理。"
    if names := "、".join(f"“{label_of(field)}”" for field in unanswered):
        return f"上次退回时对{names}的意见，没有相应修改。请打开单独办理。"
    return ""
