"""What is still to be done on a draft: its sections with their states, and which comes next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from huitong.catalog import queries
from huitong.catalog.models import Version
from huitong.catalog.rules import ELEMENTS, EntryState, Finding, Section, Severity, section_of
from huitong.catalog.views.typing import Typed
from huitong.kernel.addresses import reverse
from huitong.ui.autosave import clock_words

#: what is asked for first, and how a button calls it
CALLS = {"待补充": "改正：", "进行中": "继续填写：", "未开始": "继续填写："}


@dataclass(frozen=True)
class Task:
    """A section, or at the end the check page (``section`` is None)."""

    section: Section | None
    label: str
    url: str
    status: str
    hint: str = ""

    @property
    def is_unfinished(self) -> bool:
        return self.section is not None and self.status in CALLS

    @property
    def call(self) -> str:
        return f"{CALLS[self.status] if self.is_unfinished else ''}{self.label}"


def tasks_of(
    draft: Version, findings: Sequence[Finding], typed: Mapping[Section, Typed] | None = None
) -> list[Task]:
    """The sections in their order, then the check page. A section with an error of the checks is
    unfinished, as is one into which something was ``typed`` that was not put in; with a reviewer's
    remark it waits to be answered."""
    remarked = {section_of(field) for field in queries.open_remarks(draft)}
    errors = [f for f in findings if f.severity is Severity.ERROR]
    tasks = []
    for section in Section:
        wrong = sum(section_of(f.field) is section for f in errors)
        held = (typed or {}).get(section)
        begun = wrong == 0 or held is not None or is_begun(draft, section)
        status = (
            "待补充"
            if section in remarked
            else "未开始"
            if not begun
            else "进行中"
            if wrong or held
            else "已完成"
        )
        hints = [
            "有审核意见"
            if section in remarked
            else f"{wrong} 处必须改正"
            if wrong and begun
            else "",
            f"{clock_words(held.at)} 填写的内容还没有保存到目录" if held else "",
        ]
        url = reverse("catalog:section", args=[draft.entry_id, section])
        tasks.append(Task(section, section.label, url, status, "；".join(filter(None, hints))))
    check = reverse("catalog:check", args=[draft.entry_id])
    closing = "检查并交部门确认" if draft.state is EntryState.ENTERING else "检查并提交"
    hint = f"{len(errors)} 处必须改正" if errors else ""
    return [*tasks, Task(None, closing, check, "未开始", hint)]


def next_task(tasks: Sequence[Task], after: Section | None = None) -> Task:
    """What to do next: what a reviewer remarked on, then what is unfinished, then the check;
    ``after`` a section, what follows it comes first."""
    order = list(Section)
    at = order.index(after) + 1 if after else 0
    turned = [*tasks[at:-1], *tasks[:at]]
    for statuses in (("待补充",), ("进行中", "未开始") if after else ("进行中",), ("未开始",)):
        for task in turned:
            if task.section is not after and task.status in statuses:
                return task
    return tasks[-1]


def is_begun(draft: Version, section: Section) -> bool:
    """Whether something stands in a section already, but for the name."""
    names = [n for n, e in ELEMENTS.items() if e.section is section and n != "name"]
    return any(getattr(draft, n, None) for n in names if n not in ("items", "grounds")) or (
        section is Section.ITEMS and draft.items.exists()
    )
