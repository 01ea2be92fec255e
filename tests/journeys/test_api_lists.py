"""Lists of the API come in pages of one kind, and a page costs the same however long it is."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from tests.cast import Cast
from tests.sharing import Sharing

from huitong.api import api
from huitong.organizations import actions as organizations

pytestmark = pytest.mark.django_db
#: lists that have more to say than items and count
OWN_PAGES = {"/api/catalog/entries", "/api/audit/entries"}
#: bounded by what they belong to
UNPAGED = {
    "/api/catalog/databases",
    "/api/catalog/entries/{pk}/findings",
    "/api/catalog/entries/{pk}/items",
    "/api/catalog/entries/{pk}/remarks",
    "/api/catalog/entries/{pk}/secrecy",
    "/api/grounds/{verb}",
    "/api/systems/{system_id}/credentials",
}


def answers(operation: dict[str, Any]) -> dict[str, Any]:
    content = operation["responses"][200].get("content", {})
    schema: dict[str, Any] = content.get("application/json", {}).get("schema", {})
    return schema


def paged() -> list[tuple[str, str]]:
    """The lists whose answer is one of ninja's pages, as (method, address)."""
    return [
        (method, path)
        for path, methods in api.document["paths"].items()
        for method, operation in methods.items()
        if answers(operation).get("$ref", "").rpartition("/")[2].startswith("Paged")
    ]


def response_to(client: Client, method: str, path: str, query: str) -> Any:
    """An answer; a search by value is posted."""
    if method == "post":
        body = {"value": "320682199001010018"}
        return client.post(f"{path}?{query}", body, content_type="application/json")
    return client.get(f"{path}?{query}")


def reader(cast: Cast, who: str) -> Client:
    token = organizations.create_token(getattr(cast, who), label="列表", days=1)["token"]
    return Client(headers={"Authorization": f"Bearer {token}"})


def test_every_list_is_a_page_or_says_why_not() -> None:
    """A list without an end fills the memory of whoever asks, and ours."""
    lists = {
        path
        for path, methods in api.document["paths"].items()
        for operation in methods.values()
        if answers(operation).get("type") == "array"
    }
    assert lists == UNPAGED, "put @paginate on it, or name it here with its bound"
    assert len(paged()) >= 13 and not {path for _, path in paged()} & OWN_PAGES


def test_a_page_has_bounds_and_names_what_is_beyond_them(cast: Cast) -> None:
    client = reader(cast, "housing_operator")
    for method, path in paged():
        if "{" in path:
            continue
        for query, field in (("limit=0", "limit"), ("limit=201", "limit"), ("offset=-1", "offset")):
            refused = response_to(client, method, path, query)
            assert refused.status_code == 422 and field in refused.json()["fields"], path
        page = response_to(client, method, path, "limit=1").json()
        assert set(page) == {"items", "count"} and len(page["items"]) <= 1, path


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("applications", "state"),
        ("grants", "state"),
        ("mounts", "mode"),
        ("catalog/mine", "state"),
        ("catalog/coverage", "standing"),
        ("catalog/coverage", "subject"),
        ("catalog/drifts", "state"),
        ("bodies", "kind"),
        ("calls", "verdict"),
        ("demands", "state"),
        ("disputes", "state"),
        ("objections", "state"),
        ("documents", "kind"),
        ("cases", "kind"),
    ],
)
def test_a_word_that_is_none_of_a_vocabulary_is_named(cast: Cast, path: str, name: str) -> None:
    """Nothing found would look like nothing there."""
    client = reader(cast, "civil_operator")
    assert client.get(f"/api/{path}?{name}=").status_code == 200
    answer = client.get(f"/api/{path}?{name}=nonsense")
    assert answer.status_code == 422 and list(answer.json()["fields"]) == [name]


def test_the_record_of_a_case_is_paged_and_holds_the_acts_beside_its_steps(
    sharing: Sharing,
) -> None:
    """What was done to the form counts for each of its applications, as in the timeline; numbers
    of persons are masked, as in every list of the ledger."""
    wish = {"frequency": "按需查询，有事请拨 13912345678"}
    grant = sharing.granted(sharing.mount("marriage", "api"), ask=wish)
    client = reader(sharing.cast, "housing_operator")
    address = f"/api/cases/{grant.application.case_id}/entries"
    whole = client.get(address).json()
    verbs = [entry["verb"] for entry in whole["items"]]
    assert {"access.print_form", "application.submit", "application.grant"} <= set(verbs)
    assert whole["count"] == len(verbs)
    texts = json.dumps(whole, ensure_ascii=False)
    assert "按需查询" in texts and "13912345678" not in texts
    second = client.get(f"{address}?limit=1&offset=1").json()
    assert [entry["verb"] for entry in second["items"]] == verbs[1:2]
    assert second["count"] == len(verbs)
    assert reader(sharing.cast, "stranger_operator").get(address).status_code == 404


@pytest.mark.parametrize("path", ["people", "bodies", "matters", "cases", "grants", "forms"])
def test_a_page_costs_the_same_however_long(sharing: Sharing, path: str) -> None:
    sharing.granted(sharing.mount("marriage", "api"))
    sharing.granted(sharing.mount("division", "api"))
    client = reader(sharing.cast, "bureau_operator")

    def cost(limit: int) -> tuple[int, int]:
        with CaptureQueriesContext(connection) as queries:
            page = client.get(f"/api/{path}?limit={limit}").json()
        return len(queries), len(page["items"])

    cost(1)
    (short, one), (long, many) = cost(1), cost(50)
    assert one == 1 and many > 1
    assert long <= short, f"{path}: {many} rows cost {long - short} queries more than one"
