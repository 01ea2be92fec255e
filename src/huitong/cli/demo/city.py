"""The people of the demonstration: one operator and one manager in each body of the story, and the
Bureau's administrators.

Their accounts exist only in a demonstration. All share one password, made at random for this
installation.
"""

from __future__ import annotations

import secrets
from pathlib import Path

from django.db import transaction
from pydantic import SecretStr

from huitong.cli.demo.actions import Seat, open_accounts
from huitong.cli.demo.names import person_name
from huitong.cli.new_city import INSTALLER, load_registers
from huitong.cli.processes import CannotRun, write_private
from huitong.kernel.actor import Post
from huitong.organizations.models import Body, Person

#: user name's beginning → body; each gets an operator and a manager
BODIES = {
    "dsj": "南通市大数据管理局",
    "mz": "南通市民政局",
    "rs": "南通市人力资源和社会保障局",
    "zj": "南通市住房和城乡建设局",
    "sc": "南通市市场监督管理局",
    "cz": "南通市财政局",
    "ty": "南通市体育局",
    "rd": "如东县大数据管理局",
}
PAIR = (Post.OPERATOR, Post.MANAGER)
AT_THE_BUREAU = {
    "system": Post.SYSTEM_ADMIN,
    "security": Post.SECURITY_ADMIN,
    "audit": Post.AUDIT_ADMIN,
    "platform": Post.PLATFORM_OPERATOR,
}


def plant(run: Path) -> list[str]:
    """Load registers and people, once. Returns the lines that say who can sign in; a file in
    ``run`` holds them for later starts."""
    accounts = run / "demo-accounts"
    if accounts.exists() and Person.objects.exists():
        return accounts.read_text().splitlines()
    if Person.objects.exists():
        raise CannotRun(
            f"there are accounts here, but {accounts} with their password is gone:"
            f" delete {run.parent} to begin anew"
        )
    password = f"Demo-{secrets.token_hex(4)}"
    with transaction.atomic():
        load_registers()
        bodies = set(
            Body.objects.filter(valid_to=None, name__in=BODIES.values()).values_list(
                "name", flat=True
            )
        )
        seats = [
            (f"{short}_{post}", name, post)
            for short, name in BODIES.items()
            if name in bodies
            for post in PAIR
        ]
        seats += [(username, BODIES["dsj"], post) for username, post in AT_THE_BUREAU.items()]
        people = [
            Seat(username=username, name=person_name(n), body=body, post=post)
            for n, (username, body, post) in enumerate(seats)
        ]
        open_accounts(INSTALLER, password=SecretStr(password), people=people)
        lines = [f"{seat.username:<14} {seat.post.label} · {seat.body}" for seat in people]
        lines.append(f"password of all: {password}")
        # before the commit: accounts whose password nobody knows would be of no use
        write_private(accounts, "\n".join(lines))
    return lines
