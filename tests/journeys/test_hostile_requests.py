"""An attacker on the government network, with and without an account: what every door does with
what it should not get."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from tests.cast import PASSWORD, Cast

from huitong.kernel.ledger import Entry
from huitong.organizations import actions

pytestmark = pytest.mark.django_db

#: what stands in an address where a page wants something
SAMPLE = {
    "int": "1",
    "str": "x",
    "path": "x/y",
    "slug": "x",
    "uuid": "00000000-0000-0000-0000-000000000000",
}
#: machines sign in, check-points come in and tokens speak there: no session, so nothing a foreign
#: page could ride on
WITHOUT_SESSION = ("/oauth/token", "/checkpoint", "/api/")


def addresses(patterns: Any = None, before: str = "/") -> list[str]:
    """Every address of the platform's own pages, its parameters filled in."""
    urls: list[str] = []
    for pattern in patterns if patterns is not None else get_resolver().url_patterns:
        url = before + re.sub(
            r"<(?:(\w+):)?\w+>", lambda m: SAMPLE.get(m[1] or "str", "1"), str(pattern.pattern)
        ).lstrip("^/")
        if isinstance(pattern, URLResolver):
            urls += addresses(pattern.url_patterns, url)
        elif isinstance(pattern, URLPattern) and not re.search(r"[\\(?$|]", url):
            urls.append(url)
    return sorted(set(urls))


def test_every_page_asks_who_is_there() -> None:
    """Without a session nothing is shown but what is open by name, and that is a short list."""
    visitor = Client(raise_request_exception=False)
    answers = {where: visitor.get(where) for where in addresses() if not where.startswith("/api/")}
    open_pages = {where for where, answer in answers.items() if answer.status_code == 200}
    assert open_pages <= {
        "/account/login/",
        "/account/password/reset/",
        "/account/password/reset/done/",
        "/account/password/reset/key/done/",
        "/account/logout/",
        "/healthz",
        "/help/",
        "/help/keys/",
        "/help/laws/",
        "/accessibility/",
        "/checkpoint",
        "/checkpoint/keys",
        "/oauth/jwks",
        "/.well-known/oauth-authorization-server",
        "/.well-known/jwks.json",
    }
    assert not {
        where: a.status_code
        for where, a in answers.items()
        if a.status_code >= 500 and where != "/healthz"
    }
    assert len(answers) > 80


@pytest.mark.parametrize("who", ["housing_operator"])
def test_no_post_is_taken_from_another_site(cast: Cast, who: str) -> None:
    """A page elsewhere can make a browser post with its cookies; without our token nothing
    happens, at any address."""
    client = Client(enforce_csrf_checks=True, raise_request_exception=False)
    client.cookies = cast.client(who).cookies
    before = Entry.objects.count()
    accepted = {}
    for where in addresses():
        if not where.startswith(WITHOUT_SESSION):
            answer = client.post(
                where,
                {"case": "1", "text": "x"},
                headers={"Origin": "https://evil.example", "Referer": "https://evil.example/"},
            )
            if answer.status_code not in (403, 404, 405):
                accepted[where] = answer.status_code
    assert not accepted
    assert Entry.objects.count() == before


def test_a_session_is_no_way_into_the_api(cast: Cast) -> None:
    client = cast.client("housing_operator")
    assert client.get("/api/cases").status_code == 401
    assert (
        client.post("/api/do/work.read", "{}", content_type="application/json").status_code == 401
    )


