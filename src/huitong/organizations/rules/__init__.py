"""What bodies, posts, passwords and imported registers may be (A2, A3, A5, A6, A28)."""

from huitong.organizations.rules.bodies import BodyKind, DivisionLevel, SuccessionKind, check_credit_code
from huitong.organizations.rules.limits import SecurityLimit, security_limit
from huitong.organizations.rules.people import (
    ADMINISTRATORS,
    AT_BUREAU_ONLY,
    DEPUTY_DAYS,
    LENDABLE,
    MOBILE,
    PASSWORD_WORDS,
    TOKEN_DAYS,
    TOKEN_PREFIX,
    USERNAME,
    AccountChangeKind,
    check_posts,
    halves,
    masked_mobile,
    one_time_password,
    password_mixes,
)
from huitong.organizations.rules.registers import REGISTERS, Column, Register, Report, RowError, Sheet, parse, read_sheet
from huitong.organizations.rules.successions import Heir, Predecessors, SucceededOn, free_name

__all__ = [
    "ADMINISTRATORS",
    "AT_BUREAU_ONLY",
    "DEPUTY_DAYS",
    "LENDABLE",
    "MOBILE",
    "PASSWORD_WORDS",
    "REGISTERS",
    "TOKEN_DAYS",
    "TOKEN_PREFIX",
    "USERNAME",
    "AccountChangeKind",
    "BodyKind",
    "Column",
    "DivisionLevel",
    "Heir",
    "Predecessors",
    "Register",
    "Report",
    "RowError",
    "SecurityLimit",
    "Sheet",
    "SucceededOn",
    "SuccessionKind",
    "check_credit_code",
    "check_posts",
    "free_name",
    "halves",
    "masked_mobile",
    "one_time_password",
    "parse",
    "password_mixes",
    "read_sheet",
    "security_limit",
]
