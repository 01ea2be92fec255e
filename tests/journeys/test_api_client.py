"""A client made from our OpenAPI document works: made by a generator, then used for reading,
doing and being refused (A19, A20, A28)."""

from __future__ import annotations

import importlib
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from django.test import Client
from tests.journeys.contract import document
from tests.sharing import Sharing

from huitong.api import Document, api
from huitong.organizations import actions as organizations


@pytest.fixture(scope="module")
def generated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The package of the client, importable as ``huitong_client``."""
    from openapi_python_client import generate
    from openapi_python_client.config import Config, ConfigFile, MetaType

    folder = tmp_path_factory.mktemp("client")
    path = folder / "openapi.json"
    path.write_text(json.dumps(document(), ensure_ascii=False), encoding="utf-8")
    package = folder / "huitong_client"
    config = Config.from_sources(
        ConfigFile(post_hooks=[]),
        MetaType.NONE,
        document_source=path,
        file_encoding="utf-8",
        overwrite=True,
        output_path=package,
    )
    assert list(generate(config=config)) == [], "the generator has complaints"
    sys.path.insert(0, str(folder))
    yield package
    sys.path.remove(str(folder))
    for name in [name for name in sys.modules if name.split(".")[0] == "huitong_client"]:
        del sys.modules[name]


def send(request: httpx.Request) -> httpx.Response:
    """The platform itself, without a server between."""
    headers = {
        name: value
        for name, value in request.headers.items()
        if name not in ("content-type", "content-length")
    }
    answer = Client().generic(
        request.method,
        request.url.raw_path.decode(),
        request.content,
        headers=headers,
        content_type=request.headers.get("content-type", ""),
    )
    return httpx.Response(answer.status_code, headers=dict(answer.items()), content=answer.content)


def call(generated: Path, name: str) -> Any:
    """The module of an operation."""
    [module] = generated.glob(f"api/*/{name}.py")
    return importlib.import_module(f"huitong_client.api.{module.parent.name}.{name}")


def test_every_operation_is_there(generated: Path) -> None:
    expected = {
        operation["operationId"]
        for path in document()["paths"].values()
        for operation in path.values()
    }
    assert {path.stem for path in generated.glob("api/*/*.py")} - {"__init__"} == expected


@pytest.mark.django_db
def test_a_made_client_reads_does_and_is_refused(generated: Path, sharing: Sharing) -> None:
    grant = sharing.granted(sharing.mount("division"))
    client_of = importlib.import_module("huitong_client").AuthenticatedClient
    models = importlib.import_module("huitong_client.models")

    def client(who: str) -> Any:
        token = organizations.create_token(getattr(sharing.cast, who), label="客户端", days=1)[
            "token"
        ]
        return client_of(
            "http://localhost", token, httpx_args={"transport": httpx.MockTransport(send)}
        )

    reader = client("housing_operator")
    # the five names that two models bore: each page reads its own rows
    assert [
        e.name for e in call(generated, "huitong_catalog_api_entries").sync(client=reader).items
    ] == ["行政区划代码"]
    assert call(generated, "huitong_access_api_grants").sync(client=reader).items[0].id == grant.pk
    assert (
        call(generated, "huitong_catalog_api_systems").sync(client=reader).items[0].name
        == "住房保障系统"
    )
    assert (
        call(generated, "huitong_publishing_api_mounts").sync(client=reader).items[0].items[0].name
        == "区划代码"
    )
    assert call(generated, "audit_entries").sync(client=reader).items[0].verb
    done = call(generated, "catalog_register_system").sync(
        client=reader,
        body=models.CatalogRegisterSystem(
            name="公租房系统", protection_level="三级", protection_filing="32060012345-00002"
        ),
    )
    assert done.verb == "catalog.register_system" and done.replayed is False
    refused = call(generated, "catalog_register_system").sync_detailed(
        client=reader,
        body=models.CatalogRegisterSystem(
            name="", protection_level="三级", protection_filing="32060012345-00002"
        ),
    )
    assert (
        refused.status_code == 422
        and "name" in refused.parsed.fields.additional_properties
        and refused.parsed.request_id
    )


def test_two_models_of_one_name_are_found_when_the_document_is_made() -> None:
    document = Document(api, "/api/")
    document.add_schema_definitions({"X": {"type": "object"}})
    document.add_schema_definitions({"X": {"type": "object"}})
    with pytest.raises(LookupError, match="called X"):
        document.add_schema_definitions({"X": {"type": "string"}})
