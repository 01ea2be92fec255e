"""Every verb of the platform × every seat of the cast × other people's objects, through the API and
the pages: never done, never a fault.

A whole sharing (entry, mount, application, grant, credential, cases) between Civil Affairs and
Housing exists. The Stranger, and everybody who is no party, tries every verb on every object of it.
"""

from __future__ import annotations

import enum
import json
from datetime import date, datetime, time
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from pydantic import BaseModel, SecretStr
from tests.cast import Cast
from tests.sharing import Sharing

from huitong.access.models import Application, Credential, Form
from huitong.catalog.models import Database, Entry
from huitong.disputes import actions as disputes
from huitong.kernel import doing
from huitong.kernel.actor import Post
from huitong.kernel.case import Case
from huitong.kernel.doing import Verb
from huitong.kernel.grounds import grounds_for
from huitong.objections import actions as objections
from huitong.organizations import actions as organizations
from huitong.organizations.models import Body, Duty, Matter, Posting
from huitong.organizations.rules import ADMINISTRATORS
from huitong.publishing.models import Mount
from huitong.work import actions as work
from huitong.work.models import Attachment
from huitong.work.rules import shape_of

pytestmark = pytest.mark.django_db
SEATS = [
    f"{body}_{post}"
    for body in ("bureau", "civil", "hr", "housing", "rudong", "finance", "stranger")
    for post in ("operator", "manager")
]
SEATS += ["system_admin", "security_admin", "audit_admin", "platform_operator"]
#: what a body may always do for itself, whatever the number given: begin things of its own, write
#: to itself, look after itself
OWN = {
    "room.ask_room",
    "change.register",
    "catalog_change.register",
    "catalog.register_system",
    "body_document.draft",
    "catalog.register_code_list",
    "catalog.register_standard",
    "catalog.follow_entry",
    "catalog.unfollow_entry",
    "catalog.check_catalog",
    "work.read",
    "work.unread",
    "work.unfollow",
    "work.prefer",
    "work.digest_at",
    "work.set_webhook",
    "organizations.edit_own_profile",
}
#: refused by what is given before anybody asks whose it is: an empty table, a database nobody
#: answers at
ONLY_MALFORMED = {
    "organizations.import_duties",
    "intake.prepare",
    "catalog.register_database",
    "demand.draft",  # a duty that is not its own is refused at its field
    "catalog.leave_out",  # lines are named by their own body's list
}


@pytest.fixture
def foreign(cast: Cast, sharing: Sharing) -> dict[str, int]:
    """Parameter name → the key of an object of Civil Affairs or Housing, never of the one who
    tries."""
    mount = sharing.mount()
    waiting = sharing.accepted(sharing.mount("marriage", "table"))
    grant = sharing.granted(mount)
    sharing.credential()
    work.urge(cast.bureau_operator, case=waiting.case_id, text="请尽快办理")
    message = work.comment(cast.civil_operator, case=waiting.case_id, text="请补充说明用途")
    claim: dict[str, Any] = {"subject": "conditions", "words": "范围过窄", "wish": "放宽"}
    dispute = disputes.draft(cast.housing_operator, about=grant.case_id, **claim)
    disputes.submit(cast.housing_manager, dispute.case)
    doubt: dict[str, Any] = {"kind": "catalog", "words": "摘要有误", "entry": mount.entry_id}
    objection = objections.report(cast.housing_operator, **doubt)
    token = organizations.create_token(cast.civil_operator, label="民政脚本", days=1)
    housing = cast.body("housing")
    return {
        "entry": Entry.objects.get(pk=mount.entry_id).pk,
        "mount": Mount.objects.first().pk,
        "database": Database.objects.first().pk,
        "source_database": Database.objects.first().pk,
        "target": Database.objects.get(body=housing).pk,
        "application": Application.objects.first().pk,
        "form": Form.objects.first().pk,
        "grant": grant.pk,
        "about": grant.case_id,
        "objection": objection.pk,
        "again": objection.pk,
        "system": sharing.system().pk,
        "credential": Credential.objects.first().pk,
        "file": Attachment.objects.first().pk,
        "scan": Attachment.objects.first().pk,
        "attachment": Attachment.objects.first().pk,
        "case": waiting.case_id,
        "token": token["pk"],
        "person": cast.person("civil_manager").pk,
        "body": Body.objects.get(pk=housing.pk).pk,
        "posting": Posting.objects.get(person=cast.person("civil_manager")).pk,
        "duty": Duty.objects.get(body=housing).pk,
        "matter": Matter.objects.get(duty__body=housing).pk,
        "urging": 1,
        "comment": message.pk,
        "to": cast.person("civil_operator").pk,
    }


