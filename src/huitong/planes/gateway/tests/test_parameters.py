"""Control parameters from the entry to the evidence: only the grant's matter passes, and what
was said is kept and found (A18, A28, A30)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from django.http import QueryDict
from django.test import Client
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st
from tests.sharing import Sharing

from huitong.access import queries as access
from huitong.catalog.forms.rows import PARAMETER_COLUMNS
from huitong.kernel.ledger import writing
from huitong.kernel.procedure import AgainstRules, Malformed
from huitong.organizations import actions as organizations
from huitong.planes.gateway import jobs, queries
from huitong.planes.gateway.engine import recording
from huitong.planes.gateway.engine.process import folder
from huitong.planes.gateway.engine.store import Store
from huitong.planes.gateway.models import Call
from huitong.planes.gateway.reconcile import reconcile
from huitong.planes.gateway.tests.test_evidence import line
from huitong.scope import ControlParameter, ScopeError
from huitong.scope.parameters import (
    RESERVED,
    faults,
    of_matters,
    parameter_from_json,
    parameter_to_json,
)
from huitong.ui.grids import Grid

PARAMETERS = [
    {"name": "matter-code", "title": "事项编码"},
    {"name": "applicant", "title": "申请人身份证号", "required": False},
]
NUMBER = "11010519491231002X"


# -- rules -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "kind", "recorded"),
    [
        ({"name": "matter-code", "title": "事项编码"}, "matter", "plain"),
        ({"name": "matter", "title": "编码"}, "matter", "plain"),
        ({"name": "idno", "title": "申请人身份证号"}, "text", "hashed"),
        ({"name": "phone", "title": "号码"}, "text", "hashed"),
        ({"name": "case-number", "title": "办件编号"}, "text", "plain"),
        ({"name": "a", "title": "事项编码", "kind": "text"}, "text", "plain"),
        ({"name": "idno", "title": "身份证号", "recorded": "plain"}, "text", "plain"),
    ],
)
def test_what_nothing_says_follows_from_the_name(
    data: dict[str, Any], kind: str, recorded: str
) -> None:
    read = parameter_from_json(data, "p")
    assert (read.kind, read.recorded) == (kind, recorded)
    assert parameter_from_json(parameter_to_json(read), "p") == read


@pytest.mark.parametrize(
    "name",
    [
        *sorted(RESERVED),
        "x-huitong-proof",
        "x-envoy-original-path",
        "x-forwarded-for",
        "x_forwarded_for",
        "sec-fetch-site",
    ],
)
def test_no_parameter_takes_the_name_of_a_header_that_means_something(name: str) -> None:
    """As `authorization` it would have put every caller's token into the evidence."""
    with pytest.raises(ScopeError):
        parameter_from_json({"name": name, "title": "x"}, "p")


@examples(max_examples=100, deadline=None)
@given(st.text(max_size=12), st.lists(st.sampled_from(["A1", "ZJ-001", "婚姻登记"]), max_size=2))
def test_only_the_matters_of_the_grant_pass(value: str, codes: list[str]) -> None:
    bound = of_matters(
        (ControlParameter("m", "事项", kind="matter"), ControlParameter("n", "其他")), codes
    )
    assert ("m" in faults(bound, {"m": value, "n": "x"})) == (value not in codes)
    assert bound[1].choices is None


@examples(max_examples=100, deadline=None)
@given(
    st.dictionaries(st.sampled_from("abcdefgh"), st.text(max_size=300), max_size=8),
    st.sets(st.sampled_from("abcdefgh")),
)
def test_a_record_holds_every_value_and_hides_what_is_to_be_hidden(
    values: dict[str, str], hidden: set[str]
) -> None:
    parameters = [
        ControlParameter(n, n, recorded="hashed" if n in hidden else "plain") for n in "abcdefgh"
    ]
    records = recording.records_of(parameters, values, b"key")
    assert {one["name"]: one["digest"] for one in records} == {
        n: recording.digest(v, b"key") for n, v in values.items() if v
    }
    assert not any("value" in one for one in records if one["name"] in hidden)
    assert (
        recording.decode(recording.encode(records)) == records
        and len(recording.encode(records)) < 8192
    )
    assert "\\u0000" not in json.dumps(records), "no database could keep it"


def test_a_record_of_many_long_values_still_fits_the_header() -> None:
    many = [ControlParameter(f"p{n}" + "x" * 46, "长") for n in range(50)]
    records = recording.records_of(many, {p.name: "长" * 200 for p in many}, b"key")
    assert len(records) == 50 and len(recording.encode(records)) < 8192
    assert recording.decode("not ours") == recording.decode(None) == recording.decode("W10") == []


# -- the whole way ---------------------------------------------------------------------------------


@pytest.fixture
def place(settings: Any, tmp_path: Path) -> Path:
    settings.DATA = tmp_path
    return folder(tmp_path)


