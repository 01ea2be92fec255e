"""Check digits for the invented numbers of the demonstration (GB 11643, GB 32100, GB 11714)."""

CITIZEN_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
CITIZEN_CHECKS = "10X98765432"
CREDIT_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
CREDIT_WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)
ORGANIZATION_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)


def citizen_number(body: str) -> str:
    """The 17 digits with their check character."""
    return body + CITIZEN_CHECKS[sum(int(c) * w for c, w in zip(body, CITIZEN_WEIGHTS, strict=True)) % 11]


def credit_code(body: str) -> str:
    """The 17 characters of a unified social credit code with their check character."""
    total = sum(CREDIT_ALPHABET.index(c) * w for c, w in zip(body, CREDIT_WEIGHTS, strict=True))
    return body + CREDIT_ALPHABET[(31 - total % 31) % 31]


def organization_code(body: str) -> str:
    """The 8 characters of an organization code with their check character; characters count as 0-9, A=10 … Z=35."""
    check = 11 - sum(int(c, 36) * w for c, w in zip(body, ORGANIZATION_WEIGHTS, strict=True)) % 11
    return body + {10: "X", 11: "0"}.get(check, str(check))
