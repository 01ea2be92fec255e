"""Do any verb of the platform, as pages and API do: `huitong do application.refuse --case 12
--ground outside_duty --cites 使用目的 --reasons "…"`.

Without a verb: the list of all. Who acts comes from HUITONG_TOKEN (a personal access token), or,
for an operator of this machine, from --as USERNAME; the ledger keeps the door and the operating
system's user. Options of a verb: `huitong do VERB --help`. Values that are lists or objects are
given as JSON, or as @FILE.
"""

from __future__ import annotations

import argparse
import getpass
import json
import os
import sys
from pathlib import Path
from typing import Any


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("verb", nargs="?", help="kind.verb, e.g. application.refuse")
    parser.add_argument("rest", nargs=argparse.REMAINDER, help="the verb's own options")


def run(options: argparse.Namespace) -> int:
    from huitong.cli.django_ready import database, ready

    with database():
        ready()
        return perform(options.verb, options.rest)


def perform(name: str | None, rest: list[str]) -> int:
    from huitong.kernel import doing
    from huitong.kernel.procedure import NotVisible, Problem

    doing.load()
    if not name:
        for verb in sorted(filter(lambda v: v.offered, doing.VERBS.values()), key=lambda v: v.name):
            print(f"  {verb.name:<36} {verb.article:<4} {verb.label}")
        return 0
    try:
        if name not in doing.VERBS or not (verb := doing.VERBS[name]).offered:
            raise NotVisible(f"操作“{name}”")
        words = parser_of(verb).parse_args(rest)
        values = {
            f: read(getattr(words, f))
            for f in verb.given.model_fields
            if getattr(words, f) is not None
        }
        done = doing.perform(
            actor(words._as, words._as_body),
            name,
            values,
            case=getattr(words, "_case", None),
            request_key=words._key or "",
        )
    except Problem as problem:
        print(json.dumps(problem.as_body(), ensure_ascii=False, indent=1), file=sys.stderr)
        return 1
    print(json.dumps(outcome(done), ensure_ascii=False, indent=1, default=str))
    return 0


def parser_of(verb: Any) -> argparse.ArgumentParser:
    """The options of a verb, made from what must be given."""
    who = "、".join(dict.fromkeys(seat.label for seat in verb.seats))
    parser = argparse.ArgumentParser(
        prog=f"huitong do {verb.name}",
        allow_abbrev=False,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        description=f"{verb.label}（{verb.article}；由{who}办理）\n\n{verb.doc}",
    )
    # a verb's own parameters keep their names, so what is ours is stored under names no parameter
    # has
    parser.add_argument(
        "--as",
        dest="_as",
        metavar="USERNAME",
        help="act as this person (operators of this machine)",
    )
    parser.add_argument(
        "--as-body",
        dest="_as_body",
        metavar="BODY",
        type=int,
        help="in this body, when the person has posts in several",
    )
    parser.add_argument(
        "--request-key",
        dest="_key",
        metavar="KEY",
        help="idempotency key: the same key again does nothing twice",
    )
    if verb.is_step:
        parser.add_argument(
            "--case",
            dest="_case",
            metavar="ID",
            type=int,
            required=not verb.opening,
            help="the case's id",
        )
    for name, field in verb.given.model_fields.items():
        words = " ".join(filter(None, (field.title, field.description))).replace("%", "%%")
        parser.add_argument(
            f"--{name.replace('_', '-')}",
            dest=name,
            help=words or None,
            required=field.is_required(),
        )
    return parser


def read(text: str) -> Any:
    """A value of the command line: @FILE is read; what looks like a JSON list or object is one;
    else the text itself."""
    if text.startswith("@"):
        text = Path(text[1:]).read_text(encoding="utf-8")
    if text[:1] in "[{":
        try:
            return json.loads(text)
        except ValueError:
            return text
    return text


def actor(username: str | None, body: int | None = None) -> Any:
    """Return who acts. Raises `NotVisible` when there is no such person or token, `CannotRun` when
    nobody is named."""
    from huitong.cli.processes import CannotRun
    from huitong.kernel.procedure import NotVisible
    from huitong.organizations import queries as organizations

    if username is None and (token := os.environ.get("HUITONG_TOKEN")):
        holder = organizations.actor_by_token(token)
        if holder is None:
            raise NotVisible("该访问令牌")
        return holder.through(via="cli")
    if username is None:
        raise CannotRun(
            "who acts? Say --as USERNAME, or put a personal access token (我的 → 访问令牌) into"
            " HUITONG_TOKEN"
        )
    person = organizations.person_named(username)
    if person is None:
        raise NotVisible(f"用户“{username}”")
    return organizations.actor_for(person, body, via=f"cli:{getpass.getuser()}")


def outcome(done: Any) -> dict[str, Any]:
    """Describe the result of an act, for a person and for a script."""
    answer: dict[str, Any] = {
        "entry": done.entry.seq,
        "verb": done.entry.verb,
        "object": done.entry.object_type,
        "object_id": done.entry.object_id,
        "replayed": done.replayed,
    }
    if done.case is not None:
        answer["case"] = {
            "id": done.case.pk,
            "number": done.case.number,
            "state": done.case.state,
            "due_on": done.case.due_on,
        }
    if isinstance(done.result, dict | list | str | int):
        answer["result"] = done.result
    return answer