@pytest.mark.django_db
def test_the_service_is_told_the_grants_own_matter(sharing: Sharing, place: Path) -> None:
    """Any matter code returned rows."""
    sharing.entry("division", control_parameters=PARAMETERS)
    grant = sharing.granted(sharing.mount("division", "api"))
    bound = access.live_grants()[0].parsed.control_parameters
    assert bound[0].choices == (sharing.cast.matter("housing").code,) and (
        bound[0].kind,
        bound[1].recorded,
    ) == ("matter", "hashed")
    reconcile()
    store = Store(place)
    facts, rules = store.body("grant", str(grant.pk)), store.body("service", "shaping")
    assert facts and rules
    parameters = json.loads(facts)["scope"]["control_parameters"]
    assert parameters[0]["choices"] == [grant.matter.code]
    assert bytes.fromhex(json.loads(rules)["recording_key"]) == queries.recording_key()


@pytest.mark.django_db
def test_without_a_matter_nothing_could_be_called_so_nothing_is_asked_or_granted(
    sharing: Sharing,
) -> None:
    from huitong.access import actions
    from huitong.access.models import Form

    sharing.entry("division", control_parameters=PARAMETERS)
    mount = sharing.mount("division", "api")
    with pytest.raises(Malformed) as refused:
        sharing.form(mount, answers={"matter": None})
    assert "事项编码" in refused.value.fields["resources.0.matter"][0]
    application = sharing.accepted(mount)
    with writing("test"):
        Form.objects.filter(pk=application.form_id).update(matter=None)
    with pytest.raises(AgainstRules):
        actions.grant(
            sharing.cast.civil_manager, type(application).objects.get(pk=application.pk).case
        )


@pytest.mark.django_db
def test_calls_are_found_by_what_they_said(sharing: Sharing, place: Path) -> None:
    grant = sharing.granted()
    parameters = (
        ControlParameter("matter-code", "事项编码"),
        ControlParameter("applicant", "身份证号", recorded="hashed"),
    )
    header = recording.encode(
        recording.records_of(
            parameters, {"matter-code": "ZJ-001", "applicant": NUMBER}, queries.recording_key()
        )
    )
    (place / "access.log").write_text(
        line("a", grant=grant.pk, said=header)
        + line("b", grant=grant.pk)
        + line("c", grant=grant.pk, said="broken")
    )
    jobs.take_evidence()
    assert [one.get("value") for one in Call.objects.get(stream="a").parameters] == ["ZJ-001", None]
    assert (
        NUMBER not in json.dumps(list(Call.objects.values("parameters")))
        and Call.objects.filter(parameters=[]).count() == 2
    )
    page = sharing.cast.client("housing_operator")
    for value in ("ZJ-001", NUMBER):
        answer = page.post("/calls/", {"value": value, "verdict": "allowed"})
        assert answer.status_code == 302 and value not in answer["Location"], (
            "addresses end up in logs"
        )
        html = page.get(answer["Location"]).content.decode()
        assert "matter-code=ZJ-001" in html and html.count("/apis/1/2") == 1 and NUMBER not in html
    nothing = page.get(page.post("/calls/", {"value": "ZJ-002"})["Location"]).content.decode()
    assert "没有符合条件的" in nothing and "matter-code" not in nothing
    assert (
        "matter-code=ZJ-001" in b"".join(page.get("/calls/?format=csv").streaming_content).decode()
    )
    token = organizations.create_token(sharing.cast.housing_operator, label="接口")["token"]
    api = Client(headers={"Authorization": f"Bearer {token}"})
    answer = api.post(
        "/api/calls/search", {"value": NUMBER}, content_type="application/json"
    ).json()
    assert answer["count"] == 1 and [p["value"] for p in answer["items"][0]["parameters"]] == [
        "ZJ-001",
        None,
    ]
    assert (
        sharing.cast.client("stranger_operator")
        .get(page.post("/calls/", {"value": NUMBER})["Location"])
        .content.decode()
        .count("ZJ-001")
        == 0
    )
    files = dict(queries.calls_of_case(sharing.case(grant)))
    assert b'"value":"ZJ-001"' in b"".join(files["calls.jsonl"]), (
        "and it is in the evidence package"
    )


@pytest.mark.django_db
def test_a_clerk_says_kind_and_recording_in_a_word(sharing: Sharing) -> None:
    def posted(*rows: tuple[str, str, str, str]) -> Grid:
        data = QueryDict(mutable=True)
        for column, cells in zip(PARAMETER_COLUMNS, zip(*rows, strict=True), strict=True):
            data.setlist(f"parameters.{column.name}", list(cells))
        return Grid.posted("parameters", PARAMETER_COLUMNS, data)

    grid = posted(
        ("matter-code", "事项编码", "事项", ""),
        ("case-number", "办件编号", "", "摘要"),
        ("operator", "经办人", "自动", "自动"),
    )
    assert grid.read() == [
        {"name": "matter-code", "title": "事项编码", "kind": "matter", "recorded": ""},
        {"name": "case-number", "title": "办件编号", "kind": "", "recorded": "hashed"},
        {"name": "operator", "title": "经办人", "kind": "", "recorded": ""},
    ]
    for wrong in (("matter", "", "", ""), ("matter", "事项编码", "随便", "")):
        grid = posted(wrong)
        assert grid.read() is None and grid.faults
