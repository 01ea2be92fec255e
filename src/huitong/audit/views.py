"""The ledger's pages; and the checkpoint anybody may fetch and keep, which no page of ours could
fake afterwards."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import wraps
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import RequestDataTooBig
from django.http import FileResponse, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from huitong.audit import actions, forms, queries
from huitong.audit.rules import reading
from huitong.audit.rules.export import growth_line
from huitong.audit.rules.given import words_of
from huitong.audit.rules.masks import veiled, veiled_all, veiled_name
from huitong.audit.rules.retention import retention
from huitong.kernel.actor import Actor
from huitong.kernel.addresses import reverse
from huitong.kernel.doing import PROCEDURES, VERBS
from huitong.kernel.laws import article_words
from huitong.kernel.ledger import Entry
from huitong.kernel.procedure import Malformed, NotVisible, NotYours, Problem
from huitong.kernel.requests import Request
from huitong.kernel.workdays import today
from huitong.ui.lists import Column, List, Listing
from huitong.ui.moments import absolute

HOME = ("审计台账", reverse_lazy("audit:entries"))
#: a checkpoint has some hundred bytes, a few hundred more for each cosignature
LONGEST_NOTE = 20_000


# -- reading the ledger ----------------------------------------------------------------------------


ENTRIES = List(
    "audit.entries",
    "台账条目",
    (
        Column("seq", "序号", css="no", fixed=True),
        Column("at", "时间", lambda row: absolute(row["at"], seconds=True), fixed=True),
        Column("verb", "办理", fixed=True),
        Column("article", "依据"),
        Column("body", "部门"),
        Column("who", "办理人"),
        Column("deputy", "代理何人", files_only=True),
        Column("object", "对象"),
        Column("case", "事项编号", chosen=False),
        Column("via", "途径", chosen=False),
        Column("reasons", "理由", css="text"),
        Column("ops", "操作", css="ops", page_only=True),
    ),
    order=("-seq",),
    size=50,
    personal=True,
    row_key="seq",
    empty=("台账还没有条目", "每一项办理都会在这里留下一条，只增不改。"),
)


@require_GET
def entries(request: Request) -> HttpResponseBase:
    """The ledger, youngest first. Paged by key: page 10,000 costs what the first does."""
    actor, form = request.actor, forms.Filter(request.GET)
    matches = queries.search(actor, **form.criteria())
    auditor = queries.is_auditor(actor)

    def drawn(page: list[Entry]) -> list[dict[str, object]]:
        numbers = queries.numbers_of(actor, page)
        return [_row(actor, e) | {"case": numbers.get(e.case or 0, "")} for e in page]

    listing = Listing(request, ENTRIES, matches, form=form, draw=drawn)
    return listing.answer(
        "audit/entries.html",
        {
            "tabs": _tabs(request, form),
            "auditor": auditor,
            "status": queries.status() if auditor else None,
            "crumbs": [(HOME[0], "")],
        },
    )


def _tabs(request: Request, form: forms.Filter) -> list[dict[str, object]]:
    """People's acts, the platform's, and both; the other filters stay."""
    filters = request.GET.copy()
    for place in ("people", "after", "before"):
        filters.pop(place, None)
    tabs = []
    for whose, label in forms.WHOSE.items():
        url = f"?{urlencode({'people': whose})}&{filters.urlencode()}".rstrip("&")
        tabs.append({"label": label, "url": url, "active": whose == form.whose})
    return tabs


@require_GET
def entry(request: Request, seq: int) -> HttpResponse:
    """One act: who, what changed, and the proof that it stands in the ledger as it was sealed."""
    actor = request.actor
    row = queries.entry_visible_to(actor, seq)
    proof, broken = None, ""
    try:
        proof = queries.proof_of(row)
    except queries.LedgerBroken as why:  # what was done can be read all the same
        broken = why.detail
    plain = queries.is_auditor(actor)
    if plain and request.GET.get("format") == "json":
        return _record(row)
    before, after = (facts if plain else veiled_all(facts) for facts in (row.before, row.after))
    return render(
        request,
        "audit/entry.html",
        {
            "row": _row(actor, row, plain),
            "about": queries.case_of(actor, row),
            "changes": reading.changes(before, after, _reader(row)),
            "proof": proof,
            "broken": broken,
            "holds": proof is not None and queries.proves(row, proof),
            "path": [value.hex() for value in proof.path] if proof else [],
            "hash": proof.hash.hex() if proof else "",
            "auditor": plain,
            "evidence": _may_take_evidence(actor),
            "crumbs": [HOME, (f"第 {seq} 号", "")],
        },
    )


def _record(entry: Entry) -> HttpResponse:
    """The entry as it was sealed, for a machine to check."""
    text = json.dumps(entry.as_dict(), ensure_ascii=False, indent=2, default=str)
    response = HttpResponse(text, content_type="application/json")
    response.headers["Content-Disposition"] = f'attachment; filename="entry-{entry.pk}.json"'
    return response


def _row(reader: Actor, entry: Entry, plain: bool = False) -> dict[str, object]:
    """An entry for a list: personal data in its texts masked unless ``plain``; who acted as this
    reader may know it, in the list as on the entry's page."""
    actor, verb = entry.actor, VERBS.get(entry.verb)
    return {
        "seq": entry.pk,
        "url": reverse("audit:entry", args=[entry.pk]),
        "at": entry.at,
        "verb": verb.label if verb else reading.PAST_VERBS.get(entry.verb, "其他办理"),
        "article": article_words(entry.article),
        "body": actor.get("body_name") or "",
        "who": _name(reader, entry, actor["name"]),
        "deputy": _name(reader, entry, actor.get("deputy_for_name", "")),
        "person": entry.person,
        "via": reading.door_words(actor.get("via", "")),
        "ip": actor.get("ip", "") if plain else "",
        "object": f"{reading.object_words(entry.object_type)} {entry.object_id}".strip(),
        "case": entry.case,
        "reasons": entry.reasons if plain else veiled(entry.reasons),
    }


