"""Masks as data: what is left of a value that may only be shown in part (A8; 个人信息去标识化 conventions
differ, so rows).

Partial masks, address and email are written twice, here and as SQL in `huitong.scope.sql`; a
differential test holds the two equal. Keyed tokens are made only here: a key must never stand in an
SQL text, where a provider's server would log it.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from huitong.scope import reading
from huitong.scope.reading import ScopeError


@dataclass(frozen=True)
class Mask:
    """One mask on one item.

    ``partial``: the first ``first`` and last ``last`` characters stay, others become ``*``; shorter
    than ``least``: none stays. ``email``: first character and domain of one address; of anything
    else none. ``address``: down to the district. ``blank``: nothing. ``token``: keyed digest
    (``algorithm`` with the key called ``key``): equal values stay equal, so tables still join.
    """

    kind: str
    first: int = 0
    last: int = 0
    least: int = 0
    algorithm: str = ""
    key: str = ""

    @property
    def label(self) -> str:
        return label_of(self)

    @property
    def keyed(self) -> bool:
        return self.kind == "token"

    @property
    def counts_characters(self) -> bool:
        """Whether it takes text apart: then it must be clear where a character ends."""
        return self.kind not in ("token", "blank")


def partial(first: int, last: int, least: int = 0) -> Mask:
    """Make a mask that keeps the first and last characters. ``least`` is at least one more than
    what is shown: otherwise a short value would be shown whole."""
    return Mask("partial", first, last, max(least, first + last + 1))


# The usual ones by name: a city may add rows, the parser and the pages read this table.
NAMED: dict[str, tuple[str, Mask]] = {
    "name": ("姓名（保留首字）", partial(1, 0)),
    "citizen_number": ("公民身份号码（保留前 6 后 4）", partial(6, 4, 15)),
    "mobile": ("手机号码（保留前 3 后 4）", partial(3, 4, 11)),
    "bank_card": ("银行卡号（保留前 6 后 4）", partial(6, 4, 13)),
    "phone": ("电话号码（保留后 4）", partial(0, 4, 7)),
    "certificate": ("证件号码（保留前 1 后 3）", partial(1, 3, 6)),
    "plate": ("车牌号（保留前 2 后 2）", partial(2, 2, 7)),
    "email": ("电子邮箱（保留首字符和域名）", Mask("email")),
    "address": ("地址（保留到区县）", Mask("address")),
    "blank": ("不提供内容（置空）", Mask("blank")),
}
ALGORITHMS = {"sha256": "SHA-256", "sm3": "SM3"}
ALL_STARS = partial(0, 0)
NOTHING = Mask("blank")


def named(name: str) -> Mask:
    """The mask of that name in `NAMED`."""
    return NAMED[name][1]


def token(key: str, algorithm: str = "sm3") -> Mask:
    """Keyed token: ``key`` is the *name* of the key; its bytes are passed beside the scope when
    it is used."""
    return Mask("token", algorithm=algorithm, key=key)


def label_of(mask: Mask) -> str:
    """The mask in plain Chinese words."""
    for label, named_mask in NAMED.values():
        if named_mask == mask:
            return label
    if mask.kind == "token":
        return f"加密标识（{ALGORITHMS[mask.algorithm]}，相同的值仍可关联）"
    if not mask.first and not mask.last:
        return "全部遮盖"
    parts = [f"前 {mask.first}" if mask.first else "", f"后 {mask.last}" if mask.last else ""]
    return f"保留{' '.join(k for k in parts if k)} 位，其余遮盖"


# -- applying --------------------------------------------------------------------------------------


def apply(mask: Mask, text: str | None, keys: Mapping[str, bytes] | None = None) -> str | None:
    """Return what the mask leaves of ``text``. None stays None. Raises `ScopeError` when the key of
    a token is missing."""
    if text is None or mask.kind == "blank":
        return None
    if mask.kind == "token":
        return tokenize(mask, text, keys or {})
    return {"partial": _partial, "email": _email, "address": _address}[mask.kind](mask, text)


def _partial(mask: Mask, text: str) -> str:
    if len(text) < mask.least:
        return "*" * len(text)
    return (
        text[: mask.first]
        + "*" * (len(text) - mask.first - mask.last)
        + text[len(text) - mask.last :]
    )


# One address and nothing else: of two in one field the second would stand there in full
EMAIL = "[^@]*@[0-9A-Za-z.-]+"
_EMAIL = re.compile(EMAIL)


def _email(mask: Mask, text: str) -> str:
    if not _EMAIL.fullmatch(text):
        return "*" * len(text)
    at = text.find("@")
    return text[:1] + "***" + text[at:] if at > 1 else "***" + text[at:]


# A street word ends the search, so a housing estate (…小区) is not taken for a district (区). No part
# can run over a delimiter, so each has one possible end and leftmost-first (Python) and longest
# (PostgreSQL) matching agree. 治 delimits 自治区/州/县.
_D = "省市区县旗盟治号组弄幢栋室巷0-9A-Za-z０-９ 　\t\r\n"
DISTRICT = (
    f"^(?:[^{_D}]{{2,4}}省|[^{_D}]{{2,7}}治区)?"
    f"(?:长治市|[^{_D}]{{1,10}}(?:市|治州|盟|地区))?"
    f"(?:[^{_D}](?:[^{_D}路街]{{0,4}}[^{_D}路街小社校景])?区"
    f"|[^{_D}][^{_D}路街]{{0,5}}[县旗市]"
    f"|[^{_D}]{{2,14}}治[县旗])?"
)
_DISTRICT = re.compile(DISTRICT)


def _address(mask: Mask, text: str) -> str:
    match = _DISTRICT.match(text)
    district = match.group() if match else ""  # every part is optional: it always matches
    return district if district == text else district + "***"


def tokenize(mask: Mask, text: str, keys: Mapping[str, bytes]) -> str:
    """Return the HMAC of the value, 64 hexadecimal digits."""
    key = keys.get(mask.key)
    if not key:
        raise ScopeError("keys", f"缺少加密标识所用的密钥“{mask.key}”")
    return hmac.new(key, text.encode(), mask.algorithm).hexdigest()


# -- narrowing -------------------------------------------------------------------------------------


def stricter(one: Mask | None, other: Mask | None) -> Mask | None:
    """A mask that shows no more than either. Masks that cannot be compared leave nothing."""
    if one is None or other is None or one == other:
        return one or other
    if one.kind == other.kind == "partial":
        return partial(
            min(one.first, other.first), min(one.last, other.last), max(one.least, other.least)
        )
    return NOTHING


def shows_more(mask: Mask | None, than: Mask | None) -> bool:
    """Whether ``mask`` could show something that ``than`` hides."""
    return stricter(mask, than) != mask


# -- JSON ------------------------------------------------------------------------------------------


def mask_to_json(mask: Mask) -> dict[str, Any]:
    """Return ``{"kind": "name"}`` for the usual ones, else the parameters spelt out. Raises
    `ValueError` for a mask that JSON has no words for: read back, it would be another."""
    for name, (_, named_mask) in NAMED.items():
        if named_mask == mask:
            return {"kind": name}
    if mask.kind == "token":
        return {"kind": "token", "algorithm": mask.algorithm, "key": mask.key}
    if mask.kind != "partial":
        raise ValueError(f"{mask} is neither named nor spelt out")
    return {"kind": "partial", "first": mask.first, "last": mask.last, "least": mask.least}


def mask_from_json(value: Any, path: str) -> Mask:
    """Read a mask. Raises `ScopeError`."""
    members = reading.read_object(
        value, path, required=("kind",), optional=("first", "last", "least", "algorithm", "key")
    )
    kind = reading.read_text(members["kind"], f"{path}.kind")
    if kind in NAMED:
        reading.read_object(value, path, required=("kind",))
        return named(kind)
    if kind == "partial":
        reading.read_object(value, path, required=("kind", "first", "last"), optional=("least",))
        first, last = (
            reading.read_count(members[k], f"{path}.{k}", most=100) for k in ("first", "last")
        )
        return partial(
            first, last, reading.read_count(members.get("least", 0), f"{path}.least", most=1000)
        )
    if kind == "token":
        reading.read_object(value, path, required=("kind", "algorithm", "key"))
        algorithm = reading.read_text(members["algorithm"], f"{path}.algorithm")
        if algorithm not in ALGORITHMS:
            raise ScopeError(
                f"{path}.algorithm", f"不认识的算法“{algorithm}”，可用：{'、'.join(ALGORITHMS)}"
            )
        return token(reading.read_text(members["key"], f"{path}.key", most=100), algorithm)
    raise ScopeError(
        f"{path}.kind", f"不认识的脱敏方式“{kind}”，可用：{'、'.join((*NAMED, 'partial', 'token'))}"
    )
