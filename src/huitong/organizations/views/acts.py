"""One page for every act of this context: its form, what it cites, and where one lands
afterwards. A table, not a view each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from huitong.kernel import doing
from huitong.kernel.actor import Actor, Post
from huitong.kernel.addresses import reverse
from huitong.kernel.procedure import NotYours
from huitong.kernel.requests import Request
from huitong.organizations import forms, queries
from huitong.organizations.forms import ActForm
from huitong.ui.selectors import Choices

Initial = Callable[[Actor, int], dict[str, Any]]


@dataclass(frozen=True)
class Act:
    """How an act is shown: which parameter its address gives, what stands in the form, where it
    leads."""

    verb: str
    #: the address one comes back to, of the number in the address
    back: Callable[[int], str]
    #: the parameter the number in the address fills
    about: str = ""
    initial: Initial | None = None
    pick: Mapping[str, Callable[[Actor], Choices]] = field(default_factory=dict)
    hint: str = ""
    danger: bool = False
    #: what the page shows of the object: its title
    title: Callable[[Actor, int], str] | None = None
    #: where it leads the security administrator, who comes from another page
    back_to_rights: Callable[[int], str] | None = None


def _body(actor: Actor, pk: int) -> dict[str, Any]:
    row = queries.body_for(actor, pk)
    return {
        "name": row.name,
        "short_name": row.short_name,
        "kind": row.kind,
        "credit_code": row.credit_code,
        "division_code": row.division_code,
        "parent": row.parent_id,
        "managing_organ": row.managing_organ,
    }


def _task_force(actor: Actor, pk: int) -> dict[str, Any]:
    body = queries.body_for(actor, pk)
    if not (actor.has(Post.SYSTEM_ADMIN) or queries.governs(actor, pk)):
        raise NotYours(
            "只能登记本部门及下属单位的工作专班。", article="A5", who=f"{body.short_name}负责人"
        )
    force = getattr(body, "task_force", None)
    if force is None:
        return {}
    return {
        "leader": force.leader,
        "leader_title": force.leader_title,
        "office": force.office,
        "phone": force.phone,
        "technical_unit": force.technical_unit,
        "members": list(force.members.values("name", "role", "phone")),
    }


def _person(actor: Actor, pk: int) -> dict[str, Any]:
    row = queries.person_for(actor, pk)
    return {"name": row.name, "mobile": row.mobile, "email": row.email}


def _duty(actor: Actor, pk: int) -> dict[str, Any]:
    row = queries.duty_for(actor, pk)
    return {"text": row.text, "source": row.source}


def _matter(actor: Actor, pk: int) -> dict[str, Any]:
    row = queries.matter_for(actor, pk)
    return {"name": row.name, "kind": row.kind, "basis": row.basis}


def _limit(actor: Actor, pk: int) -> dict[str, Any]:
    row = queries.limit_for(pk)
    return {
        "law": row.law,
        "article": row.article,
        "name": row.name,
        "amount": row.amount,
        "unit": row.unit,
    }


def _named(actor: Actor, pk: int) -> str:
    return queries.body_for(actor, pk).name


def _called(actor: Actor, pk: int) -> str:
    return queries.person_for(actor, pk).name


def _change(actor: Actor, pk: int) -> str:
    row = queries.change_for(actor, pk)
    return f"{row.get_kind_display()} · {row.person.name}（{row.person.username}）" + (
        f" · {row.email}" if row.email else ""
    )


def _seat(actor: Actor, pk: int) -> str:
    row = queries.posting_for(actor, pk)
    return f"{row.person.name} · {row.body.short_name} · {row.get_post_display()}"


#: what is said where the system administrator asks for a password
HALVES = (
    "生成一次性密码，分前后两段：前段现在显示给您，后段由安全管理员复核时取得。"
    "复核之前原密码不变；本人取得两段后登录一次并修改。会通知本人和安全管理员。"
)


def _page(name: str, **query: str) -> Callable[[int], str]:
    return lambda pk: reverse(f"organizations:{name}", query=query or None)


def _body_page(pk: int) -> str:
    return reverse("organizations:body", args=[pk])


ACTS: Mapping[str, Act] = {
    "add_body": Act("add_body", _page("sys_bodies")),
    "edit_body": Act("edit_body", _body_page, "body", _body, title=_named),
    "rename_body": Act(
        "rename_body",
        _page("sys_bodies"),
        "body",
        _body,
        title=_named,
        hint="更名后以新名称继续：资源、授权、在办事项、人员岗位、职责事项自动接续；原名称保留在历史记录中。",
    ),
    "end_body": Act(
        "end_body",
        _page("sys_bodies"),
        "body",
        title=_named,
        danger=True,
        hint="无承继机构时才撤销；有承继机构请办理“机构承继”。",
    ),
    "succeed": Act(
        "succeed",
        _page("sys_bodies"),
        hint=(
            "合并：多个原机构，一个承继机构。分立：一个原机构，多个承继机构，"
            "由主要承继机构接续全部事项，其余通过“划转职责”调整。"
        ),
    ),
    "set_task_force": Act("set_task_force", _body_page, "body", _task_force, title=_named),
    "add_person": Act(
        "add_person",
        _page("people"),
        hint="密码分前后两段：前段现在显示给您，后段由安全管理员复核时取得，两段都交给本人后方可登录。",
    ),
    "edit_person": Act(
        "edit_person",
        _page("people"),
        "person",
        _person,
        title=_called,
        hint="电子邮箱可用于找回密码，更换后须经安全管理员复核方可生效；变更会通知本人。",
    ),
    "disable_person": Act(
        "disable_person",
        _page("people"),
        "person",
        title=_called,
        danger=True,
        hint="立即下线，访问令牌作废。在办事项请另行办理离岗移交。",
    ),
    "enable_person": Act("enable_person", _page("people"), "person", title=_called, hint=HALVES),
    "reset_password": Act("reset_password", _page("people"), "person", title=_called, hint=HALVES),
    "reset_second_factor": Act(
        "reset_second_factor", _page("rights"), "person", title=_called, danger=True
    ),
    "end_session": Act("end_session", _page("sessions"), "person", title=_called, danger=True),
    "release_change": Act(
        "release_change",
        _page("rights"),
        "change",
        title=_change,
        hint="请先向本人核实。设置密码的，密码后段只显示一次，由您交给本人；前段由系统管理员交给本人。",
    ),
    "decline_change": Act("decline_change", _page("rights"), "change", title=_change, danger=True),
    "appoint": Act("appoint", _page("rights"), hint="系统、安全、审计三员互斥，且不兼任业务岗位。"),
    "dismiss": Act(
        "dismiss",
        _page("rights"),
        "posting",
        title=_seat,
        danger=True,
        hint="立即生效；其领办的事项退回岗位待领。",
    ),
    "add_duty": Act("add_duty", _page("duties")),
    "edit_duty": Act("edit_duty", _page("duties"), "duty", _duty),
    "end_duty": Act("end_duty", _page("duties"), "duty", danger=True),
    "confirm_duties": Act(
        "confirm_duties",
        _page("duties"),
        hint=(
            "与依据文件核对一致后确认：未确认的职责不能据以申请有条件共享的数据。确认后又修改的，须再次确认。"
        ),
    ),
    "transfer_duty": Act("transfer_duty", _page("duties"), "duty"),
    "add_matter": Act("add_matter", _page("duties"), "duty"),
    "edit_matter": Act("edit_matter", _page("duties"), "matter", _matter),
    "end_matter": Act("end_matter", _page("duties"), "matter", danger=True),
    "add_limit": Act(
        "add_limit",
        _page("limits"),
        pick={"name": forms.limit_parts},
        hint="新增一行自生效日期起适用；已在使用的时限不修改，已开始计时的事项不受影响。",
    ),
    "confirm_limit": Act("confirm_limit", _page("limits"), "limit"),
    "adopt_law": Act(
        "adopt_law",
        _page("limits"),
        pick={"law": forms.laws_to_adopt},
        hint="只影响采用日期起新开的事项；采用前请先核实该规则的各项时限。",
    ),
    "end_law": Act("end_law", _page("limits"), "adoption", danger=True),
    "edit_own_profile": Act("edit_own_profile", _page("me")),
    "create_token": Act(
        "create_token", _page("me"), hint="令牌以您当前的部门和岗位身份调用接口；只显示一次。"
    ),
    "deputize": Act(
        "deputize",
        _page("me"),
        pick={"post": forms.own_business_posts},
        hint="代理人在期限内可办理该岗位的事项，台账同时记明被代理人。",
    ),
    "revoke_deputy": Act(
        "revoke_deputy",
        _page("me"),
        "posting",
        title=_seat,
        danger=True,
        back_to_rights=_page("rights"),
    ),
    "revoke_token": Act(
        "revoke_token",
        _page("me"),
        "token",
        danger=True,
        back_to_rights=_page("sessions", tab="tokens"),
    ),
}


@require_http_methods(["GET", "HEAD", "POST"])
def page(request: Request, act: str, pk: int = 0) -> HttpResponse:
    """The form of an act, and the act itself. Refusals of the actor come before anything is
    shown; what the form shows is read only when it is drawn."""
    about, actor = ACTS[act], request.actor
    form = ActForm(
        f"organizations.{about.verb}",
        request,
        fixed={about.about: pk} if about.about else None,
        pick=about.pick,
    )
    back = ((actor.has(Post.SECURITY_ADMIN) and about.back_to_rights) or about.back)(pk)
    if request.method == "POST" and (done := form.perform()):
        return _after(request, form, done, back)
    form.initial |= {k: v for k, v in _initial(actor, about, pk).items() if k in form.fields}
    context = {
        "form": form,
        "act": about,
        "verb": form.verb,
        "title": about.title(actor, pk) if about.title else "",
        "back": back,
        "crumbs": [(form.verb.label, "")],
    }
    return render(request, "organizations/act.html", context, status=form.status)


def _after(request: Request, form: ActForm, done: doing.Done, back: str) -> HttpResponse:
    """Back to where one came from; a secret is shown once instead."""
    secrets = {"first_half", "second_half", "token"}
    if isinstance(done.result, dict) and secrets & set(done.result):
        context = {"issued": done.result, "label": form.verb.label, "back": back}
        return render(request, "organizations/secret.html", context)
    messages.success(
        request, f"已{form.verb.label}。" if not done.replayed else "该操作已提交过，没有重复办理。"
    )
    return redirect(back)


def _initial(actor: Actor, about: Act, pk: int) -> dict[str, Any]:
    if about.initial and pk:
        return about.initial(actor, pk)
    return _person(actor, actor.person or 0) if about.verb == "edit_own_profile" else {}
