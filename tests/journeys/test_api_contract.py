"""The API keeps its word: whatever is sent, never a fault of ours, every refusal in the one body,
every answer as documented.

Requests are made from the OpenAPI document itself, half of them as it asks, half hostile, with the
tokens of two posts.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest
from django.test import Client
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from tests.cast import Cast

from huitong.api import api
from huitong.organizations import actions as organizations

pytestmark = pytest.mark.django_db
POSTS = ("housing_operator", "bureau_manager")
#: requests per operation and post; some 140 operations, a few milliseconds each
EXAMPLES = 3
METHODS = ("get", "post")
#: three words in a row that are a sentence, not something that was sent
ENGLISH = re.compile(r"[A-Za-z]+ [a-z']+ [a-z']+")
#: what clerks, scripts and attackers send where something else was meant
HOSTILE = st.sampled_from(
    [
        None,
        True,
        0,
        -1,
        2**63,
        10**30,
        1.5,
        "",
        " ",
        "²",
        "a\0b",
        "'; DROP TABLE kernel_case; --",
        "<script>",
        "\u202e",
        "9999-12-31",
        "0001-01-01",
        "é" * 5000,
        "%00",
        "../../etc/passwd",
        [],
        {},
        [[]],
        {"a": {"b": [None]}},
        [None],
        ["x", "x"],
        {"$ref": "#"},
        "[" * 3000,
        "{}",
    ]
)


def document() -> dict[str, Any]:
    return json.loads(json.dumps(api.document, default=str))  # type: ignore[no-any-return]


DOCUMENT = document()


def operations() -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, methods in DOCUMENT["paths"].items():
        for method, operation in methods.items():
            yield path, method, operation


def resolved(schema: dict[str, Any]) -> dict[str, Any]:
    while "$ref" in schema:
        schema = DOCUMENT["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    return schema


def fitting(schema: dict[str, Any], depth: int = 0) -> st.SearchStrategy[Any]:
    """Values the document allows (roughly: patterns are left to chance)."""
    schema = resolved(schema)
    if "const" in schema:
        return st.just(schema["const"])
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    for several in ("anyOf", "oneOf", "allOf"):
        if several in schema:
            return st.one_of([fitting(one, depth) for one in schema[several]])
    kind = schema.get("type")
    if kind == "object":
        known = {
            name: fitting(one, depth + 1) for name, one in schema.get("properties", {}).items()
        }
        needed = set(schema.get("required", ()))
        return st.fixed_dictionaries(
            {n: s for n, s in known.items() if n in needed},
            optional={n: s for n, s in known.items() if n not in needed},
        )
    if kind == "array":
        return st.lists(
            fitting(schema.get("items", {}), depth + 1),
            min_size=min(schema.get("minItems", 0), 2),
            max_size=2,
        )
    if kind == "integer":
        least = max(schema.get("minimum", 0), 0)
        return st.integers(least, min(schema.get("maximum", least + 60), least + 60))
    if kind == "string" and schema.get("format") in ("date", "date-time"):
        return st.sampled_from(
            ["2026-12-01", "2027-06-30"]
            if schema["format"] == "date"
            else ["2026-12-01T08:00:00+08:00"]
        )
    simple = {
        "boolean": st.booleans(),
        "null": st.none(),
        "number": st.integers(0, 9),
        "string": st.sampled_from(["住房保障", "民政局婚姻登记", "1", "A22"]),
    }
    return simple.get(str(kind), HOSTILE)


def sent(schema: dict[str, Any]) -> st.SearchStrategy[Any]:
    """A body: as asked, with one part made hostile, or something else altogether."""
    whole = fitting(schema)

    @st.composite
    def spoiled(draw: st.DrawFn) -> Any:
        body = draw(whole)
        names = [*sorted(resolved(schema).get("properties", {})), "case", "actor", "__proto__"]
        return (
            body | {draw(st.sampled_from(names)): draw(HOSTILE)}
            if isinstance(body, dict)
            else draw(HOSTILE)
        )

    return st.one_of(whole, spoiled(), HOSTILE)


def shaped(answer: Any, operation: dict[str, Any] | None = None) -> None:
    """Never a fault of ours; a refusal has the one body and a status the document names."""
    said = (
        f"{answer.request['REQUEST_METHOD']} {answer.request['PATH_INFO']} -> {answer.status_code}:"
        f" {answer.content[:300]!r}"
    )
    assert answer.status_code < 500, said
    if answer.status_code >= 400:
        body = json.loads(answer.content)
        assert answer.headers["Content-Type"].startswith("application/json"), said
        assert (
            body["status"] == answer.status_code
            and body["code"]
            and body["detail"]
            and body["request_id"]
        ), said
        for words in (
            body["detail"],
            body.get("remedy", ""),
            body.get("who", ""),
            *(m for messages in body.get("fields", {}).values() for m in messages),
        ):
            assert not ENGLISH.search(words), f"{said}: {words}"
        assert set(body) <= set(DOCUMENT["components"]["schemas"]["ErrorBody"]["properties"]), said
    if operation is not None:
        assert str(answer.status_code) in operation["responses"], said


@pytest.fixture
def clients(cast: Cast) -> dict[str, Client]:
    made = {}
    for who in POSTS:
        token = organizations.create_token(getattr(cast, who), label="合同测试", days=1)["token"]
        made[who] = Client(
            headers={"Authorization": f"Bearer {token}"}, raise_request_exception=False
        )
    return made


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
        said = data.draw(sent(body), label="body") if body else None
        answer = client.post(
            where,
            data=json.dumps(said),
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
                ask(clients[who], *asked, data)  # noqa: B023 - called before the next one is made

            asked = (path, method, operation)
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
        "/api/do/access.register_system", data=body, content_type="application/json"
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
        "POST", "/api/do/access.register_system", body, content_type=kind
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

    from huitong.cli.web import told_its_length

    bearer = clients["housing_operator"].defaults["HTTP_AUTHORIZATION"]

    def sent_in_chunks(body: bytes) -> tuple[int, dict[str, Any]]:
        environment = {
            "REQUEST_METHOD": "POST",
            "PATH_INFO": "/api/do/access.register_system",
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
        answer = told_its_length(
            lambda told, start: ClientHandler()(told), settings.REQUEST_MAX_BYTES
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
    status, said = sent_in_chunks(body)
    assert status == 200 and said["verb"] == "access.register_system", said
    settings.REQUEST_MAX_BYTES = 1000
    status, said = sent_in_chunks(body + b" " * 2000)
    assert status == 413 and said["code"] == "too_large" and not ENGLISH.search(said["detail"])


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
                    .get(path.replace("{grant}", "1"), {"limit": strange})
                    .status_code
                    == 422
                ), path
        if "offset" in bounds:
            assert bounds["offset"]["maximum"] <= 1_000_000, path


def test_the_document_is_whole() -> None:
    """Every operation says what it is, has a name of its own, and names its refusals; every
    reference leads somewhere."""
    assert DOCUMENT["openapi"].startswith("3.1")
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
    known = DOCUMENT["components"]["schemas"]
    told = json.dumps(DOCUMENT)
    wanted = {part.partition('"')[0] for part in told.split("#/components/schemas/")[1:]}
    assert wanted <= set(known)


def test_what_only_the_platform_does_is_no_route() -> None:
    told = {path.rpartition("/")[2] for path in DOCUMENT["paths"] if path.startswith("/api/do/")}
    assert told and not told & {
        "organizations.sign_in",
        "organizations.sign_in_refused",
        "organizations.change_password",
        "grant.issue",
        "work.notify",
        "work.take_in",
        "access.report_delivery",
        "audit.witness",
    }
