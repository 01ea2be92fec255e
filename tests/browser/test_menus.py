"""Every signed-in page of every post: it opens, axe finds nothing on a desk and on a phone, its
menu marks where one is.

Which pages those are is read from the addresses themselves, so a new page is looked at without
being named here: all that need no key, and one object of each kind by the table of keys below.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

import pytest
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from playwright.sync_api import Page, expect
from tests.browser.conftest import AXE_OPTIONS, LAYOUT
from tests.demanding import Demanding
from tests.disputing import Disputing
from tests.sharing import Sharing

from huitong.kernel.ledger import Entry

POSTS = (
    "housing_operator",
    "housing_manager",
    "civil_operator",
    "civil_manager",
    "bureau_operator",
    "bureau_manager",
    "system_admin",
    "security_admin",
    "audit_admin",
    "platform_operator",
)
#: reached by everybody, from top bar and footer
ALWAYS = ("/", "/help/", "/sitemap/", "/accessibility/")
#: pages that differ by post: looked at for each
OWN = {"/", "/todo/"}
#: no pages: files, answers to machines, what allauth keeps closed or shows while signing in
NO_PAGES = {
    "healthz",
    "jwks",
    "metadata",
    "token",
    "checkpoint",
    "checkpoint_keys",
    "checkpoint_consistency",
    "by_code",
    "mfa_download_recovery_codes",
    "sheet_template",
    "intake_template",
    "sheet_export",
}
SIGNING_IN = ("account_", "mfa_")
#: a desk, and a phone: there only what may differ
SIZES = {(1366, 768): AXE_OPTIONS, (390, 844): LAYOUT}
DESK = {"width": 1366, "height": 768}


def named(resolver: URLResolver, room: str = "") -> Iterator[tuple[str, URLPattern]]:
    """Every named address of ours."""
    for one in resolver.url_patterns:
        if isinstance(one, URLResolver):
            yield from named(one, one.namespace or room)
        elif one.name and one.name not in NO_PAGES and not room.startswith("api"):
            yield (f"{room}:{one.name}" if room else one.name), one


def plain_addresses() -> list[str]:
    """The addresses that need no key."""
    return [
        reverse(name)
        for name, pattern in named(get_resolver())
        if not pattern.pattern.converters and ":" in name
    ]


def details(sharing: Sharing) -> list[tuple[str, str]]:
    """One page of each kind of object, with the post that reads it."""
    form = sharing.applied(sharing.mount("marriage", "api"))
    grant = sharing.granted(sharing.mount("division", "api"))
    waiting = sharing.accepted(sharing.mount("marriage", "table"))
    application = form.applications.get()
    last = Entry.objects.filter(case=application.case_id).latest("seq")
    draft = sharing.entry(submitted=False, name="婚姻登记草稿")
    mount, system = sharing.mount("marriage", "api"), sharing.system()
    cast = sharing.cast
    demanding = Demanding(cast)
    begun, demand = demanding.drafted(title="住房公积金缴存信息"), demanding.submitted()
    with pytest.MonkeyPatch.context() as clock:  # they meet tomorrow; pages are looked at today
        disputing = Disputing(sharing, clock)
        written, refused = disputing.drafted(), disputing.refused()
        stated = disputing.stated(refused.case)
        confirmed = disputing.confirmed(sharing.case(grant))
    table: list[tuple[str, str, list[Any]]] = [
        ("housing_operator", "access:form", [form.pk]),
        ("housing_operator", "access:submitted", [form.pk]),
        ("housing_operator", "access:grant", [grant.pk]),
        ("housing_operator", "catalog:system", [system.pk]),
        ("housing_operator", "access:new_credential", [system.pk]),
        ("housing_operator", "catalog:entry", [mount.entry_id]),
        ("housing_operator", "demands:write", [uuid4()]),
        ("housing_operator", "demands:edit", [begun.pk]),
        ("housing_operator", "demands:scan", [begun.pk]),
        ("housing_operator", "work:case", [begun.case_id]),
        ("civil_operator", "work:case", [demand.case_id]),
        ("civil_operator", "work:step", [demand.case_id, "obstacle"]),
        ("housing_operator", "disputes:edit", [written.pk]),
        ("housing_operator", "work:case", [refused.case_id]),
        ("housing_manager", "work:case", [written.case_id]),
        ("civil_operator", "disputes:amend", [stated.pk]),
        ("civil_operator", "work:case", [stated.case_id]),
        ("bureau_manager", "work:case", [confirmed.case_id]),
        ("bureau_operator", "access:accept", [application.pk]),
        ("civil_manager", "access:decide", [waiting.pk]),
        ("civil_operator", "publishing:mount", [mount.pk]),
        ("civil_operator", "publishing:new", [mount.entry_id, "file"]),
        ("civil_operator", "catalog:compile", [draft.pk]),
        ("civil_operator", "catalog:section", [draft.pk, "basics"]),
        ("civil_operator", "catalog:section", [draft.pk, "items"]),
        ("civil_operator", "work:case", [grant.case_id]),
        ("bureau_manager", "work:case", [application.case_id]),
        ("bureau_manager", "organizations:body", [cast.body("civil").pk]),
        ("audit_admin", "audit:entry", [last.pk]),
        ("audit_admin", "audit:evidence", [application.case_id]),
        ("system_admin", "organizations:edit_body", [cast.body("civil").pk]),
        ("system_admin", "organizations:edit_person", [cast.person("civil_operator").pk]),
        ("system_admin", "organizations:edit_duty", [cast.duty("civil").pk]),
        ("system_admin", "organizations:import", ["bodies"]),
        (
            "security_admin",
            "organizations:hand_over",
            [cast.person("civil_operator").pk, cast.body("civil").pk],
        ),
        ("housing_operator", "portal:guide", ["apply"]),
    ]
    return [(post, reverse(name, args=args)) for post, name, args in table]


@pytest.mark.slow
def test_every_page_of_every_post(
    page: Page,
    enter: Callable[[str], str],
    sharing: Sharing,
    assert_a11y: Callable[..., None],
    shot: Callable[[Page, str], None],
) -> None:
    single = details(sharing)
    visited: set[str] = set()
    faults: list[str] = []
    for post in POSTS:
        site = enter(post)
        page.set_viewport_size(DESK)
        page.goto(f"{site}/")
        links = page.locator(".side-menu a").evaluate_all(
            "(all) => all.map((a) => a.getAttribute('href'))"
        )
        assert links, f"{post} has an empty menu"
        own = [url for who, url in single if who == post]
        plain = [url for url in plain_addresses() if url not in visited]
        # asked with the browser's own session: another sign-in would end it
        ask = page.context.request
        others = [url for url in plain if ask.get(f"{site}{url}", max_redirects=0).status == 200]
        for url in dict.fromkeys([*ALWAYS, *links, *own, *others]):
            if url in visited and url not in OWN:
                continue
            visited.add(url)
            faults += _looked_at(page, f"{site}{url}", post, assert_a11y, url in links)
            shot(page, f"{post}{url.replace('/', '-').rstrip('-')}")
    assert not faults, f"{len(faults)} of {len(visited)}\n" + "\n".join(faults)


def _looked_at(
    page: Page, address: str, post: str, assert_a11y: Callable[..., None], in_menu: bool
) -> Iterator[str]:
    page.set_viewport_size(DESK)
    answer = page.goto(address)
    if not answer or answer.status != 200:
        yield f"{post} gets {answer and answer.status} at {address}"
        return
    if "text/html" not in answer.headers.get("content-type", ""):
        return
    for size, rules in SIZES.items():
        page.set_viewport_size({"width": size[0], "height": size[1]})
        try:
            assert_a11y(page, rules)
        except AssertionError as fault:
            yield f"{post} {address} at {size[0]} px: {fault}"
    if in_menu:
        path = "/" + address.split("/", 3)[3]
        expect(page.locator(".side-menu a.active")).to_have_attribute("href", path)
