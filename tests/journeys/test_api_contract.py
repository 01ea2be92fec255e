"""The API keeps its word: whatever is sent, never a fault of ours, every refusal in the one body,
every answer as documented.

Requests are made from the OpenAPI document itself, half of them as it asks, half hostile, with the
tokens of two posts.
"""

from __future__ import annotations

import json
import re
from typing import Any
from urllib.parse import quote

import pytest
from django.test import Client
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from tests.cast import Cast
from tests.journeys.contract import (
    ENGLISH,
    HOSTILE,
    METHODS,
    document,
    fitting,
    operations,
    sent,
    shaped,
)

from huitong.organizations import actions as organizations

pytestmark = pytest.mark.django_db
POSTS = ("housing_operator", "bureau_manager")
#: requests per operation and post; some 140 operations, a few milliseconds each
EXAMPLES = 3


@pytest.fixture
def clients(cast: Cast) -> dict[str, Client]:
    by_post = {}
    for who in POSTS:
        token = organizations.create_token(getattr(cast, who), label="合同测试", days=1)["token"]
        by_post[who] = Client(
            headers={"Authorization": f"Bearer {token}"}, raise_request_exception=False
        )
    return by_post


def ask(
    client: Client, path: str, method: str, operation: dict[str, Any], data: st.DataObject
) -> None:
    """One request to one operation."""
    body = (
        operation.get("requestBody", {})
        .get("content", {})
        .get("application/json", {})
        .get("schema")
    )
    where, query, headers = path, {}, {}
    for parameter in operation.get("parameters", ()):
        name, schema = parameter["name"], parameter["schema"]
        value = data.draw(st.one_of(fitting(schema), HOSTILE), label=name)
        if parameter["in"] == "path":
            where = where.replace("{" + name + "}", quote(str(value) or "0", safe=""))
        elif parameter["in"] == "query":
            query[name] = (
                [str(one) for one in value]
                if isinstance(value, list)
                else ""
                if value is None
                else str(value)
            )
        elif value is not None and str(value).isascii() and str(value).isprintable():
            headers[name] = str(value)
    if method == "get":
        answer = client.get(where, query, headers=headers)
    else:
        payload = data.draw(sent(body), label="body") if body else None
        answer = client.post(
            where,
            data=json.dumps(payload),
            content_type="application/json",
            headers=headers,
            query_params=query,
        )
    # a slash in disguise may lead to another operation
    shaped(answer, None if "%" in where else operation)


@pytest.mark.parametrize("who", POSTS)
def test_nothing_that_is_sent_is_a_fault_of_ours(clients: dict[str, Client], who: str) -> None:
    often = settings(
        max_examples=EXAMPLES,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    for path, method, operation in operations():
        # it might saw off the branch it sits on
        if operation["operationId"] != "organizations_revoke_token":

            def one(data: st.DataObject) -> None:
                ask(clients[who], *target, data)  # noqa: B023 - called before the next one is made

            target = (path, method, operation)
            often(given(st.data())(one))()
    assert clients[who].get("/api/notices").status_code == 200, (
        "the token must still be good, or nothing was tried"
    )


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"\xff\xfe",
        b'{"a": NaN}',
        b'{"a":' * 50_000,
        b"[" * 100_000,
        b'{"text": "\\ud800"}',
        b'"' + b"9" * 5000 + b'"',
    ],
)
def test_a_body_that_is_no_json_is_told_so(clients: dict[str, Client], body: bytes) -> None:
    answer = clients["housing_operator"].post(
        "/api/do/catalog.register_system", data=body, content_type="application/json"
    )
    shaped(answer)
    assert answer.status_code in (400, 422)


@pytest.mark.parametrize(
    ("kind", "body", "status"),
    [
        ("text/plain", b"x", 422),
        ("application/xml", b"<a/>", 422),
        ("", b"{}", 422),
        ("application/json; charset=gbk", b"\xcd\xa8", 400),
        ("application/x-www-form-urlencoded", b"name=x", 400),
        ("multipart/form-data", b"x", 400),
        ("application/json", b"[]", 422),
    ],
)
def test_another_kind_of_body_is_refused_in_words(
    clients: dict[str, Client], kind: str, body: bytes, status: int
) -> None:
    answer = clients["housing_operator"].generic(
        "POST", "/api/do/catalog.register_system", body, content_type=kind
    )
    shaped(answer)
    assert answer.status_code in (400, 415, 422)


def test_every_route_says_what_is_wrong_in_chinese(clients: dict[str, Client]) -> None:
    """Every parameter and every body of every route, of another kind than asked for; those that
    get through are tried elsewhere."""
    client, refused = clients["bureau_manager"], 0
    for path, method, operation in operations():
        where = re.sub(r"\{\w+\}", "1", path)
        if method == "get":
            wrong = {
                p["name"]: "x y"
                for p in operation.get("parameters", ())
                if p["in"] == "query" and "string" not in json.dumps(p["schema"])
            }
            answers = [client.get(where, wrong)] if wrong else []
        else:
            answers = [
                client.post(where, body, "application/json")
                for body in (b"[]", b"null", b'{"no such": {}}')
            ]
        answers.append(client.delete(where))
        for answer in answers:
            shaped(answer)
            refused += answer.status_code >= 400
    assert refused > 400


