"""Which bodies there are, how one follows another, how their credit codes are checked (A2, A6)."""

from __future__ import annotations

from huitong.kernel.actor import Labelled
from huitong.kernel.procedure import Malformed


class BodyKind(Labelled):
    """Which bodies the rules address: A2, counties A6, zones named in the rules' address line."""

    DEPARTMENT = "department", "政府部门"
    INSTITUTION = "institution", "授权行政职能的事业单位"
    SOCIAL_ORGANIZATION = "social_organization", "授权行政职能的社会组织"
    AUTHORIZED = "authorized", "其他依法授权管理公共事务的组织"
    COUNTY = "county", "县(市)区主管机构"
    ZONE = "zone", "开发园区管委会"


class SuccessionKind(Labelled):
    """How one body follows another; its resources, grants and cases pass on."""

    RENAME = "rename", "更名"
    MERGE = "merge", "合并"
    SPLIT = "split", "分立"


_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)


def check_credit_code(code: str) -> str:
    """A unified social credit code with a right check character (GB 32100-2015). Raises `Malformed`."""
    code = code.strip().upper()
    if len(code) != 18 or any(c not in _ALPHABET for c in code):
        raise Malformed({"credit_code": "统一社会信用代码应为 18 位数字或大写字母(不含 I、O、S、V、Z)。"})
    total = sum(_ALPHABET.index(c) * w for c, w in zip(code[:17], _WEIGHTS, strict=True))
    if _ALPHABET[(31 - total % 31) % 31] != code[17]:
        raise Malformed({"credit_code": "统一社会信用代码校验位不对,请核对。"})
    return code
