"""Passing several entries at once: each as its own act, with its own case and code, each looked at
first (A10, A12)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms

from huitong.catalog import queries
from huitong.catalog.models import Version
from huitong.catalog.queries.passing import Glance, glance
from huitong.catalog.rules import ENTRY, EntryState, Reviewer, checklist, choices
from huitong.kernel.actor import Actor, Post
from huitong.kernel.addresses import reverse
from huitong.kernel.case import Case
from huitong.kernel.procedure import Malformed, Problem
from huitong.kernel.requests import Request
from huitong.kernel.workdays import today
from huitong.ui.lists import BulkAct, Look, Outcome
from huitong.work import queries as work
from huitong.work.forms import perform_once
from huitong.work.rules import Secret

#: differences and warnings a summary spells out
MOST = 6
#: entries passed at once: each is checked and rehearsed, and looked at by a person
AT_ONCE = 30


class Declaration(forms.Form):
    """What the bureau's reviewer has looked at, for all of them: the same as for one (A10)."""

    reviewer = Reviewer.BUREAU
    looked = forms.BooleanField(
        label="以上各项都已打开看过，逐项核对无误",
        error_messages={"required": "请逐项看过内容，核对后勾选"},
    )
    reasons = forms.CharField(label="意见", max_length=1000, required=False, widget=forms.Textarea)

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        checks = "；".join(row.label for row in checklist(self.reviewer, today()))
        self.fields["looked"].help_text = f"核对的内容：{checks}。"


class DepartmentDeclaration(Declaration):
    """The same for the department's manager, who confirms the secrecy review too (A3)."""

    reviewer = Reviewer.DEPARTMENT
    cleared = forms.MultipleChoiceField(
        label="保密审查：经审查，以上各项都不含",
        choices=choices(Secret),
        widget=forms.CheckboxSelectMultiple,
    )


def acts(actor: Actor) -> Sequence[BulkAct]:
    """To pass several, for whoever reviews."""
    offered = []
    if actor.has(Post.MANAGER):
        offered.append(_act(EntryState.IN_DEPARTMENT, "pass_department", DepartmentDeclaration))
    if actor.bureau and actor.has(Post.OPERATOR):
        offered.append(_act(EntryState.WITH_BUREAU, "pass_bureau", Declaration))
    return offered


def _act(state: EntryState, verb: str, form: type[Declaration]) -> BulkAct:
    name = f"entry.{verb}"

    def barred(row: Any) -> str:
        if row.case.kind != ENTRY.kind or row.case.state != state:
            return "不是待审核的目录"
        return f"{row.barred}，须由同岗位他人办理" if row.barred else ""

    def given(answers: Mapping[str, Any]) -> dict[str, Any]:
        """All of the checklist, as declared; what has a finding or an open remark is never among
        these."""
        cleared = {"cleared": answers["cleared"]} if "cleared" in answers else {}
        ticked = [row.key for row in checklist(form.reviewer, today())]
        return {"checked": ticked, "reasons": answers.get("reasons", "")} | cleared

    def act(request: Request, key: str, answers: Mapping[str, Any], once: str) -> Outcome:
        _, _, sight = _glanced(request, key)
        if sight.alone:
            return Outcome(False, sight.alone)
        return perform_once(request, name, key, given(answers), once)

    def look(request: Request, key: str) -> Look:
        whole = given({"cleared": [str(secret) for secret in Secret]})
        if form is not DepartmentDeclaration:
            del whole["cleared"]
        return _look(request, key, name, whole)

    return BulkAct(
        verb,
        "批量审核通过",
        act=act,
        form=lambda request: form(request.POST),
        barred=barred,
        hint="逐项通过，各有各的记录和资源代码。检查有错误、退回意见未改的不在其中，须单独办理。",
        look=look,
        most=AT_ONCE,
    )


def _look(request: Request, key: str, verb: str, given: Mapping[str, Any]) -> Look:
    """What there is to see of one entry, and what stands against passing it among others."""
    case, version, sight = _glanced(request, key)
    facts = sight.facts
    about = [
        ("提供部门", version.entry.body.short_name, ""),
        ("摘要", facts.summary, ""),
        ("共享类型", version.get_share_class_display(), ""),
        ("信息项", f"{len(facts.items)} 个，其中提供 {len(facts.shared_items)} 个", ""),
    ]
    if sight.changes is not None:
        lines = [f"{line.label}：{line.words}" for line in sight.changes.differences]
        about.append(("与现行版本的不同", _some(lines), ""))
    if sight.warnings:
        about.append(("检查提示", _some(sight.warnings), ""))
    about.append(("全部内容", "打开审核页面", reverse("catalog:review", args=[case.pk])))
    if sight.alone:
        return Look(about, sight.alone)
    try:
        rows = dict(work.foresee(request.actor, verb, given, case))
    except Malformed as wrong:
        return Look(about, "；".join(text for texts in wrong.fields.values() for text in texts))
    except Problem as wrong:
        return Look(about, f"{wrong.detail}{wrong.remedy}")
    return Look([*about, ("通过后", rows.get("接下来", ""), "")])


def _glanced(request: Request, key: str) -> tuple[Case, Version, Glance]:
    """A case the actor may see, the version it is about, and that at a glance."""
    case = work.case_for(request.actor, int(key))
    version = queries.version_of(case)
    return case, version, glance(version)


def _some(lines: Sequence[str]) -> str:
    more = f"\n等 {len(lines)} 处" if len(lines) > MOST else ""
    return "\n".join(lines[:MOST]) + more
