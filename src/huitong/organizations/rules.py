"""What bodies, posts and passwords may be (A2, A3, A5, A6; GB/T 22239-2019 8.1.4)."""

from __future__ import annotations

import re
from collections.abc import Collection

from huitong.kernel.actor import Labelled, Post
from huitong.kernel.procedure import AgainstRules, Malformed


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


#: the three separated administrators (三员): each excludes the others and every business post
ADMINISTRATORS = frozenset({Post.SYSTEM_ADMIN, Post.SECURITY_ADMIN, Post.AUDIT_ADMIN})


def check_posts(posts: Collection[Post]) -> None:
    """Raises `AgainstRules` when one person would hold posts that exclude each other."""
    held = set(posts)
    if held & ADMINISTRATORS and len(held) > 1:
        names = "、".join(sorted(p.label for p in held))
        raise AgainstRules(f"岗位互斥:{names}不能由同一人担任。", article="A28", who="安全管理员",
                           remedy="系统、安全、审计三员须由不同人员担任,且不兼任业务岗位。")
    if Post.PLATFORM_OPERATOR in held and held & {Post.OPERATOR, Post.MANAGER}:
        raise AgainstRules("平台运维员不接触业务数据,不能兼任经办人或负责人。", article="A28", who="安全管理员")


#: what a password mixes (GB/T 22239-2019 8.1.4.1): sign-in turns this into Django's validator
PASSWORD_CLASSES = (r"[A-Z]", r"[a-z]", r"\d", r"[^A-Za-z0-9]")
PASSWORD_WORDS = "密码须同时包含大写字母、小写字母、数字和符号。"


def password_mixes(password: str) -> bool:
    """Whether the password has all four classes of characters."""
    return all(re.search(pattern, password) for pattern in PASSWORD_CLASSES)


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
