"""What goes along with data handed out under a grant: for what, how much of it, until when (A30).

As headers of the answer, in ASCII: other characters are percent-encoded, as in what a caller says.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from urllib.parse import quote

from huitong.access.rules.facts import LiveGrant
from huitong.scope import explain

#: bytes of purpose and scope in their headers; a longer one is read on the grant. All headers of an
#: answer together stay well below the 4 KB a server in front commonly takes
MOST_PURPOSE, MOST_SCOPE = 1000, 1600


def headers_of(grant: LiveGrant, address: str) -> dict[str, str]:
    """The headers that go with every answer under a grant; ``address``: where it can be read whole,
    with what was undertaken for it."""
    fields = {
        "X-Grant-Number": grant.number or str(grant.grant),
        "X-Grant-Purpose": _short(grant.purpose, "目的", MOST_PURPOSE),
        "X-Grant-Matter": _ascii(grant.matter_code),
        "X-Grant-Scope": _short("".join(_scope_words(grant)), "范围", MOST_SCOPE),
        "X-Grant-Until": grant.valid_to.isoformat(timespec="seconds"),
        "Link": f'<{address}>; rel="terms-of-service"',
    }
    return {name: value for name, value in fields.items() if value}


def notice_of(grant: LiveGrant) -> str:
    """The same in one line, for where there are no headers: the comment of a table."""
    return (
        f"{grant.entry_name}。按授权 {grant.number} 共享，仅限用于：{grant.purpose}；"
        f"有效期至 {_last_day(grant.valid_to)}；不得转给第三方或用于其他目的。"
    )


def _scope_words(grant: LiveGrant) -> Sequence[str]:
    return ["提供整个文件。"] if grant.file is not None else explain(grant.parsed)


def _short(text: str, what: str, most: int) -> str:
    whole = _ascii(text)
    return whole if len(whole) <= most else _ascii(f"{what}较长，请在授权页面查看。")


def _ascii(text: str) -> str:
    """Letters, digits and common signs as they are, everything else percent-encoded in UTF-8."""
    return quote(" ".join(text.split()), safe=" ,;:/()-_.", errors="replace")


def _last_day(ends: datetime) -> str:
    return f"{ends - timedelta(seconds=1):%Y-%m-%d}"
