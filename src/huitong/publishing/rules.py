"""How a resource is mounted, and who authorizes its use (A13, A18)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from huitong.catalog.rules import Usage
from huitong.catalog.rules.vocabulary import WANTS_API, WANTS_TABLE
from huitong.connectors import DatabaseAddress
from huitong.kernel.actor import PROVIDER, Labelled, Post
from huitong.kernel.procedure import AgainstRules, WatchRule, limit, watch
from huitong.scope import Scope


class Mode(Labelled):
    """The three ways of A13."""

    TABLE = "table", "库表"
    API = "api", "接口"
    FILE = "file", "文件"


class Authorization(Labelled):
    """How the provider chose at registration to authorize (A18)."""

    DIRECT = "direct", "由本部门逐一授权"
    DELEGATED = "delegated", "整体授权给平台"


class Authority(Labelled):
    """Who decides an application; a route of the procedure by this fact."""

    PLATFORM = "platform", "平台（市大数据管理局）"
    PROVIDER = "provider", "提供部门"


class MountState(Labelled):
    PENDING = "pending", "待负责人确认"
    ACTIVE = "active", "服务中"
    SUSPENDED = "suspended", "暂停交付"
    WITHDRAWN = "withdrawn", "已撤销"


#: a resource whose delivery was stopped: a stop is for a time, and past its day the bureau hears
#: that it has run long (A16, A28)
STOPPED = watch(
    WatchRule(
        "delivery_stopped",
        "暂停交付未处理",
        limit("C", "suspension", "暂停后恢复或收回"),
        PROVIDER(Post.MANAGER),
        remedy="请核实后恢复交付；不能再提供的，请收回相应的授权，并告知使用部门和大数据管理局。",
    )
)


@dataclass(frozen=True)
class AuthorityRow:
    """One dated row: resources of this share class, with or without control parameters, so
    authorized → who decides."""

    share_class: str
    control_parameters: bool
    authorization: Authorization
    authority: Authority
    article: str
    in_force: date
    note: str = ""


SINCE = date(2020, 2, 19)
D, G = Authorization.DIRECT, Authorization.DELEGATED
#: A18. How a delegated conditional resource runs is not said by the rules: those rows are ours, and
#: a city may replace them
AUTHORITIES: tuple[AuthorityRow, ...] = (
    AuthorityRow("1", False, D, Authority.PLATFORM, "A18", SINCE),
    AuthorityRow("1", False, G, Authority.PLATFORM, "A18", SINCE),
    AuthorityRow("1", True, D, Authority.PROVIDER, "A18", SINCE),
    AuthorityRow("1", True, G, Authority.PLATFORM, "A18", SINCE),
    AuthorityRow("2", False, D, Authority.PROVIDER, "A18", SINCE),
    AuthorityRow("2", True, D, Authority.PROVIDER, "A18", SINCE),
    AuthorityRow("2", False, G, Authority.PLATFORM, "A18", SINCE, "细则未写明，按平台直接授权办理"),
    AuthorityRow("2", True, G, Authority.PLATFORM, "A18", SINCE, "细则未写明，按平台直接授权办理"),
)


def authority(
    share_class: str,
    control_parameters: bool,
    authorization: str,
    on: date,
    rows: Iterable[AuthorityRow] = AUTHORITIES,
) -> Authority:
    """Who decides an application for such a resource on a day. Raises `AgainstRules` for what is
    not shared (A8)."""
    situation = (share_class, control_parameters, authorization)
    fitting = [
        r
        for r in rows
        if (r.share_class, r.control_parameters, r.authorization) == situation and r.in_force <= on
    ]
    if not fitting:
        raise AgainstRules(
            "不予共享的资源不接受使用申请。",
            article="A8",
            remedy="如确有履职需要，可联系提供部门协商。",
        )
    return max(fitting, key=lambda r: r.in_force).authority


def routes(
    share_class: str, control_parameters: bool, on: date, rows: Iterable[AuthorityRow] = AUTHORITIES
) -> list[AuthorityRow]:
    """How such a resource is authorized on a day, by what its provider chose (A18)."""
    situation = (share_class, control_parameters)
    fitting = [r for r in rows if (r.share_class, r.control_parameters) == situation]
    return [r for r in fitting if r.in_force <= on]


def only_decider(rows: Iterable[AuthorityRow]) -> Authority | None:
    """Who decides whatever is chosen; None where the choice decides it."""
    deciders = {row.authority for row in rows}
    return deciders.pop() if len(deciders) == 1 else None


# -- which way of mounting is due (A13) ------------------------------------------------------------

#: often-changing, time-critical, joint approval, collaboration → API; governed, linked, analysed →
#: table
DUE: Mapping[Mode, frozenset[str]] = {
    Mode.API: frozenset(WANTS_API),
    Mode.TABLE: frozenset(WANTS_TABLE),
}


def due_modes(usage: Iterable[str]) -> dict[Mode, list[str]]:
    """The ways A13 asks for, each with the uses that ask for it, in words."""
    usages = {mode: [Usage(u).label for u in usage if u in uses] for mode, uses in DUE.items()}
    return {mode: why for mode, why in usages.items() if why}


def check_mode(
    mode: Mode, share_modes: Collection[str], usage: Collection[str], mounted: Collection[str]
) -> str:
    """Whether an entry with these share modes and uses may be mounted so; returns a hint, empty
    when nothing is to be said.

    A mode the entry does not name is refused. A file is refused while A13 asks for an API or a
    table and neither is mounted.
    """
    if mode not in share_modes:
        named = "、".join(Mode(m).label for m in share_modes if m in set(Mode)) or "无"
        raise AgainstRules(
            f"目录登记的共享方式（{named}）不含“{mode.label}”。",
            article="A13",
            who="提供部门经办人",
            remedy="请先变更目录的共享方式，或按已登记的方式挂接。",
        )
    due = due_modes(usage)
    if not due or mode in due or set(due) & set(mounted):
        return ""
    why = "；".join(f"{'、'.join(uses)}的资源应以{way.label}方式挂接" for way, uses in due.items())
    if mode is Mode.FILE:
        raise AgainstRules(
            f"{why}，不宜只以文件方式提供。",
            article="A13",
            remedy=f"请先以{'或'.join(d.label for d in due)}方式挂接。",
        )
    return f"{why}，请另行挂接。"


def unserved(mode: str, scope: Scope, key: Iterable[str]) -> str:
    """Why no plane could deliver this scope this way, and what then; empty when one can (A8, A13,
    A18).

    ``key``: the items a row is known by, "" for a column that is no shared item. Asked when a
    resource is mounted, asked for and granted, so that nothing is promised that never arrives.
    """
    if (why := barred(mode, scope)) or mode != Mode.TABLE or scope.tells_apart(key):
        return why
    return "库表方式按主键更新和删除数据行，主键须全部提供，不脱敏或以令牌代替；请保留主键，或改用接口方式"


def barred(mode: str, scope: Scope) -> str:
    """Why a scope may not leave this way, whatever its key; empty when it may (A8, A18)."""
    if scope.comparison_only:
        return (
            "目录规定只提供比对结果，平台尚不能提供比对服务，因此不能挂接、"
            "申请或授权；可在目录中改用脱敏或只提供部分内容的共享条件"
        )
    if mode != Mode.API and (demanded := [p.title for p in scope.control_parameters if p.required]):
        return (
            f"目录要求每次调用说明“{'、'.join(demanded)}”，{Mode(mode).label}方式没有逐次的调用，"
            "无法核对和留痕；"
            "请改用接口方式，或由提供部门取消该管控参数"
        )
    return ""


@dataclass(frozen=True)
class ItemColumn:
    """Where an information item lies: its column, the catalog's type code and the column's own
    type."""

    name: str
    column: str
    type: str
    sql_type: str
    is_key: bool = False


@dataclass(frozen=True)
class FileFact:
    """The file of a file mount."""

    attachment: int
    name: str
    sha256: str
    size: int
    media_type: str


@dataclass(frozen=True)
class MountFact:
    """A mount as planes and other contexts need it. ``items`` are those that may be shared at
    all."""

    pk: int
    entry: int
    code: str
    name: str
    provider: int
    provider_name: str
    mode: str
    authorization: str
    state: str
    database: int | None
    schema: str
    table: str
    key: tuple[str, ...]
    items: tuple[ItemColumn, ...]
    data_cycle: str
    file: FileFact | None = None


@dataclass(frozen=True)
class Source:
    """Where a plane reads a mount: the address carries its password, so it goes to the platform
    itself only."""

    mount: int
    address: DatabaseAddress
    schema: str
    table: str
