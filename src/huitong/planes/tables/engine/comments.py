"""The comment of a delivered table, and how it is known to be ours.

It ends with a sign that fits only its own words: whoever changes a word of it, or writes words of
their own, however they begin, keeps them; ours is renewed, whatever the entry was called then.
"""

from __future__ import annotations

import hashlib
import re

SIGNED = re.compile(r"(.+)〔汇通 ([0-9a-f]{12})〕", re.DOTALL)


def signed(words: str) -> str:
    """What a table is to say, with the sign of it."""
    return f"{words}〔汇通 {_sign(words)}〕"


def is_ours(comment: str) -> bool:
    """Whether a comment stands as it was written by us."""
    whole = SIGNED.fullmatch(comment)
    return whole is not None and whole[2] == _sign(whole[1])


def _sign(words: str) -> str:
    return hashlib.sha256(words.encode()).hexdigest()[:12]
