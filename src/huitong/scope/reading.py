"""Strict readers of JSON and query strings: every refusal names the field, nothing unknown is
passed over."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any, TypeVar
from urllib.parse import parse_qsl

T = TypeVar("T")


class ScopeError(ValueError):
    """A scope that cannot be read or must not be used; ``path`` names the field, ``message`` the
    fault, in Chinese."""

    def __init__(self, path: str, message: str) -> None:
        super().__init__(f"{path}:{message}" if path else message)
        self.path, self.message = path, message


def read_object(
    value: Any, path: str, *, required: Collection[str] = (), optional: Collection[str] = ()
) -> dict[str, Any]:
    """A JSON object with all of ``required``, perhaps some of ``optional``, and nothing else."""
    if not isinstance(value, Mapping):
        raise ScopeError(path, f"应为对象，实际是{kind_of(value)}")
    for key in value:
        if key not in required and key not in optional:
            raise ScopeError(under(path, key), "不认识的字段")
    for key in required:
        if key not in value:
            raise ScopeError(under(path, key), "缺少该字段")
    return dict(value)


def read_list(value: Any, path: str, read: Callable[[Any, str], T], *, most: int) -> tuple[T, ...]:
    """A JSON array of at most ``most`` members, each read by ``read``."""
    if not isinstance(value, list | tuple):
        raise ScopeError(path, f"应为列表，实际是{kind_of(value)}")
    if len(value) > most:
        raise ScopeError(path, f"最多 {most} 个，实际 {len(value)} 个")
    return tuple(read(member, f"{path}[{at}]") for at, member in enumerate(value))


def read_text(value: Any, path: str, *, most: int = 1000, empty: bool = False) -> str:
    """A string that a database can hold: no NUL, no half of a surrogate pair."""
    if not isinstance(value, str):
        raise ScopeError(path, f"应为文字，实际是{kind_of(value)}")
    if not value and not empty:
        raise ScopeError(path, "不能为空")
    if len(value) > most:
        raise ScopeError(path, f"最多 {most} 个字符")
    if "\x00" in value or not _is_text(value):
        raise ScopeError(path, "含有无法保存的字符")
    return value


def read_truth(value: Any, path: str) -> bool:
    if not isinstance(value, bool):
        raise ScopeError(path, f"应为 true 或 false，实际是{kind_of(value)}")
    return value


def read_count(value: Any, path: str, *, least: int = 0, most: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise ScopeError(path, f"应为整数，实际是{kind_of(value)}")
    if not least <= value <= most:
        raise ScopeError(path, f"应在 {least} 到 {most} 之间")
    return value


def read_query(query: str, *, most: int | None = None) -> tuple[list[tuple[str, str]], list[str]]:
    """Name and value of each parameter of a query string as WSGI hands it on, bytes beyond ASCII
    one to a character (PEP 3333); and the names of those that are not UTF-8 (RFC 3986, 2.5),
    whose values would otherwise be replaced by others without a word. Raises ValueError: more
    than ``most``."""
    spelled = query.encode("latin-1", "replace").decode("utf-8", "surrogateescape")
    pairs = parse_qsl(
        spelled, keep_blank_values=True, max_num_fields=most, errors="surrogateescape"
    )
    broken = [name for name, value in pairs if not _is_text(name + value)]
    return pairs, [
        name.encode("utf-8", "surrogateescape").decode("utf-8", "replace") for name in broken
    ]


def _is_text(value: str) -> bool:
    return not any("\ud800" <= c <= "\udfff" for c in value)


def under(path: str, key: Any) -> str:
    """The path of a member: ``masks`` + ``name`` → ``masks.name``."""
    return f"{path}.{key}" if path else str(key)


def kind_of(value: Any) -> str:
    """Name a JSON value in a sentence."""
    return KINDS.get(type(value), type(value).__name__)


#: said of a parameter `read_query` cannot read
NOT_UTF8 = "参数的值不是 UTF-8 编码"
KINDS = {
    dict: "对象",
    list: "列表",
    tuple: "列表",
    str: "文字",
    bool: "真假值",
    int: "数字",
    float: "数字",
    type(None): "空值",
}
