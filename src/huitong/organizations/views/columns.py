"""The lists of this room as declared: what each row shows, by what it is sorted, what a file of
it holds."""

from __future__ import annotations

from typing import Any

from huitong.kernel.addresses import reverse
from huitong.kernel.laws import LAWS, article_words
from huitong.kernel.procedure import LIMIT_WORDS
from huitong.ui.lists import Column, List

OPS = Column("ops", "操作", css="ops", page_only=True)


def _term(row: Any) -> str:
    return f"{row.valid_from:%Y-%m-%d} 至 {f'{row.valid_to:%Y-%m-%d}' if row.valid_to else '长期'}"


def _person(row: Any) -> str:
    return f"{row.person.name}（{row.person.username}）"


BODIES = List(
    "organizations.bodies",
    "机构名录",
    (
        Column("name", "名称", sort=("name",), fixed=True),
        Column("short", "简称", "short_name", sort=("short_name",), chosen=False),
        Column("kind", "类型", "get_kind_display", sort=("kind",)),
        Column("code", "统一社会信用代码", "credit_code", sort=("credit_code",)),
        Column("division", "行政区划", "division_code", sort=("division_code",), chosen=False),
        Column("parent", "上级机构", "parent.short_name", sort=("parent__short_name",)),
        Column("force", "工作专班", "force_words"),
        OPS,
    ),
    order=("division_code", "pk"),
    size=50,
    unit="个",
    numbered=True,
    empty=("还没有登记机构", "由系统管理员登记或导入。"),
    name=lambda body: (body.name, reverse("organizations:body", args=[body.pk])),
)

PEOPLE = List(
    "organizations.people",
    "人员账号",
    (
        Column("name", "姓名", sort=("name",), fixed=True),
        Column("username", "用户名", sort=("username",)),
        Column("mobile", "手机号码", "masked"),
        Column("posts", "岗位", lambda person: "、".join(person.posts_here)),
        Column("state", "状态", "state_words", sort=("-is_active", "must_change_password")),
        Column("login", "上次登录", "last_login", sort=("last_login",), chosen=False),
        OPS,
    ),
    order=("-is_active", "pk"),
    size=50,
    unit="个",
    numbered=True,
    personal=True,
    empty=("还没有账号", "点“开设账号”。"),
)

DUTIES = List(
    "organizations.duties",
    "职责与事项",
    (
        Column("body", "部门", "body.short_name", sort=("body__short_name",)),
        Column("text", "职责", sort=("text",), fixed=True),
        Column("source", "依据", files_only=True),
        Column(
            "matters",
            "事项",
            lambda duty: "；".join(f"{m.name} {m.code}".strip() for m in duty.matters.all()),
        ),
        Column("confirmed", "已确认", "is_confirmed", files_only=True),
        Column("until", "终止日期", "valid_to", sort=("valid_to",), chosen=False),
        OPS,
    ),
    order=("body__division_code", "body_id", "pk"),
    size=50,
    unit="项",
    empty=("还没有登记职责", "共享申请须对应本部门的职责；由负责人登记或导入。"),
)

DIVISIONS = List(
    "organizations.divisions",
    "行政区划",
    (
        Column("code", "代码", sort=("code",), fixed=True),
        Column("name", "名称", sort=("name",), fixed=True),
        Column("level", "级别", "level_words", sort=("level",)),
        Column("parent", "上级", "parent_code", sort=("parent_code",)),
        Column("since", "有效期自", "valid_from", sort=("valid_from",), files_only=True),
        Column("until", "有效期至", "valid_to", sort=("valid_to",), files_only=True),
        Column("term", "有效期", "", page_only=True),
        Column("successor", "承接"),
        Column("note", "备注"),
    ),
    order=("code", "pk"),
    size=50,
    unit="个",
    empty=("尚未导入行政区划", "点“导入”，选择区划代码表。"),
)

RIGHTS = List(
    "organizations.rights",
    "岗位任用",
    (
        Column("body", "机构", "body.short_name", sort=("body__short_name",)),
        Column("person", "姓名", _person, sort=("person__name",), fixed=True),
        Column("post", "岗位", "get_post_display", sort=("post",), fixed=True),
        Column("deputy", "代理何人", "deputy_of.name", files_only=True),
        Column("term", "期限", _term, sort=("valid_to",)),
        OPS,
    ),
    order=("body__division_code", "body_id", "post", "pk"),
    size=50,
    unit="项",
    personal=True,
    empty=("还没有任用", "点“任用岗位”。"),
)

SESSIONS = List(
    "organizations.sessions",
    "当前登录",
    (
        Column("name", "姓名", sort=("name",), fixed=True),
        Column("username", "用户名", sort=("username",)),
        Column("at", "登录时间", "last_login", sort=("last_login",)),
        OPS,
    ),
    order=("-last_login", "pk"),
    size=50,
    unit="人",
    personal=True,
    empty=("没有人登录", ""),
)

TOKENS = List(
    "organizations.tokens",
    "有效的访问令牌",
    (
        Column("name", "姓名", "person.name", sort=("person__name",), fixed=True),
        Column("body", "机构", "body.short_name", sort=("body__short_name",)),
        Column("label", "用途", sort=("label",)),
        Column("tail", "尾号", lambda token: f"…{token.tail}"),
        Column("until", "有效期至", "expires_at", sort=("expires_at",)),
        OPS,
    ),
    order=("expires_at", "pk"),
    size=50,
    unit="个",
    keep=("tab",),
    personal=True,
    empty=("没有访问令牌", "令牌由本人在“个人设置”中生成。"),
)


def part_words(name: str) -> str:
    """What a part of a limit is called; one named by people keeps the name they gave it."""
    return LIMIT_WORDS.get(name) or ("其他分项" if name.isascii() and name else name)


def _law_words(code: str) -> str:
    return LAWS[code].short if code in LAWS else "其他规则"


LIMITS = List(
    "organizations.limits",
    "时限参数",
    (
        Column("law", "规则", lambda row: _law_words(row.law), sort=("law",), fixed=True),
        Column("article", "条款", lambda row: article_words(row.article), sort=("article",)),
        Column("name", "分项", lambda row: part_words(row.name) or "—", sort=("name",)),
        Column("words", "时限", fixed=True),
        Column("since", "生效", "in_force", sort=("in_force",)),
        Column("until", "失效", "until", sort=("until",), files_only=True),
        Column(
            "confidence",
            "核实",
            lambda row: "已核实" if row.verified else "待核实",
            sort=("confidence",),
        ),
        Column("note", "说明"),
    ),
    order=("law", "article", "name", "-in_force", "pk"),
    size=50,
    empty=("还没有时限", "点“新增时限”。"),
)