def test_a_body_sent_in_chunks_is_read_up_to_the_limit(
    clients: dict[str, Client], settings: Any
) -> None:
    """RFC 9112, 7.1: curl, Java and Go send so what they do not know the length of. Without its
    length WSGI takes it for empty."""
    from io import BytesIO

    from django.test.client import ClientHandler

    from huitong.cli.web import in_turns

    bearer = clients["housing_operator"].defaults["HTTP_AUTHORIZATION"]

    def sent_in_chunks(body: bytes) -> tuple[int, dict[str, Any]]:
        environment = {
            "REQUEST_METHOD": "POST",
            "PATH_INFO": "/api/do/catalog.register_system",
            "SERVER_NAME": "localhost",
            "SERVER_PORT": "80",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "wsgi.url_scheme": "http",
            "wsgi.input": BytesIO(body),
            "wsgi.errors": BytesIO(),
            "CONTENT_TYPE": "application/json",
            "HTTP_TRANSFER_ENCODING": "chunked",
            "HTTP_AUTHORIZATION": bearer,
        }
        answer = in_turns(
            lambda environ, start: ClientHandler()(environ), settings.REQUEST_MAX_BYTES
        )(environment, None)
        return answer.status_code, json.loads(answer.content)

    body = json.dumps(
        {
            "name": "公租房系统",
            "protection_level": "三级",
            "protection_filing": "32060012345-00002",
        },
        ensure_ascii=False,
    ).encode()
    status, answer_body = sent_in_chunks(body)
    assert status == 200 and answer_body["verb"] == "catalog.register_system", answer_body
    settings.REQUEST_MAX_BYTES = 1000
    status, answer_body = sent_in_chunks(body + b" " * 2000)
    assert (
        status == 413
        and answer_body["code"] == "too_large"
        and not ENGLISH.search(answer_body["detail"])
    )


@pytest.mark.parametrize(
    "verb", ["entry.draft", "access.issue_credential", "access.begin_form", "access.apply"]
)
def test_json_in_a_field_may_be_nested_too_deeply(clients: dict[str, Client], verb: str) -> None:
    for text in ("[" * 3000, '{"a":' * 3000):
        given = dict.fromkeys(("items", "networks", "resources", "row_filter"), text)
        answer = clients["housing_operator"].post(
            f"/api/do/{verb}", json.dumps(given | {"name": "目录", "system": 1}), "application/json"
        )
        shaped(answer)
        assert answer.status_code in (404, 422)


def test_an_unknown_address_and_a_wrong_method_speak_json_too(clients: dict[str, Client]) -> None:
    client = clients["housing_operator"]
    for answer, status in (
        (client.get("/api/nothing/here"), 404),
        (Client().get("/api/nothing"), 404),
        (client.delete("/api/cases"), 405),
        (client.put("/api/do/work.claim", b"{}", "application/json"), 405),
        (client.get("/api/cases/abc"), 422),
        (client.get("/api/cases/999999999"), 404),
        (Client().get("/api/cases"), 401),
    ):
        shaped(answer)
        assert answer.status_code == status
        assert answer.headers.get("Cache-Control"), "what a person may see is kept in no cache"


def test_a_list_is_never_longer_than_was_allowed(clients: dict[str, Client]) -> None:
    for path, method, operation in operations():
        bounds = {
            p["name"]: p["schema"] for p in operation.get("parameters", ()) if p["in"] == "query"
        }
        if method == "get" and "limit" in bounds:
            assert bounds["limit"]["maximum"] <= 200, f"{path} has no end"
            for strange in ("0", "201", "-1", "9" * 40):
                assert (
                    clients["housing_operator"]
                    .get(re.sub(r"\{\w+\}", "1", path), {"limit": strange})
                    .status_code
                    == 422
                ), path
        if "offset" in bounds:
            assert bounds["offset"]["maximum"] <= 1_000_000, path


def test_the_document_is_whole() -> None:
    """Every operation says what it is, has a name of its own, and names its refusals; every
    reference leads somewhere."""
    assert document()["openapi"].startswith("3.1")
    names = [operation["operationId"] for _, _, operation in operations()]
    assert len(names) == len(set(names))
    for path, method, operation in operations():
        assert method in METHODS and operation["summary"] and operation["tags"], path
        assert {"400", "401", "403", "404", "409", "422"} <= set(operation["responses"]), path
        assert not [
            p
            for p in operation.get("parameters", ())
            if p["in"] == "path" and "{" + p["name"] + "}" not in path
        ], path
    schemas = document()["components"]["schemas"]
    text = json.dumps(document())
    references = {part.partition('"')[0] for part in text.split("#/components/schemas/")[1:]}
    assert references <= set(schemas)


def test_what_only_the_platform_does_is_no_route() -> None:
    routes = {
        path.rpartition("/")[2] for path in document()["paths"] if path.startswith("/api/do/")
    }
    assert routes and not routes & {
        "organizations.sign_in",
        "organizations.sign_in_refused",
        "organizations.change_password",
        "grant.issue",
        "work.notify",
        "work.take_in",
        "access.report_delivery",
        "audit.witness",
    }


def test_the_document_speaks_chinese() -> None:
    """Groups, operations and answers; names of models are for programs and stay."""
    han = re.compile("[\u3400-\u9fff]")
    assert han.search(document()["info"]["title"])
    for path, methods in document()["paths"].items():
        for method, operation in methods.items():
            where = f"{method} {path}"
            assert han.search(operation["summary"]), where
            assert operation["tags"] and all(map(han.search, operation["tags"])), where
            assert han.search(operation.get("description", "无")), where
            for status, answer in operation["responses"].items():
                assert han.search(answer["description"]), f"{where} {status}"