def _name(reader: Actor, entry: Entry, name: str) -> str:
    return name if queries.reads_names(reader, entry) else veiled_name(name)


def _states(entry: Entry) -> dict[str, str]:
    table = PROCEDURES.get(entry.kind, {}).get(entry.law)
    return {state.value: state.label for state in table.states} if table else {}


def _reader(entry: Entry) -> reading.Reader:
    """How the facts of this act are put into words."""
    verb = VERBS.get(entry.verb)
    titles, choices = words_of(verb.given) if verb else ({}, {})
    return reading.Reader(titles, choices, _states(entry), dict(queries.bodies_seen()))


# -- how it stands, and taking it along ------------------------------------------------------------


@require_GET
def status(request: Request) -> HttpResponse:
    """Show how far the ledger is sealed, where its checkpoints lie, and the result of the last full
    check."""
    queries.auditors_only(request.actor)
    now = queries.status()
    faults = (
        [reading.fault_words(fault) for fault in now.inspection.faults] if now.inspection else []
    )
    return render(
        request,
        "audit/status.html",
        {
            "status": now,
            "faults": faults,
            "peers": queries.peers(),
            "keys": queries.keys(),
            "retention": retention("ledger", today()),
            "origin": queries.signer().name,
            "crumbs": [HOME, ("封存与核验", "")],
        },
    )


@require_POST
def check(request: Request) -> HttpResponse:
    actions.check(request.actor)
    messages.success(request, "已安排完整核验，完成后结果显示在本页；台账较大时需要几分钟。")
    return redirect("audit:status")


@require_http_methods(["GET", "POST"])
def export(request: Request) -> HttpResponse:
    queries.auditors_only(request.actor)
    form = forms.Export(request.POST or None)
    if request.method == "POST" and form.is_valid():
        package = actions.export(
            request.actor,
            first=form.cleaned_data["first"] or 0,
            reasons=form.cleaned_data["reasons"],
        )
        return redirect("audit:package", package.pk)
    return render(
        request,
        "audit/ask.html",
        {
            "form": form,
            "heading": "导出台账",
            "crumbs": [HOME, ("导出台账", "")],
            "hint": "导出已封存的全部条目、检查点与公钥，附离线核验程序。",
        },
        status=422 if form.errors else 200,
    )


