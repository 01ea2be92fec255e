"""Reading: the list, a document with its versions and file, an article with what rests on it, which
departments have rules of their own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.http import FileResponse, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse_lazy
from django.views.decorators.http import require_safe

from huitong.documents import queries
from huitong.documents.forms import DepartmentFilter, DocumentFilter
from huitong.documents.models import DocumentVersion
from huitong.documents.rules import ARTICLES, INTERPRETATION, KINDS, TABLES, Article
from huitong.documents.rules import article as article_of
from huitong.kernel.actor import Actor, Post
from huitong.kernel.addresses import reverse
from huitong.kernel.laws import LAWS, full_words
from huitong.kernel.manifest import BUSINESS
from huitong.kernel.procedure import NotVisible, NotYours
from huitong.kernel.requests import Request
from huitong.kernel.workdays import today
from huitong.organizations import queries as organizations
from huitong.ui.lists import Column, List, Listing, conditions
from huitong.ui.rules import is_key
from huitong.work.forms import handed_out

CRUMB = ("制度文件", reverse_lazy("documents:documents"))
DOCUMENTS = List(
    "documents.documents",
    "制度文件",
    (
        Column("title", "标题", "version.title", sort=("title",), fixed=True),
        Column("number", "文号", "version.document_number", sort=("document_number",)),
        Column("kind", "类别", "kind.label", sort=("document__kind",)),
        Column(
            "body", "发布单位", "document.body.short_name", sort=("document__body__short_name",)
        ),
        Column("articles", "有关条款", lambda row: "、".join(map(full_words, row["cited"]))),
        Column("audience", "发布范围", "version.get_audience_display", chosen=False),
        Column("since", "施行日期", "version.in_force", sort=("in_force",)),
        Column("until", "失效日期", "version.until", sort=("until",), chosen=False),
        Column("standing", "状态", "standing.label"),
        Column("published", "发布时间", "version.published_at", sort=("published_at",)),
    ),
    order=("-published_at", "-pk"),
    unit="件",
    numbered=True,
    keep=("tab",),
    row_key="document.pk",
    empty=(
        "还没有制度文件",
        "管理制度、数据标准、技术规范、解释和各部门的管理办法发布后列在这里。",
    ),
)
DRAFTS = List(
    "documents.drafts",
    "起草中的文件",
    (
        Column("title", "标题", sort=("title",), fixed=True),
        Column("kind", "类别", lambda version: KINDS[version.document.kind].label),
        Column("state", "状态", lambda version: _state(version).label, sort=("case__state",)),
        Column("started", "开始起草", "case.opened_at", sort=("case__opened_at",)),
        Column("ops", "操作", css="ops", page_only=True),
    ),
    order=("-case__opened_at", "-pk"),
    unit="件",
    numbered=True,
    empty=("没有起草中的文件", "经办人起草、负责人审核后发布。"),
)
DEPARTMENTS = List(
    "documents.departments",
    "各部门管理办法",
    (
        Column("name", "部门", "body.name", sort=("name",), fixed=True),
        Column("has", "管理办法", lambda row: "已制定" if row["rules"] else "未制定"),
        Column("title", "标题", "rules.title"),
        Column("number", "文号", "rules.document_number", chosen=False),
        Column("since", "施行日期", "rules.in_force"),
    ),
    order=("division_code", "pk"),
    size=50,
    unit="个",
    numbered=True,
    row_key="body.pk",
    empty=("没有政务部门", "由系统管理员登记机构。"),
)


def _state(version: DocumentVersion) -> Any:
    return TABLES[KINDS[version.document.kind].issuer].state(version.case.state)


def tabs_of(actor: Actor, active: str) -> list[dict[str, Any]]:
    """The lists there are for this actor."""
    pages = {"": ("现行有效", "documents"), "all": ("全部文件", "documents")}
    if actor.has(*BUSINESS):
        pages["drafts"] = ("本部门起草中", "drafts")
    if queries.may_oversee(actor):
        pages["departments"] = ("各部门管理办法", "departments")
    pages["articles"] = ("按条款查阅", "articles")
    return [
        {
            "label": label,
            "url": reverse(f"documents:{page}", query={"tab": key} if key == "all" else None),
            "active": key == active,
        }
        for key, (label, page) in pages.items()
    ]


def _frame(actor: Actor, active: str) -> dict[str, Any]:
    return {
        "tabs": tabs_of(actor, active),
        "drafts_city": actor.bureau and actor.has(Post.OPERATOR),
        "drafts_own": actor.body is not None and actor.has(Post.OPERATOR),
        "crumbs": [("制度文件", "")],
    }


# -- lists -----------------------------------------------------------------------------------------


@require_safe
def documents(request: Request) -> HttpResponseBase:
    """The published documents: those in force, or all."""
    actor, whole = request.actor, request.GET.get("tab") == "all"
    form = DocumentFilter(actor, request.GET)
    narrow = conditions(form)
    on = narrow.pop("on", None) or (None if whole else today())
    listing = Listing(
        request,
        DOCUMENTS,
        queries.search(actor, **narrow, on=on),
        form=form,
        draw=lambda page: _rows(page, on),
    )
    return listing.answer("documents/documents.html", _frame(actor, "all" if whole else ""))


def _rows(page: Sequence[DocumentVersion], on: Any) -> list[dict[str, Any]]:
    standings = queries.standings(page, on)
    return [
        {
            "document": version.document,
            "version": version,
            "kind": KINDS[version.document.kind],
            "cited": version.articles,
            "standing": standings[version.pk],
        }
        for version in page
    ]


@require_safe
def drafts(request: Request) -> HttpResponseBase:
    """What the actor's body is drafting."""
    actor = request.actor
    listing = Listing(
        request,
        DRAFTS,
        queries.drafts_of_body(actor),
        draw=lambda page: [_with_state(version) for version in page],
    )
    return listing.answer("documents/documents.html", _frame(actor, "drafts"))


