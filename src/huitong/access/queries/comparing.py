"""What the entry allows, what was asked, what is granted: item by item, side by side (A8, A22)."""

from __future__ import annotations

from huitong.access.models import Application, Grant
from huitong.access.rules import CALLS_PER_SECOND
from huitong.publishing import queries as publishing
from huitong.publishing.rules import Mode
from huitong.scope import Mask, Scope, ScopeError, explain_filter, from_json, narrow
from huitong.ui.comparing import Difference, Line

COLUMNS = ("目录规定", "申请", "授权")
CLEAR = "明文"


def allowed_of(application: Application) -> Scope:
    """What was asked as far as the entry still allows it: where a decision begins."""
    return narrow(publishing.base_scope(application.mount), from_json(application.scope))


def compared(application: Application, grant: Grant | None = None) -> list[Line]:
    """Allowed, asked and, once it is decided, granted: a line for each item, for the rows, the
    quota and the period. Each line says how the last column stands to the one before it."""
    mount = grant.mount if grant is not None else application.mount
    base, requested = publishing.base_scope(mount), from_json(application.scope)
    granted = from_json(grant.scope) if grant is not None else None
    scopes = (base, requested) if granted is None else (base, requested, granted)
    names = dict.fromkeys((*base.items, *requested.items))
    lines = [_item(name, scopes) for name in names]
    lines.append(_line("数据行", *(_rows(scope) for scope in scopes)))
    form = application.form
    period = f"{form.period_from} 至 {form.period_to}"
    if grant is None:
        lines.append(Line("期限", ("", period), Difference.SAME))
        return lines
    quota = [f"每秒 {CALLS_PER_SECOND} 次", _quota(grant)]
    if mount.mode == Mode.API:
        lines.append(_line("调用配额", "", *quota))
    until = f" {grant.until:%H:%M}" if grant.until else ""
    lines.append(_line("期限", "", period, f"{grant.valid_from} 至 {grant.valid_to}{until}"))
    return lines


def compared_grant(grant: Grant) -> list[Line]:
    """The same from the grant; empty where its scope cannot be read and lets nothing through."""
    try:
        return compared(grant.application, grant)
    except ScopeError:
        return []


def row_words(application: Application) -> tuple[str, str]:
    """Which rows the entry allows and which were asked for, in words."""
    return _rows(publishing.base_scope(application.mount)), _rows(from_json(application.scope))


def _item(name: str, scopes: tuple[Scope, ...]) -> Line:
    cells = tuple(_mask(scope.masks.get(name)) if name in scope.items else "" for scope in scopes)
    before, last = cells[-2:]
    if before == last:
        return Line(name, cells, Difference.SAME, "" if last else "未申请")
    missing = "未申请" if len(scopes) == 2 else "未授权"
    if not last:
        return Line(name, cells, Difference.REMOVED, missing)
    if not before:
        return Line(name, cells, Difference.ADDED, "目录已不提供")
    return Line(name, cells, Difference.CHANGED, "脱敏不同" if len(scopes) == 2 else "加严脱敏")


def _line(label: str, *cells: str) -> Line:
    before, last = cells[-2:]
    return Line(label, cells, Difference.SAME if before == last else Difference.CHANGED, "")


def _mask(mask: Mask | None) -> str:
    return mask.label if mask else CLEAR


def _rows(scope: Scope) -> str:
    return f"{explain_filter(scope.row_filter)}的" if scope.row_filter is not None else "全部"


def _quota(grant: Grant) -> str:
    day = f"，每日 {grant.per_day} 次" if grant.per_day else ""
    return f"每秒 {grant.per_second} 次{day}"
