"""What widens access after publication takes effect by the manager's hand, never by one clerk's
(A3, A12, A18)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import psycopg
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from tests.sharing import CLEARED, Sharing, scan_png

from huitong.access import actions as access
from huitong.kernel import doing
from huitong.kernel.actor import Actor, Post
from huitong.kernel.ledger import Entry, writing
from huitong.kernel.procedure import AgainstRules, Malformed, NotVisible, NotYours
from huitong.kernel.workdays import today
from huitong.organizations import actions as organizations
from huitong.organizations import queries as people
from huitong.organizations.models import Posting
from huitong.publishing import actions, queries
from huitong.publishing.models import Mount
from huitong.publishing.rules import MountState
from huitong.work import actions as work
from huitong.work.models import Notice


@pytest.fixture
def other_table(sharing: Sharing):
    """The same columns, more people: what a clerk could point a mount at."""
    with psycopg.connect(sharing.source_url, autocommit=True) as server:
        server.execute("CREATE TABLE everybody (LIKE marriage INCLUDING ALL)")
    yield "everybody"
    with psycopg.connect(sharing.source_url, autocommit=True) as server:
        server.execute("DROP TABLE everybody")


def uploaded(sharing: Sharing, name: str = "数据.png") -> int:
    return work.attach(sharing.cast.civil_operator, upload=SimpleUploadedFile(name, scan_png())).pk


def delegate(sharing: Sharing, mount: Mount, table: str) -> Mount:
    return actions.tend(sharing.cast.civil_operator, mount=mount.pk, authorization="delegated")


def repoint(sharing: Sharing, mount: Mount, table: str) -> Mount:
    return actions.remount(sharing.cast.civil_operator, mount=mount.pk, table=table)


def rekey(sharing: Sharing, mount: Mount, table: str) -> Mount:
    return actions.remount(sharing.cast.civil_operator, mount=mount.pk, key=["reg_no", "reg_date"])


def replace_file(sharing: Sharing, mount: Mount, table: str) -> Mount:
    return actions.remount(
        sharing.cast.civil_operator,
        mount=mount.pk,
        file=uploaded(sharing, "新.png"),
        processed=True,
        cleared=CLEARED,
    )


#: every act of one clerk that widens, the way of mounting, the field it will change
WIDENINGS: dict[str, tuple[str, Callable[..., Mount], str]] = {
    "other columns as the key": ("table", rekey, "key"),
    "direct to delegated": ("api", delegate, "authorization"),
    "another table": ("table", repoint, "table"),
    "another table of an API": ("api", repoint, "table"),
    "another file": ("file", replace_file, "file_id"),
}


@pytest.mark.parametrize("name", WIDENINGS)
def test_one_clerk_widens_nothing(sharing: Sharing, other_table: str, name: str):
    """One clerk alone turned personal data from direct to delegated."""
    mode, widen, field = WIDENINGS[name]
    mount = sharing.mount("marriage", mode)
    before = getattr(mount, field)
    proposed = widen(sharing, mount, other_table)
    assert (
        getattr(Mount.objects.get(pk=mount.pk), field) == before
        and proposed.proposed
        and queries.proposal_words(proposed)
    )
    assert Notice.objects.filter(
        person=sharing.cast.person("civil_manager"), title__startswith="待确认的挂接变更"
    ).exists()
    for who in ("civil_operator", "bureau_manager", "housing_manager"):
        with pytest.raises((NotYours, NotVisible)):
            actions.confirm_change(getattr(sharing.cast, who), mount=mount.pk, cleared=CLEARED)
    clerk = sharing.cast.civil_operator
    both = Actor(
        clerk.person,
        clerk.name,
        clerk.body,
        clerk.body_name,
        frozenset({Post.OPERATOR, Post.MANAGER}),
        bureau_body=clerk.bureau_body,
    )
    with pytest.raises(NotYours, match="另一人"):
        actions.confirm_change(both, mount=mount.pk, cleared=CLEARED)
    after = actions.confirm_change(sharing.cast.civil_manager, mount=mount.pk, cleared=CLEARED)
    assert getattr(after, field) != before and not after.proposed
    entry = Entry.objects.filter(verb="publishing.confirm_change").latest("seq")
    assert entry.after["proposed_by"] == [clerk.person] and entry.article == "A12"
    with pytest.raises(AgainstRules):
        actions.confirm_change(sharing.cast.civil_manager, mount=mount.pk, cleared=CLEARED)


def test_a_mount_begins_with_its_provider_deciding(sharing: Sharing):
    """Delegated at once, by the clerk who mounts, would be the same in one step."""
    entry = sharing.entry("marriage")
    mount = actions.mount_api(
        sharing.cast.civil_operator,
        entry=entry.pk,
        database=sharing.database().pk,
        responsible="周建国",
        authorization="delegated",
    )
    assert mount.authorization == "direct" and mount.proposed["authorization"] == "delegated"


def test_decisions_are_left_to_the_platform_by_two_hands_whatever_the_class(sharing: Sharing):
    """Of what is open to all the platform decides anyway: until another version is conditional."""
    mount = sharing.mount("division", "api")
    delegated = delegate(sharing, mount, "")
    assert (
        delegated.authorization == "direct" and delegated.proposed["authorization"] == "delegated"
    )


def test_nobody_confirms_their_own_change_through_a_deputy(sharing: Sharing):
    """A manager who is a clerk too proposes, and a colleague in their place would confirm."""
    cast, mount = sharing.cast, sharing.mount("marriage")
    chief, body = cast.person("civil_manager"), cast.body("civil")
    with writing("test"):
        Posting.objects.create(person=chief, body=body, post=Post.OPERATOR, valid_from=today())
    both = people.actor_for(chief, body.pk)
    actions.tend(both, mount=mount.pk, authorization="delegated")
    organizations.deputize(
        both, deputy=cast.person("civil_operator").pk, post=Post.MANAGER, valid_to=today()
    )
    deputy = people.actor_for(cast.person("civil_operator"), body.pk)
    with pytest.raises(NotYours, match="您代理的人员提出"):
        actions.confirm_change(deputy, mount=mount.pk)
    assert queries.mount_for(both, mount.pk).authorization == "direct"
    actions.confirm_change(cast.colleague("civil_manager", "another_chief"), mount=mount.pk)


def test_what_waits_is_listed_at_the_same_cost_however_much(sharing: Sharing):
    clerk = sharing.cast.civil_operator
    token = organizations.create_token(clerk, label="列表", days=1)["token"]
    client = Client(headers={"Authorization": f"Bearer {token}"})

    def cost(waiting: int) -> int:
        with CaptureQueriesContext(connection) as statements:
            rows = client.get("/api/mounts?own=true").json()["items"]
        assert sum(bool(row["proposed"]) for row in rows) == waiting
        return len(statements)

    rekey(sharing, sharing.mount("marriage", "table"), "")
    cost(1)
    one = cost(1)
    rekey(sharing, sharing.mount("marriage", "api"), "")
    replace_file(sharing, sharing.mount("marriage", "file"), "")
    assert cost(3) == one


def test_what_narrows_or_changes_nothing_needs_one_hand(sharing: Sharing, other_table: str):
    mount = sharing.mount("marriage", "api", authorization="delegated")
    assert mount.authorization == "delegated"
    assert (
        actions.tend(
            sharing.cast.civil_operator, mount=mount.pk, authorization="direct"
        ).authorization
        == "direct"
    )
    assert not actions.remount(sharing.cast.civil_operator, mount=mount.pk).proposed, (
        "the same table read anew"
    )
    open_to_all = sharing.mount("division", "api")
    with psycopg.connect(sharing.source_url, autocommit=True) as server:
        server.execute("CREATE TABLE towns (LIKE division INCLUDING ALL)")
    try:
        elsewhere = actions.remount(
            sharing.cast.civil_operator, mount=open_to_all.pk, table="towns"
        )
        assert elsewhere.table == "division" and elsewhere.proposed["source"]["table"] == "towns", (
            "open to all, but running grants read it"
        )
        actions.refuse_change(
            sharing.cast.civil_manager, mount=open_to_all.pk, reasons="没有说明为什么更换"
        )
    finally:
        with psycopg.connect(sharing.source_url, autocommit=True) as server:
            server.execute("DROP TABLE towns")


def test_the_manager_may_say_no_and_the_clerk_hears_why(sharing: Sharing):
    mount = sharing.mount("marriage", "api")
    delegate(sharing, mount, "")
    with pytest.raises(NotYours):
        actions.refuse_change(sharing.cast.civil_operator, mount=mount.pk, reasons="算了不改了")
    after = actions.refuse_change(
        sharing.cast.civil_manager, mount=mount.pk, reasons="仍由本局逐一审核"
    )
    assert after.authorization == "direct" and not after.proposed
    assert (
        "仍由本局逐一审核"
        in Notice.objects.get(
            person=sharing.cast.person("civil_operator"), title__startswith="未同意"
        ).text
    )


# -- files: nothing leaves before two have looked (A3) ---------------------------------------------


def filed(sharing: Sharing, **more: Any) -> Mount:
    given = {
        "entry": sharing.entry("division").pk,
        "file": uploaded(sharing),
        "responsible": "周建国",
        "cleared": CLEARED,
        **more,
    }
    return doing.perform(sharing.cast.civil_operator, "publishing.mount_file", given).result


def test_a_file_is_there_for_others_only_once_its_secrecy_review_is_confirmed(sharing: Sharing):
    mount = filed(sharing)
    assert mount.state == MountState.PENDING and mount not in queries.deliverable()
    with pytest.raises(NotVisible):
        queries.mount_for(sharing.cast.housing_operator, mount.pk)
    with pytest.raises(NotVisible):
        access.apply(
            sharing.cast.housing_operator, resources=[{"mount": mount.pk}], **sharing.answers()
        )
    for cleared in ([], ["state"], ["work"]):
        with pytest.raises(Malformed) as wrong:
            actions.confirm_change(sharing.cast.civil_manager, mount=mount.pk, cleared=cleared)
        assert list(wrong.value.fields) == ["cleared"]
    after = actions.confirm_change(sharing.cast.civil_manager, mount=mount.pk, cleared=CLEARED)
    assert after.state == MountState.ACTIVE and queries.mount_for(
        sharing.cast.housing_operator, mount.pk
    )
    assert (after.secrecy["declared"]["by"], after.secrecy["confirmed"]["by"]) == (
        sharing.cast.civil_operator.name,
        sharing.cast.civil_manager.name,
    )


@pytest.mark.parametrize(
    "cleared", [[], ["state"], ["work"]], ids=["nothing", "state only", "work only"]
)
def test_a_file_is_not_taken_without_the_clerks_declaration(sharing: Sharing, cleared: list[str]):
    with pytest.raises(Malformed) as wrong:
        filed(sharing, cleared=cleared)
    assert list(wrong.value.fields) == ["cleared"] and not Mount.objects.exists()


def test_a_refused_file_is_gone_and_another_may_be_mounted(sharing: Sharing):
    mount = filed(sharing)
    assert (
        actions.refuse_change(
            sharing.cast.civil_manager, mount=mount.pk, reasons="含有工作文件"
        ).state
        == MountState.WITHDRAWN
    )
    assert filed(sharing, file=uploaded(sharing, "另一份.png")).state == MountState.PENDING
