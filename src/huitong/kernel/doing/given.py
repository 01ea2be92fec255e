"""What must be given to a verb: a model made from the function's own parameters, checked, masked,
and told apart.

Whatever passes `checked` can be kept: no text a database refuses, no number it has no room for, no
date that cannot be counted on.
"""

from __future__ import annotations

import hashlib
import hmac
import inspect
import typing
from collections.abc import Callable, Iterable, Iterator, Mapping, Sized
from datetime import date
from typing import Annotated, Any

from django.conf import settings
from pydantic import AfterValidator, BaseModel, ConfigDict, SecretStr, ValidationError, create_model

from huitong.kernel import ledger
from huitong.kernel.procedure import EARLIEST, LATEST, Malformed
from huitong.kernel.words import PLAIN, SPECIFIC, unworded

#: what a bigint holds
LARGEST = 2**63 - 1
#: what is not made of anything else
LEAVES = frozenset((str, int, float, bool, type(None)))

#: pydantic's error types in the reader's language; {} are the error's own context values
MESSAGES = {
    "missing": "必须填写",
    "extra_forbidden": "没有这一项",
    "string_too_short": "至少 {min_length} 个字",
    "string_too_long": "最多 {max_length} 个字",
    "int_parsing": "应为整数",
    "int_type": "应为整数",
    "int_from_float": "应为整数",
    "int_parsing_size": "数字过大",
    "bool_parsing": "应为是或否",
    "bool_type": "应为是或否",
    "date_from_datetime_parsing": "应为日期，如 2026-11-23",
    "date_parsing": "应为日期，如 2026-11-23",
    "enum": "应为以下之一：{expected}",
    "literal_error": "应为以下之一：{expected}",
    "greater_than_equal": "不能小于 {ge}",
    "less_than_equal": "不能大于 {le}",
    "greater_than": "应大于 {gt}",
    "string_pattern_mismatch": "格式不对",
    "string_type": "应为文字",
    "list_type": "应为列表",
    "dict_type": "应为对象",
    "model_type": "应为对象",
    "string_unicode": "含有不能保存的字符",
    "too_short": "至少 {min_length} 项",
    "too_long": "最多 {max_length} 项",
    "less_than": "应小于 {lt}",
    "float_parsing": "应为数字",
    "float_type": "应为数字",
    "date_type": "应为日期，如 2026-11-23",
    "datetime_parsing": "应为时间，如 2026-11-23T08:00:00+08:00",
    "datetime_from_date_parsing": "应为时间，如 2026-11-23T08:00:00+08:00",
    "time_parsing": "应为时刻，如 17:30",
    "model_attributes_type": "应为对象",
    "json_invalid": "不是有效的 JSON",
}


def model_of(fn: Callable[..., Any], name: str) -> type[BaseModel]:
    """The model of what must be given: the keyword-only parameters of the function, annotated
    for people. ``reasons`` are words, whatever the verb, and specific ones where they go with a
    ground."""
    hints = typing.get_type_hints(fn, include_extras=True)
    if (text := hints.get("reasons")) is not None:
        hints["reasons"] = Annotated[
            text, AfterValidator(_specific if "ground" in hints else _words)
        ]
    fields: dict[str, Any] = {}
    for parameter in inspect.signature(fn).parameters.values():
        if parameter.kind is inspect.Parameter.KEYWORD_ONLY:
            default = ... if parameter.default is inspect.Parameter.empty else parameter.default
            fields[parameter.name] = (hints[parameter.name], default)
    config = ConfigDict(
        extra="forbid",
        arbitrary_types_allowed=True,
        str_strip_whitespace=True,
        defer_build=True,  # a process uses few of the verbs it loads
    )
    return create_model(
        "".join(part.title() for part in name.replace("_", ".").split(".")),
        __config__=config,
        **fields,
    )


def _words(reasons: str, least: tuple[int, int] = PLAIN) -> str:
    if reasons.strip() and (fault := unworded(reasons, least)):
        raise ValueError(fault)
    return reasons


def _specific(reasons: str) -> str:
    return _words(reasons, SPECIFIC)


#: asked of all text given to verbs that people can do, as (title of the field, its texts): `work`
#: refuses what is marked as classified, whatever the verb and the field. Secrets are not looked at.
GUARDS: list[Callable[[str, Iterator[str]], None]] = []