@require_http_methods(["GET", "POST"])
def evidence(request: Request, case: int) -> HttpResponse:
    row = queries.case_visible_to(request.actor, case)
    if not _may_take_evidence(request.actor):
        raise NotYours("证据包由本部门负责人或审计管理员导出。", article="A34", who="本部门负责人")
    form = forms.Evidence(request.POST or None)
    if request.method == "POST" and form.is_valid():
        package = actions.evidence(request.actor, case=case, reasons=form.cleaned_data["reasons"])
        return redirect("audit:package", package.pk)
    return render(
        request,
        "audit/ask.html",
        {
            "form": form,
            "heading": f"导出证据包：{row.number or row.pk}",
            "crumbs": [HOME, ("导出证据包", "")],
            "hint": (
                f"“{row.title}”的全部办理记录及其证明，附中文摘要和离线核验程序（第三十四条）。"
            ),
        },
        status=422 if form.errors else 200,
    )


def _may_take_evidence(actor: Actor) -> bool:
    return not actor.seats_in({}).isdisjoint(VERBS["audit.evidence"].who)


@require_GET
def package(request: Request, pk: int) -> HttpResponse:
    row, path = queries.package_file(request.actor, pk)
    return render(
        request,
        "audit/package.html",
        {"package": row, "bytes": path.stat().st_size, "crumbs": [HOME, ("导出文件", "")]},
    )


@require_GET
def package_file(request: Request, pk: int) -> FileResponse:
    row, path = queries.package_file(request.actor, pk)
    return FileResponse(
        path.open("rb"), as_attachment=True, filename=row.name, content_type="application/zip"
    )


# -- the public checkpoint -------------------------------------------------------------------------


def in_plain_text(view: Callable[[Request], HttpResponse]) -> Callable[[Request], HttpResponse]:
    """Answer programs: a refusal is a line of text, not a page."""

    @wraps(view)
    def answer(request: Request) -> HttpResponse:
        try:
            return view(request)
        except Problem as problem:
            return HttpResponse(
                f"{problem.detail}\n",
                status=problem.status,
                content_type="text/plain; charset=utf-8",
            )

    return answer


@csrf_exempt  # a peer has no session here: its checkpoint's signature is all that counts
@never_cache
@require_http_methods(["GET", "POST"])
@in_plain_text
def checkpoint(request: Request) -> HttpResponse:
    """GET: our latest checkpoint. POST: a peer's, to be kept for it."""
    if request.method == "POST":
        return _keep(request)
    if (head := queries.latest()) is None:
        raise NotVisible("检查点")
    return HttpResponse(head.note, content_type="text/plain; charset=utf-8")


def _keep(request: Request) -> HttpResponse:
    try:
        if len(request.body) > LONGEST_NOTE:
            raise Malformed({"checkpoint": f"检查点不应超过 {LONGEST_NOTE} 字节"})
        actions.witness(request.body.decode())
    except (UnicodeDecodeError, RequestDataTooBig):
        raise Malformed({"checkpoint": "检查点应为 UTF-8 文本"}) from None
    return HttpResponse("已留存\n", content_type="text/plain; charset=utf-8", status=201)


@require_GET
def checkpoint_keys(request: Request) -> HttpResponse:
    return HttpResponse(
        "".join(map("{}\n".format, queries.keys())), content_type="text/plain; charset=utf-8"
    )


@require_GET
@in_plain_text
def checkpoint_consistency(request: Request) -> HttpResponse:
    """``?old=3&size=8``: the proof that the ledger of 8 entries only added to that of 3. Reveals
    hashes, no content."""
    old, size = (request.GET.get(name, "") for name in ("old", "size"))
    if not (old.isdecimal() and size.isdecimal() and len(old + size) < 36):
        raise Malformed({"old": "应为检查点的大小", "size": "应为检查点的大小"})
    proof = queries.consistency(int(old), int(size))
    return HttpResponse(growth_line(int(old), int(size), proof), content_type="application/json")
