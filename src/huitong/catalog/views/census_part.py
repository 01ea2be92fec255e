"""What one body has to say of its entries in a census, and what the bureau has against it (A11)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpResponseBase
from django.views.decorators.http import require_http_methods

from huitong.catalog import queries
from huitong.catalog.forms import EntryFilter, ReasonsForm, RemarkForm
from huitong.catalog.models import Entry
from huitong.catalog.rules.census import CensusOutcome
from huitong.catalog.views.census import CRUMB, frame_of_census
from huitong.catalog.views.frame import clerk_of
from huitong.kernel.actor import Post
from huitong.kernel.addresses import reverse
from huitong.kernel.case import Case
from huitong.kernel.requests import Request
from huitong.ui.lists import BulkAct, Column, List, Listing, Look, conditions
from huitong.ui.rules import question as typed
from huitong.work.forms import bulk_in

ENTRIES = List(
    "catalog.census_entries",
    "本部门目录",
    (
        Column("name", "目录", "entry.name", sort=("current__name",), fixed=True),
        Column("code", "资源代码", "entry.code", sort=("code",)),
        Column(
            "published", "发布时间", "entry.current.published_at", sort=("current__published_at",)
        ),
        Column("version", "版本", lambda row: f"第 {row['entry'].current.number} 版"),
        Column("outcome", "核对结果", "label", fixed=True),
        Column("reasons", "理由", "entry.why"),
        Column("remark", "市局意见", "entry.remark_on"),
        Column("since", "之后的版本"),
        Column("ops", "操作", css="ops", page_only=True),
    ),
    order=("current__name", "pk"),
    unit="项",
    numbered=True,
    keep=("tab",),
    row_key="entry.pk",
    name=lambda row: (row["entry"].name, reverse("catalog:entry", args=[row["entry"].pk])),
    empty=("没有目录", "本部门没有须核对的目录；应编未编的资源仍须登记。"),
)
TABS = {
    "": ("全部", "没有须核对的目录"),
    "left": ("未核对", "都核对完了，可以提交签核"),
    "remarks": ("有意见", "没有意见"),
    **{o.value: (o.label, f"没有“{o.label}”的目录") for o in CensusOutcome if o != "missing"},
}
#: the bulk acts of a clerk: name, label, outcome, whether reasons are given
ANSWERS = (
    ("unchanged", "无变化", CensusOutcome.UNCHANGED, False),
    ("explained", "有提示，仍无变化", CensusOutcome.UNCHANGED, True),
    ("change", "需更新", CensusOutcome.CHANGE, True),
    ("retire", "拟撤销发布", CensusOutcome.RETIRE, True),
)


@require_http_methods(["GET", "HEAD", "POST"])
def census_part(request: Request, case: int) -> HttpResponseBase:
    """The entries of one body, each with what was said of it; answered, or questioned by the
    bureau, for those chosen."""
    actor = clerk_of(request)
    part = queries.census_part_for(actor, case)
    about, body = queries.census_of(part), part.body_of("provider") or 0
    form = EntryFilter(request.GET, {})
    tab = request.GET.get("tab", "")
    tab = tab if tab in TABS else ""
    rows = _of_tab(queries.entries_of_part(part), tab)
    rows = queries.entries_called(rows, typed(conditions(form).get("q") or ""))
    frame = frame_of_census(request, about, part)
    listing = Listing(
        request,
        ENTRIES.saying((TABS[tab][1], "")) if tab else ENTRIES,
        rows,
        form=form,
        draw=_drawn,
        bulk=_bulk(part, frame["may"]),
    )
    progress = queries.progress_by_part(about, [part])[part.pk]
    counts = {"": progress.entries, "left": progress.left, "remarks": progress.questioned}
    context = frame | {
        "progress": progress,
        "updates": actor.body == body and actor.has(Post.OPERATOR),
        "missing": list(queries.missing_of(part).order_by("pk")),
        "tabs": [
            {
                "label": label,
                "url": f"?tab={key}" if key else "?",
                "active": key == tab,
                "count": {**counts, **progress.outcomes}[key],
            }
            for key, (label, _) in TABS.items()
        ],
        "crumbs": [
            CRUMB,
            (str(about), reverse("catalog:census", args=[about.case_id])),
            (part.title, ""),
        ],
    }
    return listing.answer("catalog/census_part.html", context)


def _of_tab(rows: Any, tab: str) -> Any:
    if tab == "left":
        return rows.filter(queries.UNANSWERED)
    if tab == "remarks":
        return rows.exclude(remark_on="").exclude(remark_on=None)
    return rows.filter(outcome=tab, remark_on="") if tab else rows


def _drawn(page: list[Any]) -> list[dict[str, Any]]:
    return [
        {
            "entry": entry,
            "label": CensusOutcome(entry.outcome).label if entry.outcome else "未核对",
            "tone": "warning" if not entry.outcome or entry.remark_on else "success",
            "updating": entry.latest_id != entry.current_id,
            "since": f"第 {entry.updated_to} 版已发布" if entry.updated_to else "",
        }
        for entry in page
    ]


def _bulk(part: Case, may: dict[str, str]) -> list[BulkAct]:
    """What may be done with chosen entries now: answered by the body, questioned by the bureau."""
    acts = []
    if "answer" in may:
        acts = [
            bulk_in(
                part,
                "census_part.answer",
                label,
                name=name,
                parameter="entries",
                fixed={"outcome": outcome},
                form=ReasonsForm.of if explained else None,
                look=None if explained else _look(part),
                hint="" if explained else "今天的检查有提示的，须逐项核对，不能一并确认。",
            )
            for name, label, outcome, explained in ANSWERS
        ]
    if "question" in may:
        acts += [
            bulk_in(part, "census_part.question", label, name=name, parameter="entries", form=form)
            for name, label, form in (
                ("question", "提出意见", RemarkForm.of),
                ("unquestion", "撤回意见", None),
            )
        ]
    return acts


def _look(part: Case) -> Callable[[Any, str], Look]:
    """What today's checks find in an entry bars it from being confirmed with others."""

    def look(request: Any, key: str) -> Look:
        entry: Entry | None = queries.entries_of_part(part).filter(pk=key).first()
        if entry is None:
            return Look(barred="不在本部门普查之列")
        findings = queries.findings_of(entry.published)
        words = "；".join(finding.message for finding in findings[:3])
        return Look(barred=f"今天的检查有 {len(findings)} 处提示：{words}" if findings else "")

    return look