def anything(verb: Verb, foreign: dict[str, int]) -> dict[str, Any]:
    """What must be given, right by its type, every key another's."""
    given: dict[str, Any] = {}
    for name, field in verb.given.model_fields.items():
        shape = shape_of(field)
        if name in foreign and shape.base is int:
            given[name] = [foreign[name]] if shape.many else foreign[name]
        elif name == "ground" and (grounds := grounds_for(verb.grounds_of or verb.name)):
            given |= {name: grounds[0].code} | ({"cites": "第一条"} if grounds[0].names else {})
        elif field.is_required():
            given[name] = _some(shape.base, name, shape.many)
    return given


def _some(base: Any, name: str, many: bool) -> Any:
    if isinstance(base, type) and issubclass(base, enum.Enum):
        one: Any = next(iter(base)).value
    elif base is bool:
        one = True
    elif base is int:
        one = 1
    elif base is date:
        one = "2026-12-01"
    elif base is time:
        one = "09:30"
    elif base is datetime:
        one = "2026-12-01T08:00:00+08:00"
    elif isinstance(base, type) and issubclass(base, BaseModel):
        one = {
            n: _some(shape_of(f).base, n, shape_of(f).many)
            for n, f in base.model_fields.items()
            if f.is_required()
        }
    elif base in (str, SecretStr):
        one = "测试用的一段文字 1"
    else:
        one = {}
    return [one] if many else one


def tokens(cast: Cast) -> dict[str, Client]:
    """A program of everybody; the three administrators have no token."""
    by_person = {
        who: organizations.create_token(getattr(cast, who), label="越权测试", days=1)["token"]
        for who in SEATS
        if not ADMINISTRATORS & getattr(cast, who).posts
    }
    return {
        who: Client(
            headers={"Authorization": f"Bearer {by_person.get(who, '')}"},
            raise_request_exception=False,
        )
        for who in SEATS
    }


def attempts(foreign: dict[str, int]) -> list[tuple[str, str, dict[str, Any]]]:
    """(verb, address, body) for every verb that is offered: a step on every running case of the
    sharing."""
    cases, result = list(Case.objects.order_by("pk")), []
    for verb in doing.VERBS.values():
        if not verb.offered or verb.name.startswith(("test_", "probe.", "audit.export")):
            continue
        given = anything(verb, foreign)
        if verb.opening or not verb.is_step:
            result.append((verb.name, f"/api/do/{verb.name}", given))
        kind = verb.name.partition(".")[0]
        result += [
            (verb.name, f"/api/cases/{kind}/{case.pk}/{verb.verb}", given)
            for case in cases
            if verb.is_step and not verb.opening
        ]
    return result


def test_no_stranger_does_anything_to_what_is_others(cast: Cast, foreign: dict[str, int]) -> None:
    """Refused each time: not there, not yours, against the rules, or malformed; and the ledger
    has nothing new of theirs."""
    clients, wrong, statuses_by_verb = tokens(cast), [], dict[str, set[int]]()
    for name, address, given in attempts(foreign):
        if name in OWN:
            continue
        posts = {seat.post for seat in doing.VERBS[name].seats} or {Post.OPERATOR}
        for who in ("stranger_operator", "stranger_manager"):
            if getattr(cast, who).posts & posts or len(posts) > 2:
                with transaction.atomic():
                    answer = clients[who].post(
                        address, json.dumps(given), content_type="application/json"
                    )
                    transaction.set_rollback(True)
                statuses_by_verb.setdefault(name, set()).add(answer.status_code)
                if answer.status_code not in (403, 404, 409, 422):
                    wrong.append((who, address, answer.status_code, answer.content[:200].decode()))
    assert not wrong, wrong[:5]
    untried = {name for name, statuses in statuses_by_verb.items() if statuses == {422}}
    assert untried <= ONLY_MALFORMED, (
        f"what is given never got as far as asking whose it is: {sorted(untried - ONLY_MALFORMED)}"
    )


