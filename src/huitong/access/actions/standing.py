"""Whether what is behind an application stands: its duty when it is submitted, accepted and
granted, not once for all (A3); what goes with personal data when it is printed and sealed."""

from __future__ import annotations

from huitong.access import queries
from huitong.access.models import Application, Form
from huitong.kernel.procedure import AgainstRules


def check_standing(application: Application, remedy: str = "") -> None:
    """Raises `AgainstRules`, saying who acts, unless duty and matter are the consumer's today,
    and the duty is confirmed where the data are conditional. ``remedy``: what to do where the
    application can no longer be withdrawn."""
    if (fault := queries.standing_of(application)) is not None:
        what, who, usual = fault
        raise AgainstRules(what, article="A3", who=who, remedy=remedy or usual)


def check_personal(form: Form) -> None:
    """Raises `AgainstRules`, naming everything that is missing, unless a form that asks for
    personal data says on which basis and brings what goes with it (个人信息保护法)."""
    if lacks := queries.lacks_of(form):
        raise AgainstRules(
            "；".join(lack.words for lack in lacks) + "。",
            article=lacks[0].article,
            who="使用部门经办人",
            remedy=(
                "请在申请表页面“修改申请内容”中补填，同意书在该页面上传；"
                "补齐后生成打印件，盖章上传。"
            ),
        )