def checked(
    model: type[BaseModel], given: Mapping[str, Any], article: str, *, by_people: bool = True
) -> dict[str, Any]:
    """What was given, typed. Raises `Malformed` naming each field, and what the `GUARDS` raise."""
    try:
        texts = _guard(model, given, {}) if by_people else {}
        typed = model.model_validate(dict(given))
        values = {name: getattr(typed, name) for name in model.model_fields}
        wrong = {
            name: f"“{_title(model, name)}”{fault}"
            for name, value in values.items()
            if (fault := _fault(_leaves(value)))
        }
    except ValidationError as refused:
        raise Malformed(_messages(model, refused), article=article) from None
    except RecursionError:
        raise Malformed({"": "内容嵌套过深。"}, article=article) from None
    if wrong:
        raise Malformed(wrong, article=article)
    if by_people:
        _guard(model, values, texts)  # as it was read: JSON may spell a text another way
    return values


def masked(given: Mapping[str, Any]) -> dict[str, Any]:
    """What the ledger may keep of what was given: secrets never."""
    return {k: "" if isinstance(v, SecretStr) else ledger.plain(v) for k, v in given.items()}


def digest_of(name: str, case: int | None, given: Mapping[str, Any]) -> str:
    """By which a repeated request is known. Keyed, because forms give passwords as plain text:
    nobody who reads the ledger can try passwords against it. Raises `Malformed` for what is
    nested too deeply."""
    inputs = {k: v.get_secret_value() if isinstance(v, SecretStr) else v for k, v in given.items()}
    try:
        whole = ledger.canonical({"name": name, "case": case, "given": inputs})
    except (RecursionError, UnicodeEncodeError):
        raise Malformed({"": "内容嵌套过深，或含有不能保存的字符。"}) from None
    return hmac.new(settings.MASTER_KEY.encode(), b"request:" + whole, hashlib.sha256).hexdigest()


def _guard(
    model: type[BaseModel], given: Mapping[str, Any], before: Mapping[str, set[str]]
) -> dict[str, set[str]]:
    """Ask the `GUARDS` of each text that was not asked of ``before``. Returns the texts of each
    field."""
    texts: dict[str, set[str]] = {}
    for name, value in given.items():
        field = model.model_fields.get(name)
        if field is None or SecretStr not in (field.annotation, *typing.get_args(field.annotation)):
            texts[name] = {leaf for leaf in _leaves(value) if isinstance(leaf, str)}
            for guard in GUARDS:
                guard(_title(model, name), iter(texts[name] - before.get(name, set())))
    return texts


def _leaves(value: Any) -> list[Any]:
    """What a value is made of, at any depth; of mappings the keys too."""
    leaves: list[Any] = []
    _gather(value, leaves)
    return leaves


def _gather(value: Any, leaves: list[Any]) -> None:
    if type(value) in LEAVES:
        leaves.append(value)
        return
    match value:
        case str() | bytes():
            leaves.append(value)
        case Mapping():
            for key, inner in value.items():
                _gather(key, leaves)
                _gather(inner, leaves)
        case BaseModel():
            _gather(value.__dict__, leaves)
        # lists of every kind, and the sheets of an import
        case Iterable() if isinstance(value, Sized):
            for inner in value:
                _gather(inner, leaves)
        case _:
            leaves.append(value)


def _fault(leaves: Iterable[Any]) -> str:
    """What of a value, taken apart, no database could keep or no calendar count on; empty when
    nothing."""
    texts: list[str] = []
    for leaf in leaves:
        match leaf.get_secret_value() if isinstance(leaf, SecretStr) else leaf:
            case str() as text:
                texts.append(text)
            case bool() | None:
                pass
            case int() as number:
                if abs(number) > LARGEST:
                    return "数字过大"
            case date() as day:  # a datetime is one too
                if not EARLIEST.year <= day.year <= LATEST.year:
                    return f"应在 {EARLIEST.year} 年至 {LATEST.year} 年之间"
    whole = "".join(texts)
    return "含有不能保存的字符" if "\0" in whole or not _encodes(whole) else ""


def _encodes(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _title(model: type[BaseModel], name: str) -> str:
    field = model.model_fields.get(name)
    return (field.title if field and field.title else name) or "内容"


def _messages(model: type[BaseModel], wrong: ValidationError) -> dict[str, list[str]]:
    fields: dict[str, list[str]] = {}
    for error in wrong.errors(include_url=False, include_input=False):
        where = ".".join(str(part) for part in error["loc"])
        title = _title(model, str(error["loc"][0])) if error["loc"] else "内容"
        fields.setdefault(where, []).append(f"“{title}”{words_of(error)}")
    return fields


def words_of(error: Mapping[str, Any]) -> str:
    """One of pydantic's errors in the reader's language: by its type, or as a check of ours says
    it; never in its own words."""
    context = dict(error.get("ctx") or {})
    context["expected"] = str(context.get("expected", "")).replace(" or ", "、").replace(", ", "、")
    if error["type"] in MESSAGES:
        return MESSAGES[error["type"]].format(**context)
    own = str(context.get("error", ""))
    return own if any("\u4e00" <= sign <= "\u9fff" for sign in own) else "格式不对"
