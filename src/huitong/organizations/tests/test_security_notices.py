"""Changes to an account are announced to its person and another administrator (A28)."""

from __future__ import annotations

from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.core import mail
from procrastinate.contrib.django.models import ProcrastinateJob
from tests.cast import PASSWORD, Cast

from huitong import reactions
from huitong.cli.commands import admin
from huitong.kernel.actor import Post
from huitong.kernel.procedure import AgainstRules
from huitong.kernel.workdays import today
from huitong.organizations import actions, queries
from huitong.organizations.rules import SuccessionKind
from huitong.organizations.tests.accounts import ask_for_password, release
from huitong.work import actions as work
from huitong.work import jobs
from huitong.work.models import Delivery, Notice

pytestmark = pytest.mark.django_db


# -- who hears of it -------------------------------------------------------------------------------


def run_reactions() -> None:
    """Run the reactions the acts deferred, as the worker does."""
    for job in ProcrastinateJob.objects.filter(task_name="huitong.react").order_by("pk"):
        reactions.react(**job.args)


def security_notices() -> set[tuple[str, str]]:
    """The security notices: (user name, act)."""
    rows = Notice.objects.filter(kind="security").values_list("person__username", "title")
    return {(who, title.partition("已办理")[2].strip("“”")) for who, title in rows}


def test_the_person_and_the_security_administrator_hear_of_it(cast: Cast) -> None:
    person = cast.person("housing_manager")
    Authenticator.objects.create(user=person, type=Authenticator.Type.TOTP, data={"secret": "x"})
    ask_for_password(cast)
    release(cast)
    actions.reset_second_factor(cast.security_admin, person=person.pk, reasons="遗失手机")
    actions.disable_person(cast.system_admin, person=person.pk, reasons="停职")
    actions.enable_person(cast.system_admin, person=person.pk)
    run_reactions()
    acts = ("重置密码", "复核账号变更", "重置双因素认证", "停用账号", "启用账号")
    assert security_notices() == {
        (who, act) for who in ("housing_manager", "security_admin") for act in acts
    }


def test_a_factor_dropped_by_whoever_sits_there_is_told_too(cast: Cast) -> None:
    """By page, with the password: as told as if an administrator had lifted it."""
    factor = Authenticator.objects.create(
        user=cast.person("housing_manager"), type=Authenticator.Type.TOTP, data={"secret": "x"}
    )
    client = cast.client("housing_manager")
    client.post("/account/reauthenticate/", {"password": PASSWORD})
    assert client.post("/account/2fa/totp/deactivate/").status_code == 302
    assert not Authenticator.objects.filter(pk=factor.pk).exists()
    assert security_notices() == {
        (who, "停用双因素认证") for who in ("housing_manager", "security_admin")
    }


def test_the_machines_own_operator_is_heard_of_too(cast: Cast) -> None:
    admin.reset("audit_admin")
    run_reactions()
    assert security_notices() == {("audit_admin", "重置密码"), ("security_admin", "重置密码")}
    assert "操作系统用户" in Notice.objects.filter(kind="security").first().text


def test_no_body_changes_hands_unseen(cast: Cast) -> None:
    """The system administrator alone makes a confederate's body the heir of another: its
    managers and the administrators hear."""
    old, heir = cast.body("civil").pk, cast.body("stranger").pk
    actions.succeed(
        cast.system_admin,
        kind=SuccessionKind.MERGE,
        predecessors=[old],
        successors=[heir],
        on=today(),
        document="通编〔2026〕1号",
    )
    run_reactions()
    receivers = Notice.objects.filter(kind="security", title__startswith="机构承继").values_list(
        "person__username", flat=True
    )
    assert set(receivers) == {"civil_manager", "stranger_manager", "security_admin", "audit_admin"}


@pytest.mark.parametrize("way", ["into the bureau", "of the bureau"])
def test_nobody_comes_to_the_bureau_by_a_succession(cast: Cast, way: str) -> None:
    """One act of the system administrator made the manager of any body the bureau's. Rights
    there the security administrator gives."""
    bureau, other = cast.body("bureau").pk, cast.body("stranger").pk
    old, heir = (other, bureau) if way == "into the bureau" else (bureau, other)
    actions.succeed(
        cast.system_admin,
        kind=SuccessionKind.MERGE,
        predecessors=[old],
        successors=[heir],
        on=today(),
        document="通编〔2026〕1号",
    )
    assert not queries.actor_for(cast.person("stranger_manager")).posts
    for who in ("system_admin", "security_admin", "bureau_manager"):
        now = queries.actor_for(cast.person(who))
        assert now.bureau and now.posts == getattr(cast, who).posts
    actions.appoint(
        queries.actor_for(cast.person("security_admin")),
        person=cast.person("stranger_manager").pk,
        body=heir,
        post=Post.OPERATOR,
    )
    assert queries.actor_for(cast.person("stranger_manager")).bureau


@pytest.mark.parametrize("by", ["oneself", "administrator"])
def test_the_former_address_hears_of_a_new_one(cast: Cast, settings: Any, by: str) -> None:
    settings.EMAIL_HOST, settings.EMAIL_BACKEND = (
        "mail.example.gov.cn",
        "django.core.mail.backends.locmem.EmailBackend",
    )
    person = cast.person("housing_manager")
    if by == "oneself":
        actions.edit_own_profile(cast.housing_manager, email="new@example.gov.cn")
    else:
        actions.edit_person(
            cast.system_admin, person=person.pk, name=person.name, email="new@example.gov.cn"
        )
        release(cast)
    run_reactions()
    for delivery in Delivery.objects.filter(sent_at=None).values_list("pk", flat=True):
        jobs.deliver(delivery=delivery)
    sent = {address for message in mail.outbox for address in message.to}
    assert {
        "housing_manager@example.gov.cn",
        "new@example.gov.cn",
        "security_admin@example.gov.cn",
    } <= sent
    assert all("账号安全" in message.subject for message in mail.outbox)


def test_nobody_turns_these_notices_off(cast: Cast, settings: Any) -> None:
    settings.EMAIL_HOST = "mail.example.gov.cn"
    with pytest.raises(AgainstRules, match="总是立即发送"):
        work.prefer(cast.housing_manager, channel="mail", kind="security", frequency="never")
    assert (
        "mail.security"
        not in cast.client("housing_manager").get("/notices/preferences/").content.decode()
    )
