"""The API's own document as a source of requests, and the form every answer keeps."""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Iterator
from typing import Any

from hypothesis import strategies as st

from huitong.api import api

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


@functools.cache
def document() -> dict[str, Any]:
    """As clients read it. Made by the tests that need it, not when tests are collected: it takes
    seconds in each process."""
    return json.loads(json.dumps(api.document, default=str))  # type: ignore[no-any-return]


def operations() -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, methods in document()["paths"].items():
        for method, operation in methods.items():
            yield path, method, operation


def resolved(schema: dict[str, Any]) -> dict[str, Any]:
    while "$ref" in schema:
        schema = document()["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
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
        properties = {
            name: fitting(one, depth + 1) for name, one in schema.get("properties", {}).items()
        }
        needed = set(schema.get("required", ()))
        return st.fixed_dictionaries(
            {n: s for n, s in properties.items() if n in needed},
            optional={n: s for n, s in properties.items() if n not in needed},
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
    message = (
        f"{answer.request['REQUEST_METHOD']} {answer.request['PATH_INFO']} -> {answer.status_code}:"
        f" {answer.content[:300]!r}"
    )
    assert answer.status_code < 500, message
    if answer.status_code >= 400:
        body = json.loads(answer.content)
        assert answer.headers["Content-Type"].startswith("application/json"), message
        assert (
            body["status"] == answer.status_code
            and body["code"]
            and body["detail"]
            and body["request_id"]
        ), message
        for words in (
            body["detail"],
            body.get("remedy", ""),
            body.get("who", ""),
            *(m for messages in body.get("fields", {}).values() for m in messages),
        ):
            assert not ENGLISH.search(words), f"{message}: {words}"
        assert set(body) <= set(document()["components"]["schemas"]["ErrorBody"]["properties"]), (
            message
        )
    if operation is not None:
        assert str(answer.status_code) in operation["responses"], message
