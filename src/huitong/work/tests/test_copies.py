"""What a copy, an upload and a notice show ends with the post in whose body it was given (A19,
A28).

Stands for the clerk who left and still read case and scan, and copied them on to bodies that are no
party.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from tests.cast import Cast

from huitong.kernel.actor import Actor, Post
from huitong.kernel.case import Case
from huitong.kernel.ledger import Entry, writing
from huitong.kernel.procedure import Malformed, NotVisible, NotYours
from huitong.kernel.workdays import today
from huitong.organizations import actions as organizations
from huitong.organizations import queries as people
from huitong.organizations.models import Posting
from huitong.organizations.rules import SuccessionKind
from huitong.work import actions, jobs, queries
from huitong.work.models import Attachment, Copy, Delivery, Notice
from huitong.work.tests import made

#: a moment at which every digest is due
LATER = int(time.time()) + 30 * 86_400
pytestmark = pytest.mark.django_db
ROLES = {"party": "civil_manager", "copied": "civil_operator", "uploader": "housing_operator"}


@pytest.fixture(autouse=True)
def media(settings, tmp_path) -> None:
    settings.MEDIA_ROOT = tmp_path


def upload(actor: Actor, name: str) -> Attachment:
    return actions.attach(actor, upload=SimpleUploadedFile(name, made.pdf(), "application/pdf"))


@pytest.fixture
def scan(cast: Cast) -> Attachment:
    return upload(cast.housing_operator, "公函.pdf")


@pytest.fixture
def case(cast: Cast, scan: Attachment) -> Case:
    case = made.room(cast, letter=scan.pk)
    actions.copy_to(cast.civil_manager, case=case.pk, to=[cast.person("civil_operator").pk])
    return case


def status(client: Client, address: str) -> int:
    answer = client.get(address)
    if answer.streaming:
        b"".join(answer.streaming_content)
    return answer.status_code


def stays(cast: Cast, who: str) -> None:
    """Nothing happens to the post."""


def ends(cast: Cast, who: str) -> None:
    organizations.dismiss(
        cast.security_admin, posting=Posting.objects.get(person=cast.person(who)).pk, reasons="调离"
    )


def moves(cast: Cast, who: str) -> None:
    ends(cast, who)
    organizations.appoint(
        cast.security_admin,
        person=cast.person(who).pk,
        body=cast.body("stranger").pk,
        post=Post.MANAGER,
    )


def is_suspended(cast: Cast, who: str) -> None:
    organizations.disable_person(cast.system_admin, person=cast.person(who).pk, reasons="停职")


def is_merged(cast: Cast, who: str) -> None:
    """The body is merged into another, which takes its people and its part in the case."""
    body, heir = cast.body(who.partition("_")[0]).pk, cast.body("finance").pk
    organizations.succeed(
        cast.system_admin,
        kind=SuccessionKind.MERGE,
        predecessors=[body],
        successors=[heir],
        on=today(),
        document="通编〔2026〕1号",
    )
    for _ in range(2):  # a reaction that comes twice does nothing twice
        actions.pass_on(cast.system, predecessors=[body], heir=heir, on=today())


FATES: dict[Callable[[Cast, str], None], bool] = {
    stays: True,
    is_merged: True,
    ends: False,
    moves: False,
    is_suspended: False,
}


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("fate", FATES, ids=lambda fate: fate.__name__)
def test_reading_ends_with_the_post(
    cast: Cast, case: Case, scan: Attachment, fate: Callable[[Cast, str], None], role: str
) -> None:
    """Role × fate of the post × way in: case, file, own draft of a file, list of copies, copying
    on, page, API."""
    who, reads = ROLES[role], FATES[fate]
    loose = upload(getattr(cast, who), "草稿.pdf")
    fate(cast, who)
    person = cast.person(who)
    person.refresh_from_db()
    actor = people.actor_for(person)
    assert queries.visible_to(actor).filter(pk=case.pk).exists() == reads
    assert queries.attachments_visible_to(actor).filter(pk=scan.pk).exists() == reads
    assert queries.attachments_visible_to(actor).filter(pk=loose.pk).exists() == reads
    assert queries.attachments_to_hand_in(actor).filter(pk__in=[scan.pk, loose.pk]).count() == (
        2 if reads else 0
    )
    assert queries.tab_cases(actor, "cc").exists() == (reads and role == "copied")
    refusals = (NotVisible, NotYours, Malformed)
    try:
        actions.copy_to(actor, case=case.pk, to=[cast.person("hr_operator").pk])
        pytest.fail("copied to a body that is no party")
    except refusals as why:
        assert isinstance(why, Malformed) == reads
    browser = Client()
    if person.is_active:
        browser.force_login(person)
    pages = [f"/cases/{case.pk}/", f"/attachments/{scan.pk}/", f"/attachments/{loose.pk}/"]
    assert [status(browser, page) for page in pages] == [
        200 if reads else 404 if person.is_active else 302
    ] * 3
    if actor.body is None:
        return
    token = organizations.create_token(actor, label="查看", days=1)["token"]
    program = Client(headers={"Authorization": f"Bearer {token}"})
    answers = [
        f"/api/cases/{case.pk}",
        f"/api/attachments/{scan.pk}",
        f"/api/attachments/{loose.pk}",
    ]
    assert [status(program, answer) for answer in answers] == [200 if reads else 404] * 3


def test_who_reads_by_a_copy_alone_passes_nothing_on(
    cast: Cast, case: Case, scan: Attachment
) -> None:
    """Neither by another copy nor by handing its files in in a case of their own."""
    with writing("test"):
        Copy.objects.create(
            case=case, person=cast.person("stranger_operator"), body=cast.body("stranger").pk
        )
    reader = cast.stranger_operator
    assert (
        queries.case_for(reader, case.pk) == case
        and queries.attachment_for(reader, scan.pk) == scan
    )
    assert queries.people_to_copy(reader, case) == []
    with pytest.raises(NotYours, match="不能再抄送"):
        actions.copy_to(reader, case=case.pk, to=[cast.person("stranger_manager").pk])
    with pytest.raises(Malformed) as refused:
        made.room(cast, asker="stranger", lender="hr", letter=scan.pk)
    assert "letter" in refused.value.fields
    page = cast.client("stranger_operator").get(f"/cases/{case.pk}/").content.decode()
    assert (
        "/do/work.copy_to/" not in page
        and "/do/work.copy_to/"
        in cast.client("civil_manager").get(f"/cases/{case.pk}/").content.decode()
    )


def test_a_copy_counts_in_the_body_it_was_given_in_only(cast: Cast, case: Case) -> None:
    """A person with posts in two bodies reads it in the one where it was given."""
    organizations.appoint(
        cast.security_admin,
        person=cast.person("civil_operator").pk,
        body=cast.body("stranger").pk,
        post=Post.OPERATOR,
    )
    person = cast.person("civil_operator")
    assert queries.tab_cases(people.actor_for(person, cast.body("civil").pk), "cc").get() == case
    assert not queries.tab_cases(people.actor_for(person, cast.body("stranger").pk), "cc").exists()


def test_a_deputys_copy_ends_with_the_deputyship(cast: Cast) -> None:
    lent = organizations.deputize(
        cast.civil_manager,
        deputy=cast.person("civil_operator").pk,
        post=Post.MANAGER,
        valid_to=today(),
    )
    own = Posting.objects.get(person=cast.person("civil_operator"), deputy_of=None)
    case = made.room(cast)
    actions.copy_to(cast.civil_manager, case=case.pk, to=[cast.person("civil_operator").pk])
    organizations.revoke_deputy(cast.civil_manager, posting=lent.pk)
    assert queries.tab_cases(people.actor_for(cast.person("civil_operator")), "cc").exists(), (
        "they hold a business post of their own"
    )
    organizations.dismiss(cast.security_admin, posting=own.pk, reasons="调离")
    assert not queries.tab_cases(people.actor_for(cast.person("civil_operator")), "cc").exists()


def test_notices_of_a_case_end_with_the_post(cast: Cast, case: Case, settings) -> None:
    """Title and words of a case reach nobody who has left: neither in the list nor in the mail
    of the evening."""
    settings.EMAIL_HOST, settings.EMAIL_BACKEND = (
        "mail.example.gov.cn",
        "django.core.mail.backends.locmem.EmailBackend",
    )
    actions.notify(
        cast.system,
        people=[cast.civil_operator.person],
        kind="result",
        title="已办结：借用会议室",
        text="理由：内部事项",
        case=case.pk,
    )
    actions.notify(cast.system, people=[cast.civil_operator.person], kind="other", title="平台维护")

    def titles() -> set[str]:
        own_copies = queries.notices_of(people.actor_for(cast.person("civil_operator")))
        return set(own_copies.values_list("title", flat=True))

    assert "已办结：借用会议室" in titles()
    moves(cast, "civil_operator")
    assert (
        titles() == {"平台维护"}
        and Notice.objects.filter(person=cast.civil_operator.person).count() == 3
    )
    jobs.digest(timestamp=LATER)
    assert (
        len(mail.outbox) == 1
        and "平台维护" in mail.outbox[0].body
        and "内部事项" not in mail.outbox[0].body
    )
    assert not Delivery.objects.filter(sent_at=None).exists()


def test_what_was_there_before_gets_its_body(cast: Cast, case: Case, scan: Attachment) -> None:
    """The migration: an upload's body from its ledger entry, a copy's from the post its holder
    then had; else it counts for nothing."""
    from importlib import import_module

    from django.apps import apps

    with writing("test"):
        Copy.objects.create(case=case, person=cast.person("stranger_operator"))
        Copy.objects.update(body=None)
        Attachment.objects.update(body=None)
        import_module("huitong.work.migrations.0002_copies_and_uploads_of_a_body").fill(apps, None)
    assert Attachment.objects.get(pk=scan.pk).body == cast.body("housing").pk
    assert dict(Copy.objects.values_list("person", "body")) == {
        cast.person("civil_operator").pk: cast.body("civil").pk,
        cast.person("stranger_operator").pk: None,
    }
    assert (
        Entry.objects.filter(verb="work.take_in").exists()
        and Copy.objects.filter(at__lte=timezone.now()).exists()
    )