def _with_state(version: DocumentVersion) -> DocumentVersion:
    version.state = _state(version)
    return version


@require_safe
def departments(request: Request) -> HttpResponseBase:
    """Which departments have management rules in force, for the bureau (A12)."""
    actor = request.actor
    if not queries.may_oversee(actor):
        raise NotYours(
            "各部门管理办法的建立情况由大数据管理局查看。", article="A12", who="大数据管理局"
        )
    rows = queries.departments_with_rules(actor)
    total, lacking = rows.count(), rows.filter(rules=None).count()
    form = DepartmentFilter(request.GET)
    has = conditions(form).get("has")
    if has:
        rows = rows.filter(rules__isnull=has == "no")
    listing = Listing(request, DEPARTMENTS, rows, form=form, draw=_departments)
    share = round(100 * (total - lacking) / total) if total else 0
    counts = {"total": total, "having": total - lacking, "lacking": lacking, "share": share}
    return listing.answer(
        "documents/documents.html", _frame(actor, "departments") | {"counts": counts}
    )


def _departments(page: Sequence[Any]) -> list[dict[str, Any]]:
    rules = queries.rules_in_force([body.pk for body in page])
    return [{"body": body, "rules": rules.get(body.pk)} for body in page]


# -- one document ----------------------------------------------------------------------------------


@require_safe
def document(request: Request, pk: int) -> HttpResponse:
    """A document: what it says, or what an older version of it said."""
    actor = request.actor
    row = queries.document_for(actor, pk)
    versions = queries.versions_of(actor, row)
    key = request.GET.get("version", "")
    version = next((v for v in versions if is_key(key) and v.pk == int(key)), None)
    if key and version is None:
        raise NotVisible("该文件的这一版本")
    standings = queries.standings(versions)
    held = queries.version_held_of(versions, today())
    version = version or held
    own = row.body_id == actor.body and row.ended_from is None
    context = {
        "document": row,
        "kind": KINDS[row.kind],
        "version": version,
        "held": held,
        "standing": standings[version.pk],
        "lines": [(each, standings[each.pk]) for each in versions],
        "bodies": organizations.body_names(version.bodies).values(),
        "successor": queries.successor_of(actor, row),
        "replaced": queries.predecessors_of(actor, row),
        "revises": own and actor.has(Post.OPERATOR),
        "repeals": own and actor.has(Post.MANAGER),
        "crumbs": [CRUMB, (version.title, "")],
    }
    return render(request, "documents/document.html", context)


@require_safe
def file(request: Request, pk: int, version: int) -> FileResponse:
    """The file of a version, for whoever may read it."""
    attachment = queries.version_for(request.actor, pk, version).file
    if attachment is None:
        raise NotVisible("该文件的附件")
    return handed_out(attachment)


# -- articles --------------------------------------------------------------------------------------


@require_safe
def articles(request: Request) -> HttpResponse:
    """The laws whose text is at hand, article by article."""
    chapters: dict[str, list[Article]] = {}
    for row in ARTICLES.values():
        chapters.setdefault(row.chapter, []).append(row)
    context = {
        "chapters": chapters,
        "law": next(iter(LAWS.values())),
        "tabs": tabs_of(request.actor, "articles"),
        "crumbs": [CRUMB, ("按条款查阅", "")],
    }
    return render(request, "documents/articles.html", context)


@require_safe
def article(request: Request, short: str) -> HttpResponse:
    """An article: its text, and the interpretations and documents in force that name it (A35)."""
    try:
        row = article_of(short)
    except ValueError:
        raise NotVisible("该条款") from None
    on_it = list(queries.on_article(request.actor, row.short))
    context = {
        "article": row,
        "law": row.cited.law,
        "title": full_words(row.short),
        "interpretations": [v for v in on_it if v.document.kind == INTERPRETATION.code],
        "documents": [v for v in on_it if v.document.kind != INTERPRETATION.code],
        "crumbs": [CRUMB, ("按条款查阅", reverse("documents:articles")), (full_words(short), "")],
    }
    return render(request, "documents/article.html", context)
