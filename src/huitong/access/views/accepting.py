"""Accepting several applications at once: each as its own act, each looked at first (A20, A21)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms

from huitong.access import queries
from huitong.access.rules import S
from huitong.access.rules.stamped import checklist
from huitong.kernel.actor import Actor, Post
from huitong.kernel.addresses import reverse
from huitong.kernel.procedure import Malformed, Problem
from huitong.kernel.requests import Request
from huitong.kernel.workdays import today
from huitong.ui.lists import BulkAct, Look, Outcome
from huitong.work import queries as work
from huitong.work.forms import perform_once
from huitong.work.rules.stamped import doubt_words

VERB = "application.accept"


class Declaration(forms.Form):
    """What whoever accepts has looked at, for all of them: the same as for one (A21)."""

    looked = forms.BooleanField(
        label="以上各件的盖章件都已打开看过，逐件核对无误",
        error_messages={"required": "请逐件看过盖章件，核对后勾选"},
    )
    opinion = forms.CharField(label="意见", max_length=1000, required=False, widget=forms.Textarea)

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        checks = "；".join(row.label for row in checklist((), today()))
        self.fields["looked"].help_text = f"核对的内容：{checks}。"


def acts(actor: Actor) -> Sequence[BulkAct]:
    """To accept several, for the bureau's clerks."""
    if not (actor.bureau and actor.has(Post.OPERATOR)):
        return ()
    return (
        BulkAct(
            "accept",
            "批量受理",
            act=_accept,
            form=lambda request: Declaration(request.POST),
            barred=_barred,
            hint="逐件受理，各有各的记录。有疑点或不能受理的不在其中，须单独办理。",
            look=_look,
        ),
    )


def _barred(row: Any) -> str:
    case = row.case
    if case.kind != "application" or case.state != S.SUBMITTED:
        return "不是待受理的申请"
    return f"{row.barred}，须由同岗位他人办理" if row.barred else ""


def _look(request: Request, key: str) -> Look:
    """What there is to see of one application, and what stands against accepting it."""
    case = work.case_for(request.actor, int(key))
    application = queries.application_of(case)
    form = application.form
    about = [
        ("使用部门", form.consumer.short_name, ""),
        ("履职依据", form.duty.text, ""),
        ("使用目的", form.purpose, ""),
        ("申请的范围", "\n".join(queries.scope_words(application.scope)), ""),
        ("盖章件", "打开盖章件", reverse("access:scan_file", args=[form.pk])),
    ]
    doubts = doubt_words(case.facts.get("scan_doubts", []))
    if doubts:
        return Look(about, "".join(doubts) + "请打开该事项单独受理。")
    try:
        rows = dict(work.foresee(request.actor, VERB, _given({}), case))
    except Malformed as wrong:
        return Look(about, "；".join(text for texts in wrong.fields.values() for text in texts))
    except Problem as wrong:
        return Look(about, f"{wrong.detail}{wrong.remedy}")
    return Look([*about, ("受理后", rows.get("接下来", ""), "")])


def _given(answers: Mapping[str, Any]) -> dict[str, Any]:
    """All that is to be looked at, as declared; scans with doubts are never among these."""
    return {
        "checked": [row.key for row in checklist((), today())],
        "opinion": answers.get("opinion", ""),
    }


def _accept(request: Request, key: str, answers: Mapping[str, Any], once: str) -> Outcome:
    return perform_once(request, VERB, key, _given(answers), once)
