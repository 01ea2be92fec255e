"""The document in the words of the field: what frameworks and docstrings say in English for us is
no help to a department's developer."""

from __future__ import annotations

import re
from http import HTTPMethod
from typing import Any

from django.apps import apps

from huitong.kernel import doing
from huitong.kernel.laws import article_words

HAN = re.compile("[\u3400-\u9fff]")
#: what an answer means, by status
ANSWERS = {
    200: "成功",
    201: "已办理",
    202: "已安排",
    204: "成功，没有内容",
    400: "请求无法识别",
    401: "没有令牌，或令牌无效",
    403: "非本人职责",
    404: "不存在或无权查看",
    409: "不符合规定",
    410: "已失效",
    413: "内容过大",
    422: "填写有误",
    429: "请求过于频繁",
    500: "平台故障",
    503: "暂时不能办理",
}
#: groups that are no kind of case and no room
GROUPS = {"grounds": "理由类别"}


def in_chinese(document: dict[str, Any]) -> None:
    """Put groups, answers, descriptions and titles of the document into Chinese, in place."""
    verbs = {f"{verb.label}({verb.article})": verb for verb in doing.VERBS.values()}
    for path in document["paths"].values():
        for method, operation in path.items():
            if method.upper() not in HTTPMethod.__members__:
                continue
            operation["tags"] = [group(tag) for tag in operation.get("tags", ())]
            if verb := verbs.get(operation.get("summary", "")):
                operation["summary"] = verb.label
                operation["description"] = f"依据：{article_words(verb.article)}。"
            for status, answer in operation["responses"].items():
                code = int(status) if str(status).isdigit() else 0
                answer["description"] = ANSWERS.get(code, "其他结果")
    _without_english(document["paths"])
    for schema in document["components"]["schemas"].values():
        _without_english(schema)


def group(tag: str) -> str:
    """What a group of operations is called: a kind of case, or a room."""
    if HAN.search(tag):
        return tag
    if tables := doing.PROCEDURES.get(tag):
        return next(iter(tables.values())).label
    if tag in GROUPS:
        return GROUPS[tag]
    return str(apps.get_app_config(tag).verbose_name) if tag in apps.app_configs else tag


def _without_english(part: Any) -> None:
    """Leave out titles and descriptions that only say a name again, or speak to who wrote it."""
    if isinstance(part, list):
        for one in part:
            _without_english(one)
    if not isinstance(part, dict):
        return
    named = part.get("properties") if isinstance(part.get("properties"), dict) else {}
    for key in ("description", "title"):
        value = part.get(key)
        spare = key == "description" or not {"enum", "properties"} & set(part)
        if isinstance(value, str) and spare and not HAN.search(value):
            del part[key]
    for key, one in part.items():
        if key == "properties" and named:
            for field in named.values():
                _without_english(field)
        elif isinstance(one, dict | list):
            _without_english(one)
