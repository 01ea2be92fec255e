"""Rules for posts, deputies, accounts and tokens (A28; GB/T 22239-2019 8.1.4)."""

from __future__ import annotations

import re
import secrets
from collections.abc import Collection

from huitong.kernel.actor import Labelled, Post
from huitong.kernel.procedure import AgainstRules

#: the three separated administrators (三员): each excludes the others and every business post
ADMINISTRATORS = frozenset({Post.SYSTEM_ADMIN, Post.SECURITY_ADMIN, Post.AUDIT_ADMIN})


def check_posts(posts: Collection[Post]) -> None:
    """Check that one person may hold these posts together. Raises `AgainstRules`."""
    distinct = set(posts)
    if distinct & ADMINISTRATORS and len(distinct) > 1:
        names = "、".join(sorted(p.label for p in distinct))
        raise AgainstRules(
            f"岗位互斥：{names}不能由同一人担任。",
            article="A28",
            who="安全管理员",
            remedy="系统、安全、审计三员须由不同人员担任，且不兼任业务岗位。",
        )
    if Post.PLATFORM_OPERATOR in distinct and distinct & {Post.OPERATOR, Post.MANAGER}:
        raise AgainstRules(
            "平台运维员不接触业务数据，不能兼任经办人或负责人。", article="A28", who="安全管理员"
        )


#: classes of characters in a password (GB/T 22239-2019 8.1.4.1); sign-in makes Django's validator
#: of them
PASSWORD_CLASSES = (r"[A-Z]", r"[a-z]", r"\d", r"[^A-Za-z0-9]")
PASSWORD_WORDS = "密码须同时包含大写字母、小写字母、数字和符号。"  # noqa: S105 - advice, not a password


def password_mixes(password: str) -> bool:
    """Whether the password has all four classes of characters."""
    return all(re.search(pattern, password) for pattern in PASSWORD_CLASSES)


class AccountChangeKind(Labelled):
    """A change that would let somebody into an account: the system administrator requests it,
    another administrator releases it."""

    OPENED = "opened", "开设账号"
    ENABLED = "enabled", "启用账号"
    PASSWORD = "password", "重置密码"
    EMAIL = "email", "更换电子邮箱"


def halves(password: str) -> tuple[str, str]:
    """The two halves of a one-time password, one for each of two administrators, who cannot sign in
    with a half."""
    middle = len(password) // 2
    return password[:middle], password[middle:]


def one_time_password() -> str:
    """A random password of the four classes without letters that look alike; a half alone cannot be
    guessed."""
    groups = ("ABCDEFGHJKMNPQRSTUVWXYZ", "abcdefghjkmnpqrstuvwxyz", "23456789", "-+=%")
    parts = [secrets.choice(group) for group in groups] + [
        secrets.choice("".join(groups[:3])) for _ in range(12)
    ]
    secrets.SystemRandom().shuffle(parts)
    return "".join(parts)


def masked_mobile(mobile: str) -> str:
    """First three and last four digits (the customary mask): ``138****0001``."""
    return f"{mobile[:3]}****{mobile[-4:]}" if len(mobile) >= 11 else "*" * len(mobile)


#: a deputy acts for so many days at most; ours, the rules are silent
DEPUTY_DAYS = 90
#: a personal token lives so many days at most; ours
TOKEN_DAYS = 365
TOKEN_PREFIX = "ht_"  # noqa: S105 - by which scanners recognise a leaked token
#: posts that may be lent to a deputy; administrators are appointed, never deputized
LENDABLE = frozenset({Post.OPERATOR, Post.MANAGER})
#: posts that exist only at the bureau
AT_BUREAU_ONLY = ADMINISTRATORS | {Post.PLATFORM_OPERATOR}

USERNAME = r"^[a-zA-Z][a-zA-Z0-9_.\-]{2,39}$"
MOBILE = r"^(1[3-9]\d{9})?$"