@pytest.mark.parametrize("who", ["civil_operator", "system_admin"])
def test_hostile_words_in_an_address_are_no_fault_of_ours(cast: Cast, who: str) -> None:
    client = cast.client(who)
    client.raise_request_exception = False
    words = [
        "%00",
        "²",
        "9" * 5000,
        "9" * 30,
        "-1",
        "%ED%A0%80",
        "'%3B--",
        "%0d%0aX-Evil:1",
        "0001-01-01",
        "9999-12-31",
        "99999999",
    ]
    # fmt: off
    names = [
        "q", "page", "year", "kind", "state", "body", "tab", "sort", "level", "parent", "division",
        "before", "since", "until", "case", "object_id", "who", "next", "theme", "share_class",
        "format_as", "r", "mount", "drop", "show", "old", "size",
    ]
    # fmt: on
    failed = []
    for where in addresses():
        if where.startswith(("/api/", "/account/logout")) or "/x" in where:
            continue
        # each name gets another word each time, and no two addresses the same
        for turn in range(2):
            query = "&".join(
                f"{name}={words[(n + 4 * turn + len(where)) % len(words)]}"
                for n, name in enumerate(names)
            )
            answer = client.get(f"{where}?{query}")
            if answer.status_code >= 500 and where != "/healthz":
                failed.append((where, query[:300], answer.status_code))
            assert "X-Evil" not in answer.headers
    assert not failed


@pytest.mark.parametrize("who", ["civil_operator", "audit_admin"])
def test_head_is_answered_wherever_get_is(cast: Cast, who: str) -> None:
    """RFC 9110, 9.3.2; load balancers and link checkers ask so."""
    client = cast.client(who)
    client.raise_request_exception = False
    differ = []
    for where in addresses():
        if where.startswith("/account/"):
            continue
        full, head = client.get(where), client.head(where)
        if (full.status_code, full.headers.get("Content-Type"), b"") != (
            head.status_code,
            head.headers.get("Content-Type"),
            head.getvalue(),
        ):
            differ.append((where, full.status_code, head.status_code))
    assert not differ


@pytest.mark.parametrize(
    "where",
    [
        "change-password",
        "openid-configuration",
        "security.txt",
        "oauth-authorization-server/x",
        "",
        "acme-challenge/x",
    ],
)
def test_what_is_well_known_is_metadata_or_nothing(where: str) -> None:
    """RFC 8615: programs look there, and a page to sign in is no answer for them."""
    answer = Client().get(f"/.well-known/{where}")
    assert answer.status_code == 404 and answer.json()["detail"]


def test_where_tokens_are_had_is_said_where_clients_look(
    cast: Cast, settings: Any, tmp_path: Any
) -> None:
    """RFC 8414; what it names is there."""
    settings.OAUTH_KEYS = tmp_path / "oauth"
    metadata = Client().get("/.well-known/oauth-authorization-server").json()
    assert metadata["issuer"] == settings.PUBLIC_URL and metadata["grant_types_supported"] == [
        "client_credentials"
    ]
    assert (
        Client().get(metadata["jwks_uri"].removeprefix(metadata["issuer"])).json()
        == Client().get("/.well-known/jwks.json").json()
    )
    assert (
        Client().post(metadata["token_endpoint"].removeprefix(metadata["issuer"]), {}).status_code
        == 400
    )


@pytest.mark.parametrize("query", ["q=%FF", "q=%ED%A0%80", "q=%CD%A8%D6%DD&page=1"])
def test_a_value_that_is_not_utf8_is_refused_by_name(cast: Cast, query: str) -> None:
    """A program or a link that writes GBK: other words than those sent would be searched for,
    without a word about it."""
    page = cast.client("housing_operator").get(f"/catalog/?{query}")
    assert page.status_code == 422 and "UTF-8" in page.content.decode()
    token = actions.create_token(cast.housing_operator, label="脚本", days=1)["token"]
    answer = Client(headers={"Authorization": f"bearer {token}"}).get(
        f"/api/catalog/entries?{query}"
    )
    assert (
        answer.status_code == 422
        and set(answer.json()["fields"]) == {"q"}
        and answer.json()["request_id"]
    )


