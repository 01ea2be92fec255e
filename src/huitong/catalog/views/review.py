"""Reviewing an entry by field (A10, A12): the department's manager, then the bureau's operator,
on the same page."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from huitong.catalog import queries
from huitong.catalog.forms import ReviewForm
from huitong.catalog.models import Version
from huitong.catalog.queries import comparing, reviewing
from huitong.catalog.queries.terms import terms_of
from huitong.catalog.rules import (
    ENTRY,
    EntryFacts,
    EntryState,
    ItemRow,
    conditions,
    label_of,
    sections,
)
from huitong.catalog.views.frame import changes_of
from huitong.kernel import doing
from huitong.kernel.actor import Actor
from huitong.kernel.addresses import reverse
from huitong.kernel.procedure import AgainstRules, NotVisible
from huitong.kernel.requests import Request
from huitong.work import queries as work
from huitong.work.forms import confirming, undoing

BOX = "remark."


@require_http_methods(["GET", "HEAD", "POST"])
def review(request: Request, case: int) -> HttpResponse:
    """Each field with a box for a remark; earlier remarks and what the checks say beside it;
    pass or return below."""
    actor = request.actor
    reviewed = work.case_for(actor, case)
    version = queries.version_of(reviewed) if reviewed.kind == ENTRY.kind else None
    if version is None or not queries.visible_to(actor).filter(pk=version.entry_id).exists():
        raise NotVisible("该目录")
    posted = request.POST if request.method == "POST" else None
    verbs = _verbs(version.state) or ("pass_bureau", "return_bureau")
    form, wrong, status = (
        ReviewForm(
            work.grounds_to_choose(f"entry.{verbs[1]}", reviewed),
            reviewing.checklist_choices(actor, reviewed),
            posted,
        ),
        "",
        422,
    )
    confirmation: HttpResponse | None = None
    done: doing.Done | None = None
    if confirming.went_back(request):
        status = 200
    elif posted and form.is_valid():
        remarks = {
            k[len(BOX) :]: v.strip() for k, v in posted.items() if k.startswith(BOX) and v.strip()
        }
        try:
            confirmation, done = _decide(
                request, version, form, verbs, remarks, passes=posted.get("decision") == "pass"
            )
        except AgainstRules as refused:  # somebody was faster: what was written stays on the page
            wrong, status = f"{refused.detail}{refused.remedy}", refused.status
            version.case.refresh_from_db()
        if confirmation is not None:
            return confirmation
        if done is not None:
            undoing.offer(request, done, _outcome(version, done))
            return redirect("work:case", reviewed.pk)
    passing, returning = _choices(actor, version)
    context = {
        "entry": version.entry,
        "version": version,
        "own": version.entry.body_id == actor.body or actor.bureau,
        "case": reviewed,
        "state": version.state,
        "form": form,
        "wrong": wrong,
        "passing": passing,
        "returning": returning,
        "secrecy": queries.secrecy_of(version),
        "confirming": version.state == EntryState.IN_DEPARTMENT,
        "reviews": reviewing.reviews_of(reviewed),
        "facts": (facts := queries.facts_of(version)),
        "conditions": conditions(facts),
        "terms": terms_of(actor, version),
        **_beside(request, version, facts, posted),
        **changes_of(actor, version),
        "crumbs": [("待办事项", reverse("work:todo")), (f"审核：{version.name}", "")],
    }
    return render(
        request, "catalog/review.html", context, status=status if wrong or form.errors else 200
    )


def _decide(
    request: Request,
    version: Version,
    form: ReviewForm,
    verbs: tuple[str, str],
    remarks: dict[str, str],
    passes: bool,
) -> tuple[HttpResponse | None, doing.Done | None]:
    """What asks for confirmation, or the outcome; neither when the form says what stands against
    it. A wrong state or seat raises as the verb does."""
    reasons = form.cleaned_data["reasons"]
    if passes and remarks:
        form.add_error(None, "已填写字段意见：请选择“退回修改”，或清空意见后再通过。")
        return None, None
    if passes:
        given: dict[str, Any] = {"reasons": reasons, "checked": form.cleaned_data["checked"]} | (
            {"cleared": form.cleaned_data["cleared"]} if verbs[0] == "pass_department" else {}
        )
        return _asked_or_done(request, version, form, verbs[0], given, remarks)
    given = {
        "remarks": remarks,
        "ground": form.cleaned_data["ground"],
        "checked": form.cleaned_data["checked"],
    } | ({"reasons": reasons} if reasons else {})
    if verbs[1] == "return_department" and not reasons:
        given["reasons"] = "；".join(remarks.values())[:1000]
    return _asked_or_done(request, version, form, verbs[1], given, remarks)


def _asked_or_done(
    request: Request,
    version: Version,
    form: ReviewForm,
    verb: str,
    given: dict[str, Any],
    remarks: dict[str, str],
) -> tuple[HttpResponse | None, doing.Done | None]:
    texts = [("总体意见", form.cleaned_data["reasons"])]
    texts += [(f"意见：{label_of(field)}", text) for field, text in remarks.items()]
    confirmation = form.asks(request, f"entry.{verb}", given, version.case, texts)
    if confirmation is not None or form.errors:
        return confirmation, None
    return None, form.do(request.actor, f"entry.{verb}", given, case=version.case_id)


def _verbs(state: EntryState) -> tuple[str, str] | None:
    """The verbs that pass an entry in this state and return it; None where nobody reviews."""
    rows = [row for row in ENTRY.steps if state in row.origin and not row.optional]
    passing = [row.verb for row in rows if not row.danger]
    returning = [row.verb for row in rows if row.danger]
    return (passing[0], returning[0]) if passing and returning else None


def _outcome(version: Version, done: doing.Done) -> str:
    state = EntryState(done.case.state) if done.case else version.state
    code = done.case.facts.get("code", "") if done.case else ""
    coded = f"资源代码 {code}。" if code else ""
    return f"“{version.name}”已办理，现为“{state.label}”。{coded}{state.notice}"


def _choices(actor: Actor, version: Version) -> tuple[str, str]:
    """The labels of the two buttons, empty when this actor may not decide now."""
    verbs = _verbs(version.state) or ("", "")
    open_now = {row.verb: row.label for row, _ in doing.open_to(actor, version.case)}
    return open_now.get(verbs[0], ""), open_now.get(verbs[1], "")


def _beside(request: Request, version: Version, facts: Any, posted: Any) -> dict[str, Any]:
    """The fields, and beside each what it said before: in the round that was returned, or in the
    version this one shall replace; ``against`` chooses."""
    bases = comparing.before_of(version)
    chosen = request.GET.get("against", "")
    chosen = chosen if chosen in bases else next(iter(bases), "")
    label, before = bases.get(chosen, ("", None))
    tabs = [
        {"label": f"对照{name}", "url": f"?against={key}", "active": key == chosen}
        for key, (name, _) in bases.items()
    ]
    return _fields(version, facts, before, posted) | {"before": label, "bases": tabs}


def _fields(
    version: Version, facts: EntryFacts, before: EntryFacts | None, posted: Any
) -> dict[str, Any]:
    earlier = (
        {name: text for _, rows in sections(before) for name, _, text in rows} if before else {}
    )
    items_before = {item.name: item for item in before.items} if before else {}
    remarks: dict[str, list[Any]] = {}
    for remark in queries.remarks_on(version):
        remarks.setdefault(remark.field, []).append(remark)
    findings: dict[str, list[Any]] = {}
    for finding in queries.all_findings_of(version):
        findings.setdefault(finding.field, []).append(finding)

    def about(field: str, at: int = 0) -> dict[str, Any]:
        return {
            "field": field,
            "box": BOX + field,
            "id": f"remark-{field.partition('.')[0]}-{at}",
            "remarks": remarks.get(field, []),
            "findings": findings.get(field, []),
            "typed": posted.get(BOX + field, "") if posted else "",
        }

    rows = [
        (
            section,
            [
                about(field)
                | {
                    "label": label,
                    "words": text,
                    "old": earlier.get(field, ""),
                    "differs": before is not None and earlier.get(field, "") != text,
                }
                for field, label, text in fields
                if field != "grounds"
            ],
        )
        for section, fields in sections(facts)
    ]
    items: list[tuple[ItemRow, dict[str, Any]]] = [
        (
            item,
            about(f"items.{item.name}", n)
            | {"change": _change(items_before.get(item.name), item) if before else ""},
        )
        for n, item in enumerate(facts.items, 1)
    ]
    names = {item.name for item in facts.items}
    dropped = [name for name in items_before if name not in names]
    grounds = about("grounds") if facts.grounds else None
    return {"sections": rows, "items": items, "grounds": grounds, "dropped": dropped}


def _change(old: ItemRow | None, new: ItemRow) -> str:
    """How an item differs from what it was, in words; empty where it does not."""
    if old is None:
        return "新增"
    line = comparing.compared_item(old, new)
    return "" if line.is_same else f"原：{line.cells[0]}".replace("\n", "；")
