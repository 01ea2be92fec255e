"""Data standards and code lists: what is filed with the bureau, for everybody to read; whoever
filed it changes it (A9)."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import Q, QuerySet
from django.http import FileResponse, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse_lazy
from django.views.decorators.http import require_http_methods, require_safe

from huitong.catalog import queries
from huitong.catalog.forms.standards import CodeListForm
from huitong.catalog.models import CodeList, Standard
from huitong.catalog.queries.standards import has_ended
from huitong.catalog.rules import StandardKind, choices
from huitong.catalog.views.frame import tabs_of, writer_of
from huitong.kernel.actor import Actor, Post
from huitong.kernel.addresses import reverse
from huitong.kernel.procedure import NotYours
from huitong.kernel.requests import Request
from huitong.kernel.workdays import today
from huitong.organizations import queries as organizations
from huitong.ui.lists import Column, List, Listing, conditions
from huitong.ui.rules import question
from huitong.work.forms import VerbForm, handed_out

TITLE = "字典与标准"
CRUMB = (TITLE, reverse_lazy("catalog:code_lists"))
#: of whatever is filed
OWNER = Column("owner", "登记部门", "owner", sort=("body__short_name",))
FILED = (
    Column("filed", "备案时间", "filed_at", sort=("filed_at",)),
    Column("filed_by", "备案人", files_only=True),
    Column("state", "状态", "state", fixed=True),
)
CODE_LISTS = List(
    "catalog.code_lists",
    "数据字典",
    (
        Column("name", "名称", sort=("name",), fixed=True),
        Column("standard", "依据的标准", "standard_number", sort=("standard__number",)),
        OWNER,
        Column("version", "现行版本", "version_words", sort=("version_number",)),
        Column("size", "代码数", num=True, sort=("size",)),
        Column("in_force", "施行日期", "version_in_force", sort=("version_in_force",)),
        *FILED,
    ),
    order=("name", "pk"),
    unit="个",
    numbered=True,
    personal=True,
    empty=("还没有登记数据字典", "列的值是代码的，把代码和含义登记成数据字典，编制信息项时选用。"),
)
STANDARDS = List(
    "catalog.standards",
    "数据标准",
    (
        Column("number", "编号", sort=("number",), fixed=True),
        Column("name", "名称", sort=("name",), fixed=True),
        Column("kind", "类别", "get_kind_display", sort=("kind",)),
        Column("issuer", "发布机构", sort=("issuer",)),
        OWNER,
        Column("in_force", "施行日期", sort=("in_force",)),
        Column("until", "失效日期", sort=("until",)),
        *FILED,
    ),
    order=("number", "pk"),
    unit="项",
    numbered=True,
    personal=True,
    empty=("还没有登记数据标准", "信息项执行的标准登记在这里，编制信息项时选用。"),
)
CODES = List(
    "catalog.codes",
    "代码和含义",
    (
        Column("code", "代码", sort=("code",), fixed=True),
        Column("label", "含义", sort=("label",), fixed=True),
    ),
    order=("position", "pk"),
    unit="个",
    keep=("version",),
)
#: entries named on the page of a code list
NAMED = 50
IN_FORCE, ENDED = "现行", "已停用"


class Filter(forms.Form):
    """What standards and code lists can be narrowed by."""

    q = forms.CharField(label="名称或编号", required=False, max_length=60)
    owner = forms.ChoiceField(label="登记部门", required=False)
    state = forms.ChoiceField(
        label="状态", required=False, choices=[("", "全部"), ("now", IN_FORCE), ("ended", ENDED)]
    )

    def __init__(self, data: Any, rows: QuerySet[Any]) -> None:
        super().__init__(data)
        names = organizations.body_names(rows.order_by().values_list("body", flat=True).distinct())
        owners = sorted((str(pk), name) for pk, name in names.items())
        self.fields["owner"].choices = [("", "全部"), ("platform", "平台预置"), *owners]


class StandardFilter(Filter):
    kind = forms.ChoiceField(
        label="类别", required=False, choices=[("", "全部"), *choices(StandardKind)]
    )


def reader_of(request: Request) -> Actor:
    """Who reads: whoever signs in for a body. Raises `NotYours`."""
    actor = request.actor
    if actor.body is None or not actor.has(Post.OPERATOR, Post.MANAGER):
        raise NotYours("字典与标准供政务部门编制和使用目录时查阅。", article="A9", who="经办人")
    return actor


# -- code lists ------------------------------------------------------------------------------------


@require_safe
def code_lists(request: Request) -> HttpResponseBase:
    """Every code list that is filed."""
    actor = reader_of(request)
    rows = queries.code_lists(actor)
    form = Filter(request.GET, rows)
    chosen = conditions(form)
    if q := question(chosen.get("q") or ""):
        rows = rows.filter(Q(name__icontains=q) | Q(standard__number__icontains=q))
    listing = Listing(request, CODE_LISTS, _narrowed(rows, chosen), form=form, draw=_drawn)
    return listing.answer("catalog/standards.html", frame(actor, "code_lists"))


@require_safe
def code_list(request: Request, pk: int) -> HttpResponseBase:
    """One code list: its values by version, and which resources cite it."""
    actor = reader_of(request)
    row = queries.code_list_for(actor, pk)
    versions = queries.versions_of_list(row)
    number = request.GET.get("version", "")
    version = next(
        (v for v in versions if str(v.number) == number),
        next((v for v in versions if v.title == row.newest), versions[0]),
    )
    citing = queries.entries_citing(actor, row)
    listing = Listing(request, CODES, queries.codes_of_version(version))
    context = {
        "row": row,
        "owner": _owner(row),
        "state": _state(row),
        "version": version,
        "versions": versions,
        "citing": list(citing[:NAMED]),
        "citing_count": citing.count(),
        "may": queries.may_change(actor, row),
        "renews": not has_ended(row),
        "crumbs": [CRUMB, (row.name, "")],
    }
    return listing.answer("catalog/code_list.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def new_code_list(request: Request) -> HttpResponse:
    writer_of(request)
    form = CodeListForm("catalog.register_code_list", request)
    return _listed(request, form, "登记数据字典", reverse("catalog:code_lists"))


@require_http_methods(["GET", "HEAD", "POST"])
def renew_code_list(request: Request, pk: int) -> HttpResponse:
    """Another version: begun from the values of the last one."""
    actor = writer_of(request)
    row = queries.own_code_list(actor, pk)
    last = queries.versions_of_list(row)[0]
    values = list(queries.codes_of_version(last).values("code", "label"))
    form = CodeListForm(
        "catalog.renew_code_list",
        request,
        fixed={"code_list": pk},
        initial={"values": values, "in_force": today()},
    )
    return _listed(
        request, form, f"登记新版本：{row.name}", reverse("catalog:code_list", args=[pk])
    )


def _listed(request: Request, form: CodeListForm, title: str, back: str) -> HttpResponse:
    if request.method == "POST" and not form.reshaped and (done := form.perform()) is not None:
        messages.success(request, f"已报市大数据管理局备案：{done.result}。编制信息项时即可选用。")
        return redirect("catalog:code_list", done.result.pk)
    context = {
        "form": form,
        "title": title,
        "sub": "登记后即报市大数据管理局备案；已登记的版本不能修改，改动另登新版本。",
        "file_help": "Excel（.xlsx、.xls）或 CSV，须有“代码”“含义”两列；读入后先核对，再登记。",
        "back": back,
        "crumbs": [CRUMB, (title, "")],
    }
    return render(request, "catalog/rows_form.html", context, status=form.status)


@require_http_methods(["GET", "HEAD", "POST"])
def end_code_list(request: Request, pk: int) -> HttpResponse:
    row = queries.own_code_list(writer_of(request), pk)
    form = VerbForm(
        "catalog.end_code_list",
        request,
        fixed={"code_list": pk},
        initial={"until": row.until or today()},
    )
    sub = "停用后不再供选用；已引用它的目录仍可查阅，修改时会提示改选。"
    title, button = ("改停用日期", "保存") if row.until else ("停用", "停用")
    back = reverse("catalog:code_list", args=[pk])
    return _written(request, form, f"{title}：{row.name}", sub, button, back)


# -- standards -------------------------------------------------------------------------------------


@require_safe
def standards(request: Request) -> HttpResponseBase:
    """Every data standard that is filed."""
    actor = reader_of(request)
    rows = queries.standards(actor)
    form = StandardFilter(request.GET, rows)
    chosen = conditions(form)
    if q := question(chosen.get("q") or ""):
        rows = rows.filter(Q(name__icontains=q) | Q(number__icontains=q))
    if kind := chosen.get("kind"):
        rows = rows.filter(kind=kind)
    listing = Listing(request, STANDARDS, _narrowed(rows, chosen), form=form, draw=_drawn)
    return listing.answer("catalog/standards.html", frame(actor, "standards"))


@require_http_methods(["GET", "HEAD", "POST"])
def new_standard(request: Request) -> HttpResponse:
    writer_of(request)
    form = VerbForm("catalog.register_standard", request)
    sub = "登记后即报市大数据管理局备案，各部门编制信息项时可以选用。"
    return _written(request, form, "登记数据标准", sub, "登记", reverse("catalog:standards"))


@require_http_methods(["GET", "HEAD", "POST"])
def change_standard(request: Request, pk: int) -> HttpResponse:
    row = queries.own_standard(writer_of(request), pk)
    values = {name: getattr(row, name) for name in ("name", "issuer", "in_force", "until")}
    form = VerbForm("catalog.change_standard", request, fixed={"standard": pk}, initial=values)
    title, sub = f"修改：{row.number}", "编号不能改：目录以编号引用它。废止的，填失效日期。"
    return _written(request, form, title, sub, "保存", reverse("catalog:standards"))


@require_safe
def standard_text(request: Request, pk: int) -> FileResponse:
    """The text of a standard as it was issued."""
    return handed_out(queries.text_of_standard(reader_of(request), pk))


# -- inside ----------------------------------------------------------------------------------------


def _written(
    request: Request, form: VerbForm, title: str, sub: str, button: str, back: str
) -> HttpResponse:
    if request.method == "POST" and (done := form.perform()) is not None:
        messages.success(request, f"已保存：{done.result}。")
        return redirect(back)
    context = {
        "form": form,
        "title": title,
        "sub": sub,
        "button": button,
        "back": back,
        "crumbs": [CRUMB, (title, "")],
    }
    return render(request, "catalog/register.html", context, status=form.status)


def _narrowed(rows: QuerySet[Any], chosen: dict[str, Any]) -> QuerySet[Any]:
    owner, state = chosen.get("owner"), chosen.get("state")
    if owner:
        rows = rows.filter(body=None) if owner == "platform" else rows.filter(body=owner)
    if state:
        ended = Q(until__lt=today())
        rows = rows.filter(ended) if state == "ended" else rows.exclude(ended)
    return rows


def _drawn(page: list[Any]) -> list[Any]:
    for row in page:
        row.owner, row.state = _owner(row), _state(row)
        if isinstance(row, CodeList):
            number = row.version_number
            row.version_words = f"第{number}版" if number else "尚未施行"
    return page


def _owner(row: Standard | CodeList) -> str:
    return row.body.short_name if row.body else "平台预置"


def _state(row: Standard | CodeList) -> str:
    return ENDED if has_ended(row) else IN_FORCE


def frame(actor: Actor, tab: str) -> dict[str, Any]:
    pages = {
        "code_lists": ("数据字典", "code_lists"),
        "standards": ("数据标准", "standards"),
        "leads": ("数源清单", "leads"),
    }
    return {
        "title": TITLE,
        "tab": tab,
        "tabs": tabs_of(pages, tab),
        "may": actor.has(Post.OPERATOR),
        "actor": actor,
        "crumbs": [(TITLE, "")],
    }
