"""Begin a real installation: load the city's registers and open the accounts of its three
administrators.

There is no default account. Each administrator is given as USERNAME=NAME; the one-time passwords
are printed once and must be changed at the first sign-in. Everything else is done by them, on the
pages. Example:
  huitong init --system-admin zhanghua=张华 --security-admin lili=李丽 --audit-admin wangfang=王芳
"""

from __future__ import annotations

import argparse
from pathlib import Path


def arguments(parser: argparse.ArgumentParser) -> None:
    for post, words in (
        ("system", "accounts and registers"),
        ("security", "rights"),
        ("audit", "the ledger"),
    ):
        parser.add_argument(
            f"--{post}-admin", required=True, metavar="USERNAME=NAME", help=f"keeps {words}"
        )
    parser.add_argument(
        "--city",
        type=Path,
        default=None,
        metavar="FOLDER",
        help=(
            "divisions.csv, bodies.csv, duties_matters.csv of another city (the registers shipped"
            " are Nantong's)"
        ),
    )


def run(options: argparse.Namespace) -> int:
    from huitong.cli.django_ready import database, ready

    with database():
        ready()
        from huitong.cli.new_city import create_city
        from huitong.kernel.actor import Post

        admins = {
            Post.SYSTEM_ADMIN: options.system_admin,
            Post.SECURITY_ADMIN: options.security_admin,
            Post.AUDIT_ADMIN: options.audit_admin,
        }
        for account in create_city(options.city, admins):
            print(f"{account.label:<10} {account.username:<20} {account.password}")
        print("Each password works once. Sign in, change it, set up the second factor.")
    return 0
