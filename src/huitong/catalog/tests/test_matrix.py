"""Every address of catalog and mounting × who asks × how far the entry has come: list and get,
page and API say the same (A8, A10, A20)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from tests.cast import Cast
from tests.sharing import Sharing

from huitong.catalog import actions
from huitong.catalog.models import Entry, Scan
from huitong.catalog.tests.marriage import ITEMS, drafted, published
from huitong.kernel.ledger import writing
from huitong.organizations import actions as organizations

pytestmark = pytest.mark.django_db
#: the owner's clerk and manager, another body's clerk, the bureau's two, the audit administrator, a
#: county's clerk: the columns below
WHO = (
    "civil_operator",
    "civil_manager",
    "hr_operator",
    "bureau_operator",
    "bureau_manager",
    "audit_admin",
    "rudong_operator",
)
OWN, REVIEW, ALL, NOBODY = (
    "200 200 404 404 404 404 404",
    "200 200 404 200 200 404 404",
    "200 200 200 200 200 200 200",
    "404 404 404 404 404 404 404",
)
READ = (OWN, REVIEW, ALL, REVIEW)
JUDGE = (OWN, REVIEW, "200 200 404 200 200 404 404", REVIEW)
NOTES = (OWN, REVIEW, "200 200 403 200 200 403 403", REVIEW)
MAKE = (
    "200 200 404 404 404 403 404",
    "200 200 404 403 403 403 404",
    "200 200 403 403 403 403 403",
    "200 200 404 403 403 403 404",
)
WRITE = (
    "200 403 404 404 404 403 404",
    "409 403 404 403 403 403 404",
    "409 403 403 403 403 403 403",
    "409 403 404 403 403 403 404",
)
CODE = (NOBODY, NOBODY, ALL, REVIEW)  # before that it has none
MOUNT = (
    "409 403 404 404 404 404 404",
    "409 403 404 403 403 404 404",
    "200 403 403 403 403 403 403",
    "409 403 404 403 403 404 404",
)
#: address → what it answers while the entry is a draft, with the bureau, published, published but
#: not shared
ADDRESSES = {
    "/catalog/{pk}/": READ,
    "/catalog/{pk}.json": READ,
    "/r/{code}": tuple(row.replace("200", "302") for row in CODE),
    "/compile/{pk}/": MAKE,
    "/compile/{pk}/basics/": WRITE,
    "/compile/{pk}/items/": WRITE,
    "/compile/{pk}/check/": WRITE,
    "/compile/{pk}/grounds/": WRITE,
    "/review/{case}/": JUDGE,
    "/cases/{case}/": JUDGE,
    "/mounts/new/{pk}/api/": MOUNT,
    "/api/catalog/entries/{pk}": READ,
    "/api/catalog/entries/{pk}/items": READ,
    "/api/catalog/entries/{pk}/versions": READ,
    "/api/catalog/entries/{pk}/remarks": NOTES,
    "/api/catalog/entries/{pk}/findings": NOTES,
    "/api/catalog/codes/{code}": CODE,
}
NONE, OWNERS, VISIBLE, EVERYBODY = "-------", "++-----", "++-++--", "+++++++"
LISTED = (NONE, NONE, EVERYBODY, VISIBLE)
OWN_LIST = (OWNERS, OWNERS, OWNERS, OWNERS)
#: list → in whose it stands
LISTS = {
    "/catalog/?format_as=csv": LISTED,
    "/catalog/?format_as=csv&q=明星": LISTED,
    "/api/catalog/entries": LISTED,
    "/api/catalog/entries?q=明星": LISTED,
    "/api/catalog/mine": OWN_LIST,
    "/compile/": OWN_LIST,
    "/mounts/new/": (NONE, NONE, OWNERS, NONE),
}
NAME = "明星登记信息"


@pytest.fixture
def ask(cast: Cast) -> Callable[[str, str], object]:
    """An answer to somebody: a page in their browser, the API with their token, which an
    administrator has not."""
    tokens = {
        who: organizations.create_token(getattr(cast, who), label="矩阵", days=1)["token"]
        for who in WHO
        if who != "audit_admin"
    }
    doors = {
        who: (cast.client(who), Client(headers={"Authorization": f"Bearer {tokens.get(who, '')}"}))
        for who in WHO
    }
    return lambda who, url: doors[who][url.startswith("/api/")].get(url)


def through(url: str, row: str) -> str:
    """What a row of the tables below comes to at this address: the API does not know the audit
    administrator."""
    at = WHO.index("audit_admin")
    if not url.startswith("/api/"):
        return row
    return (
        row[:at] + "-" + row[at + 1 :]
        if " " not in row
        else " ".join("401" if n == at else cell for n, cell in enumerate(row.split()))
    )


def words(answer: Any) -> str:
    assert answer.status_code in (200, 401, 403), "a list is empty, not broken"
    if answer.streaming:
        return b"".join(answer.streaming_content).decode()
    return (
        str(answer.json())
        if answer.headers["Content-Type"].startswith("application/json")
        else answer.content.decode()
    )


def draft(cast: Cast) -> Entry:
    return drafted(cast.civil_operator, NAME)


def with_bureau(cast: Cast) -> Entry:
    entry = draft(cast)
    actions.submit(cast.civil_operator, entry.case, cleared=["state", "work"])
    actions.pass_department(cast.civil_manager, entry.case, cleared=["state", "work"])
    return entry


def shared(cast: Cast) -> Entry:
    return published(cast.civil_operator, cast.civil_manager, cast.bureau_operator, NAME)


def not_shared(cast: Cast) -> Entry:
    entry = drafted(
        cast.civil_operator, NAME, share_class="3", items=[i | {"mask": ""} for i in ITEMS]
    )
    actions.add_ground(
        cast.civil_operator,
        entry.case,
        kind="law",
        document="个人信息保护法",
        article="第二十八条",
        quotation="敏感个人信息……",
    )
    actions.submit(cast.civil_operator, entry.case, cleared=["state", "work"])
    actions.pass_department(cast.civil_manager, entry.case, cleared=["state", "work"])
    actions.pass_bureau(cast.bureau_operator, entry.case)
    return actions.publish(cast.civil_operator, entry.case)


@pytest.mark.parametrize(
    "stage", [draft, with_bureau, shared, not_shared], ids=lambda make: make.__name__
)
def test_an_entry_is_told_of_by_every_door_to_the_same_people(
    cast: Cast, ask: Callable, stage: Callable[[Cast], Entry]
):
    at = (draft, with_bureau, shared, not_shared).index(stage)
    entry = Entry.objects.get(pk=stage(cast).pk)
    statuses = {
        url: " ".join(
            str(
                ask(
                    who, url.format(pk=entry.pk, case=entry.case_id, code=entry.code or "0")
                ).status_code
            )
            for who in WHO
        )
        for url in ADDRESSES
    }
    assert statuses == {url: through(url, rows[at]) for url, rows in ADDRESSES.items()}
    listed = {
        url: "".join("+" if NAME in words(ask(who, url)) else "-" for who in WHO) for url in LISTS
    }
    assert listed == {url: through(url, rows[at]) for url, rows in LISTS.items()}


def test_where_data_lies_is_told_to_its_own_body_only(sharing: Sharing, ask: Callable):
    mount, database = sharing.mount(), sharing.database()
    with writing("test"):
        scan = Scan.objects.create(database=database, asked_by=1, state="done")
    answers = {
        f"/mounts/{mount.pk}/": ALL,
        f"/api/mounts/{mount.pk}": ALL,
        f"/compile/sources/scans/{scan.pk}/": "200 200 404 404 404 403 404",
        f"/api/catalog/scans/{scan.pk}": OWN,
        f"/compile/sources/databases/{database.pk}/password/": "200 403 404 404 403 403 404",
    }
    assert {url: " ".join(str(ask(who, url).status_code) for who in WHO) for url in answers} == {
        url: through(url, row) for url, row in answers.items()
    }
    names = {
        "/mounts/": ("婚姻登记信息", OWNERS),
        "/api/mounts": ("婚姻登记信息", EVERYBODY),
        "/api/mounts?own=true": ("婚姻登记信息", OWNERS),
        f"/mounts/{mount.pk}/": ("婚姻登记前置库", OWNERS),
        f"/api/mounts/{mount.pk}": ("reg_no", OWNERS),
        "/api/catalog/databases": ("婚姻登记前置库", OWNERS),
        "/compile/sources/": ("婚姻登记前置库", OWNERS),
        "/api/systems": ("婚姻登记系统", "++-++--"),
        "/systems/": ("婚姻登记系统", "++-++--"),
    }
    readers = {
        url: "".join("+" if name in words(ask(who, url)) else "-" for who in WHO)
        for url, (name, _) in names.items()
    }
    assert readers == {url: through(url, whose) for url, (_, whose) in names.items()}