@pytest.mark.slow
def test_no_seat_brings_a_fault_about(cast: Cast, foreign: dict[str, int]) -> None:
    """Every seat tries every verb once, each on another case: done or refused in the one body,
    never a fault of ours."""
    clients, wrong = tokens(cast), []
    for turn, (_, address, given) in enumerate(attempts(foreign)):
        for who in (SEATS[turn % len(SEATS)], SEATS[(turn * 7 + 3) % len(SEATS)]):
            with transaction.atomic():
                answer = clients[who].post(
                    address, json.dumps(given), content_type="application/json"
                )
                transaction.set_rollback(True)
            if answer.status_code >= 500 or (
                answer.status_code >= 400 and answer.json()["status"] != answer.status_code
            ):
                wrong.append((who, address, answer.status_code, answer.content[:200].decode()))
    assert not wrong, wrong[:5]


def test_no_stranger_reads_what_is_others(cast: Cast, foreign: dict[str, int]) -> None:
    """By number, through pages and API: papers, cases, files, credentials, scans, runs, proofs
    look as if they were not there."""
    api, page = tokens(cast)["stranger_manager"], cast.client("stranger_manager")
    page.raise_request_exception = False
    cases = list(Case.objects.values_list("pk", flat=True))
    leaks = []
    for client, addresses in (
        (
            api,
            [
                f"/api/attachments/{foreign['file']}",
                f"/api/files/{foreign['grant']}",
                f"/api/exchange/{foreign['grant']}/runs",
                "/api/exchange/runs/1",
                f"/api/catalog/entries/{foreign['entry']}/remarks",
                f"/api/catalog/entries/{foreign['entry']}/findings",
                "/api/catalog/scans/1",
                *(f"/api/cases/{pk}" for pk in cases),
                *(f"/api/cases/{pk}/entries" for pk in cases),
                "/api/audit/entries/1",
                "/api/audit/packages/1",
            ],
        ),
        (
            page,
            [
                f"/attachments/{foreign['file']}/",
                f"/compile/{foreign['entry']}/",
                f"/apply/{foreign['form']}/",
                f"/apply/{foreign['form']}/print/",
                f"/apply/{foreign['form']}/scan/",
                f"/decide/{foreign['application']}/",
                f"/grants/{foreign['grant']}/",
                f"/exchange/{foreign['grant']}/",
                f"/compile/sources/databases/{foreign['database']}/password/",
                f"/me/tokens/{foreign['token']}/revoke/",
                f"/me/deputies/{foreign['posting']}/revoke/",
                f"/sec/postings/{foreign['posting']}/dismiss/",
                f"/sys/people/{foreign['person']}/edit/",
                f"/hand-over/{foreign['person']}/{foreign['body']}/",
                *(f"/cases/{pk}/" for pk in cases),
                *(f"/audit/cases/{pk}/evidence/" for pk in cases),
            ],
        ),
    ):
        for where in addresses:
            answer = client.get(where)
            # a form that says nothing of the token
            blank = where.startswith("/me/tokens/") and "民政" not in answer.content.decode()
            if answer.status_code not in (403, 404, 405) and not blank:
                leaks.append((where, answer.status_code))
    assert not leaks


def test_lists_hold_nothing_of_others(cast: Cast, foreign: dict[str, int]) -> None:
    api = tokens(cast)["stranger_operator"]
    for where in (
        "/api/cases",
        "/api/notices",
        "/api/exchange",
        "/api/catalog/mine",
        "/api/catalog/databases",
        "/api/systems",
        "/api/applications",
        "/api/grants",
        "/api/forms",
    ):
        answer = api.get(where)
        if answer.status_code != 404:
            body = answer.json()
            assert (body if isinstance(body, list) else body["items"]) == [], where


@pytest.mark.parametrize("who", ["civil_manager", "system_admin"])
def test_what_is_the_platforms_own_has_no_door(cast: Cast, who: str) -> None:
    """Neither page, nor route: what only the platform does, or is part of another act, looks as
    if it were not there."""
    page, api = cast.client(who), tokens(cast)[who]
    for verb in doing.VERBS.values():
        if not verb.offered and not verb.name.startswith(("test_", "probe.")):
            short = verb.name.partition(".")
            assert (
                api.post(f"/api/do/{verb.name}", "{}", content_type="application/json").status_code
                == 404
            ), verb.name
            assert page.get(f"/do/{verb.name}/").status_code == 404, verb.name
            assert page.get(f"/cases/open/{short[0]}/{short[2]}/").status_code == 404, verb.name
