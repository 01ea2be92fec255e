"""The REST door: OpenAPI 3.1 at /api/docs (offline), bearer tokens, one error body, paging,
idempotency keys on writes.

The manifest of every context adds its reads; every registered verb is a write route made from
its own `given` model, so that page, API and command cannot disagree.
"""

from __future__ import annotations

from functools import cached_property
from http import HTTPStatus
from typing import Any

from ninja import NinjaAPI, Swagger
from ninja.openapi.schema import REF_TEMPLATE, OpenAPISchema
from ninja.schema import NinjaGenerateJsonSchema

from huitong import __version__
from huitong.api import auth, errors, verbs
from huitong.api.chinese import in_chinese
from huitong.kernel import doing
from huitong.kernel.grounds import grounds_for
from huitong.kernel.manifest import MANIFESTS

DESCRIPTION = """政务数据共享交换平台接口。

- **身份**：请求头 `Authorization: Bearer <令牌>`；令牌在“我的 → 访问令牌”中生成，只显示一次。
- **写操作**：可带 `Idempotency-Key`，同一个键重复提交只办一次。
- **出错**：统一返回 `status code detail article who remedy fields`，分别说明发生了什么、依据哪一条、由谁办理、下一步怎么办、哪些字段有误。
- **分页**：`limit`（1-200）与 `offset`，返回 `items` 与 `count`。
"""


class Document(OpenAPISchema):
    """Ninja's, in which no two models may have one name: of two the last would stand for both,
    and clients made of it fail."""

    def add_schema_definitions(self, definitions: dict[str, Any]) -> None:
        for name, schema in definitions.items():
            if self.schemas.setdefault(name, schema) != schema:
                raise LookupError(
                    f"two different models are called {name} in the API's document: name one after"
                    " its context"
                )


class Api(NinjaAPI):
    """Ninja's, whose document also names what every route answers when it refuses, and the
    grounds in force today."""

    def get_openapi_schema(self, **_: Any) -> Any:
        return _with_grounds(self.document)

    @cached_property
    def document(self) -> Any:
        """All of it that the code alone says: made once, for that takes half a second, and
        without a database."""
        document = Document(self, self.get_root_path({}))
        # named once for all: a model of its own for each route and status costs seconds to make
        body = errors.ErrorBody.model_json_schema(
            ref_template=REF_TEMPLATE,
            schema_generator=NinjaGenerateJsonSchema,
            mode="serialization",
        )
        document.add_schema_definitions({errors.ErrorBody.__name__: body})
        refused = {
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/ErrorBody"}}}
        }
        for operation in (
            operation for path in document["paths"].values() for operation in path.values()
        ):
            for status in errors.ERRORS:
                operation["responses"].setdefault(
                    status, {"description": HTTPStatus(status).phrase} | refused
                )
        in_chinese(document)
        return document


def _with_grounds(document: Any) -> Any:
    """The document with the grounds in force named wherever a verb takes one;
    `/api/grounds/{verb}` says them with their articles."""
    schemas = dict(document["components"]["schemas"])
    for verb in doing.VERBS.values():
        schema = schemas.get(verb.given.__name__, {})
        if "ground" in schema.get("properties", {}) and (
            codes := [row.code for row in grounds_for(verb.grounds_of or verb.name)]
        ):
            enumerated = schema["properties"]["ground"] | {
                "enum": codes if "ground" in schema.get("required", ()) else ["", *codes]
            }
            schemas[verb.given.__name__] = schema | {
                "properties": schema["properties"] | {"ground": enumerated}
            }
    return document | {"components": document["components"] | {"schemas": schemas}}


api = Api(
    title="政务数据共享交换平台接口",
    version=__version__,
    description=DESCRIPTION,
    auth=auth.Bearer(),
    docs=Swagger(
        settings={
            "persistAuthorization": False,
            "tryItOutEnabled": False,
            # hundreds of operations: drawn when their room is opened, found by a word of its name
            "docExpansion": "none",
            "filter": True,
        }
    ),
    urls_namespace="api",
)
errors.register(api)

for _manifest in MANIFESTS.values():
    if _manifest.routes is not None:
        api.add_router("", _manifest.routes)
doing.load()
api.add_router("", verbs.router())