@pytest.mark.parametrize("key", ["9" * 5000, "9" * 30, "²", "٣", "-1", "", "1e3", "0x10"])
def test_a_key_that_is_none_is_no_fault_of_ours(cast: Cast, key: str) -> None:
    """Everywhere a number out of an address or a form is looked up: digits we cannot read are a
    row we do not have."""
    operator, auditor, system = (
        cast.client(who) for who in ("housing_operator", "audit_admin", "system_admin")
    )
    for answer in (
        operator.get("/apply/new/", {"mount": key}),
        operator.get("/apply/new/", {"r": key}),
        operator.get("/catalog/", {"body": key}),
        operator.post("/todo/", {"bulk": "claim", "row": key}),
        operator.post("/notices/read/", {"notice": key}),
        operator.post("/me/body/", {"body": key}),
        operator.get("/do/work.urge/", {"case": key}),
        operator.get("/todo/", {"page": key}),
        auditor.get("/audit/", {"before": key, "case": key}),
        system.get("/sys/calendar/", {"year": key}),
        operator.get("/checkpoint/consistency", {"old": key, "size": key}),
    ):
        assert answer.status_code < 500, answer.request["PATH_INFO"]


def test_nothing_personal_is_kept_in_a_cache(cast: Cast) -> None:
    client = cast.client("housing_operator")
    for where in (
        "/",
        "/todo/",
        "/me/",
        "/notices/",
        "/catalog/",
        "/orgs/",
        "/account/password/change/",
    ):
        answer = client.get(where)
        assert "no-store" in answer.headers["Cache-Control"], where
        assert (
            answer.headers["X-Frame-Options"] == "DENY"
            and answer.headers["X-Content-Type-Options"] == "nosniff"
        ), where
        policy = answer.headers["Content-Security-Policy"]
        assert (
            "unsafe" not in policy
            and "frame-ancestors 'none'" in policy
            and "object-src 'none'" in policy
        ), where


def test_what_is_far_too_large_is_not_read(settings: Any) -> None:
    settings.REQUEST_MAX_BYTES = 1000
    client = Client()
    for where in ("/account/login/", "/api/attachments", "/oauth/token"):
        answer = client.post(where, b"x" * 2000, content_type="application/octet-stream")
        assert answer.status_code == 413, where
        assert ("json" in answer.headers["Content-Type"]) == (not where.startswith("/account/")), (
            "a program is told as a program"
        )
    assert client.post("/account/login/", {"login": "x", "password": "y"}).status_code == 200


@pytest.mark.parametrize(
    "where", ["signup/", "email/", "confirm-email/", "password/set/", "login/code/confirm/"]
)
def test_pages_a_library_brings_along_are_closed(cast: Cast, where: str) -> None:
    assert cast.client("housing_operator").get(f"/account/{where}").status_code == 404
    assert (
        cast.client("housing_operator")
        .post(f"/account/{where}", {"email": "evil@example.com", "action_add": ""})
        .status_code
        == 404
    )


@pytest.mark.parametrize(
    "onward",
    [
        "https://evil.example/",
        "//evil.example",
        "/\\evil.example",
        "javascript:alert(1)",
        "http:///evil.example",
    ],
)
def test_nobody_is_sent_to_another_site(cast: Cast, onward: str) -> None:
    person = cast.person("housing_operator")
    signing_in = Client().post(
        "/account/login/?next=" + onward,
        {"login": person.username, "password": PASSWORD, "next": onward},
    )
    switching = cast.client("housing_operator").post(
        "/me/body/", {"body": cast.body("housing").pk, "next": onward}
    )
    display = cast.client("housing_operator").post(
        "/display/", {"scale": "large"}, headers={"Referer": onward}
    )
    for answer in (signing_in, switching, display):
        assert (
            answer.status_code == 302
            and "evil" not in answer["Location"]
            and "javascript" not in answer["Location"]
        )


def test_a_foreign_host_is_not_answered(cast: Cast) -> None:
    answer = Client(raise_request_exception=False).get(
        "/account/login/", headers={"Host": "evil.example"}
    )
    assert answer.status_code == 400 and b"evil.example" not in answer.content
