"""Routes made from the registered verbs and from `kernel.Case`: no verb is written down twice."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from ninja import Field, Header, Query, Router, Schema
from ninja.pagination import paginate
from pydantic import BaseModel, field_validator

from huitong.audit.rules.masks import veiled_all
from huitong.kernel import doing
from huitong.kernel.actor import Actor, Bodies
from huitong.kernel.addresses import reverse
from huitong.kernel.case import Case, entries_of
from huitong.kernel.ledger import Entry, plain
from huitong.kernel.procedure import NotVisible
from huitong.kernel.requests import Request
from huitong.ui.paging import Drawn

IdempotencyKey = Header(
    None, alias="Idempotency-Key", max_length=80, description="同一个键重复提交只办一次"
)


class ActionOut(Schema):
    """Something the caller may do with a case now."""

    verb: str
    label: str
    article: str
    href: str
    demands: list[str]


class CaseOut(Schema):
    """A case as its parties see it."""

    id: int
    kind: str
    law: str
    number: str | None
    title: str
    state: str
    state_label: str
    parties: dict[str, Bodies] = Field(
        title="当事方", description="部门编号；由多个部门担任的，为编号的列表"
    )
    due_on: str | None = Field(None, title="到期日")
    provisional: bool = Field(False, title="到期日为暂算")
    paused: bool = Field(False, title="计时暂停")
    closed: bool
    facts: dict[str, Any]
    actions: list[ActionOut]


class DoneOut(Schema):
    """What an act came to: its ledger entry, its case, what it made."""

    entry: int = Field(title="台账序号")
    verb: str
    object: str = Field("", title="对象")
    object_id: str = ""
    case: CaseOut | None = None
    replayed: bool = Field(False, title="是否为重复提交")
    result: Any = None


class ByOut(Schema):
    """Who did it, as the parties of a case may know: neither address nor request, which are the
    auditor's."""

    name: str
    body: int | None
    body_name: str
    posts: list[str]
    deputy_for_name: str


class EntryOut(Schema):
    seq: int
    at: datetime
    verb: str
    law: str
    article: str
    actor: ByOut
    reasons: str
    before: dict[str, Any]
    after: dict[str, Any]

    @field_validator("reasons", "before", "after")
    @classmethod
    def veil(cls, value: Any) -> Any:
        """Personal data in texts is masked, as wherever many entries are shown at once."""
        return veiled_all(value)


def case_out(actor: Actor, case: Case) -> CaseOut:
    procedure = doing.procedure_of(case)
    actions = [
        ActionOut(
            verb=row.verb,
            label=row.label,
            article=row.article,
            demands=sorted(row.demands),
            href=reverse(f"api:{_url_name(verb)}", args=[case.pk]),
        )
        for row, verb in doing.open_to(actor, case)
    ]
    return CaseOut(
        id=case.pk,
        kind=case.kind,
        law=case.law,
        number=case.number,
        title=case.title,
        state=case.state,
        state_label=procedure.state(case.state).label,
        parties=case.parties,
        closed=not case.is_open,
        due_on=case.due_on.isoformat() if case.due_on else None,
        provisional=case.provisional,
        paused=case.paused,
        facts=plain(case.facts),
        actions=actions,
    )


def done(actor: Actor, outcome: doing.Done) -> DoneOut:
    result = outcome.result if isinstance(outcome.result, dict | list | str | int) else None
    return DoneOut(
        entry=outcome.entry.seq,
        verb=outcome.entry.verb,
        object=outcome.entry.object_type,
        object_id=outcome.entry.object_id,
        replayed=outcome.replayed,
        result=plain(result),
        case=case_out(actor, outcome.case) if outcome.case is not None else None,
    )


def router() -> Router:
    """All generated routes. Called once every context's actions are imported."""
    routes = Router()
    _cases(routes)
    for verb in doing.VERBS.values():
        if verb.offered:
            _write(routes, verb)
    return routes


def _cases(routes: Router) -> None:
    @routes.get("/cases", response=list[CaseOut], tags=["事项"], summary="事项列表")
    @paginate
    def cases(
        request: Request,
        kind: str = Query("", pattern=f"^({'|'.join(doing.PROCEDURES)})?$"),
        state: str = "",
        waiting: bool = Query(False, title="只看待我办理"),
    ) -> Drawn:
        actor = request.actor
        rows = Case.objects.visible_to(actor).order_by("-pk")
        rows = rows.waiting_for(actor) if waiting else rows
        rows = rows.filter(**{k: v for k, v in (("kind", kind), ("state", state)) if v})
        return Drawn(rows, lambda page: [case_out(actor, case) for case in page])

    @routes.get(
        "/cases/{case_id}", response=CaseOut, tags=["事项"], summary="事项详情与当前可办操作"
    )
    def case(request: Request, case_id: int) -> CaseOut:
        return case_out(request.actor, _case(request, case_id))

    @routes.get(
        "/cases/{case_id}/entries", response=list[EntryOut], tags=["事项"], summary="事项的流转记录"
    )
    @paginate
    def entries(request: Request, case_id: int) -> QuerySet[Entry]:
        return entries_of(_case(request, case_id).pk)


def _case(request: Request, case_id: int) -> Case:
    case = Case.objects.visible_to(request.actor).filter(pk=case_id).first()
    if case is None:
        raise NotVisible("该事项")
    return case


def _write(routes: Router, verb: doing.Verb) -> None:
    """One POST route per verb: openings and recorded acts at ``/do/{name}``, steps at
    ``/cases/{kind}/{case_id}/{verb}``."""
    kind, _, short = verb.name.partition(".")
    Given = verb.given
    about: dict[str, Any] = {
        "response": DoneOut,
        "tags": [kind],
        "summary": f"{verb.label}({verb.article})",
        "description": verb.doc,
        "operation_id": _url_name(verb),
        "url_name": _url_name(verb),
    }

    if verb.opening or not verb.is_step:

        def write(request: Request, given: Any, key: str | None = IdempotencyKey) -> DoneOut:
            actor = request.actor
            return done(
                actor, doing.perform(actor, verb.name, _given(given), request_key=key or "")
            )

        path = f"/do/{verb.name}"
    else:

        def write(  # type: ignore[misc]
            request: Request, case_id: int, given: Any, key: str | None = IdempotencyKey
        ) -> DoneOut:
            actor = request.actor
            if _case(request, case_id).kind != kind:
                raise NotVisible("该事项")
            return done(
                actor,
                doing.perform(actor, verb.name, _given(given), case=case_id, request_key=key or ""),
            )

        path = f"/cases/{kind}/{{case_id}}/{short}"
    write.__annotations__ = dict(write.__annotations__) | {
        "request": Request,
        "given": Given,
        "key": str | None,
    }
    routes.post(path, **about)(write)


def _url_name(verb: doing.Verb) -> str:
    return verb.name.replace(".", "_")


def _given(given: BaseModel) -> dict[str, Any]:
    """Only what the caller said, so that defaults stay the action's own."""
    return {name: getattr(given, name) for name in given.model_fields_set}
