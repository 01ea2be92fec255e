"""The player of a story that survives kill -9 of anything, itself included.

Every act carries a request key of its own, so that a story told again from the start does nothing
twice and ends the same, on another day and at other addresses too. Whatever fails because a part is
just being restarted is tried again for a while; whatever the platform refuses is final.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import httpx
import psycopg
from django.db import DatabaseError, InterfaceError, close_old_connections, connection

from huitong.cli.postgres import MAJOR
from huitong.cli.processes import running_from, write_private
from huitong.kernel import doing
from huitong.kernel.actor import Actor
from huitong.kernel.case import Case
from huitong.kernel.laws import article_words
from huitong.kernel.ledger import Entry
from huitong.kernel.procedure import Problem
from huitong.organizations import queries as organizations

T = TypeVar("T")
#: seconds a step may wait for parts that are being restarted
PATIENCE = 90.0
TROUBLE = (DatabaseError, InterfaceError, psycopg.Error, httpx.TransportError, ConnectionError)
#: what is given to a verb, or how to find it out when its turn comes
Values = Mapping[str, Any] | Callable[[], Mapping[str, Any]]


class Broken(AssertionError):
    """A step of the story did not hold."""


@dataclass
class Story:
    """The running story: who acts, what was done, what came back."""

    data: Path
    started: float = field(default_factory=time.monotonic)
    steps: int = 0

    def chapter(self, text: str) -> None:
        self.say(f"\n== {text}")

    def say(self, text: str) -> None:
        print(text, flush=True)

    def report(self, article: str, who: str, text: str, outcome: str = "") -> None:
        """Print one line: article, post, act; and what came back."""
        self.steps += 1
        self.say(f"  {self.steps:>2}. [{article_words(article)}] {who}：{text}")
        if outcome:
            self.say(f"      → {outcome}")

    def actor(self, username: str) -> Actor:
        """The person of the cast with that user name, acting from here."""

        def look_up() -> Actor:
            if (person := organizations.person_named(username)) is None:
                raise Broken(f"演示账号 {username} 不存在")
            return organizations.actor_for(person, via="cli:demo")

        return self.retry(look_up)

    def do(
        self,
        username: str,
        verb: str,
        values: Values | None = None,
        *,
        case: int | None = None,
        key: str = "",
    ) -> doing.Done:
        """Do a verb as this person, once however often the story is played.

        What was given the first time counts: days, ports and papers may differ by now. ``values``
        that take work come as a function, which is called only when the verb is still to be
        done, and anew at every try.
        """
        actor, name = self.actor(username), f"story:{key or verb}:{case or ''}"

        def once() -> doing.Done:
            if (
                entry := Entry.objects.filter(person=actor.person, request_key=name).first()
            ) is not None:
                return doing.Done(
                    entry,
                    Case.objects.visible_to(actor).filter(pk=entry.case).first(),
                    None,
                    replayed=True,
                )
            return doing.perform(
                actor,
                verb,
                values() if callable(values) else values or {},
                case=case,
                request_key=name,
            )

        return self.retry(once)

    def act(
        self,
        article: str,
        username: str,
        text: str,
        verb: str,
        values: Values | None = None,
        *,
        case: int | None = None,
        key: str = "",
        outcome: str = "",
    ) -> doing.Done:
        """`do` and report: the state the case came to, and the clock that was set."""
        done = self.do(username, verb, values, case=case, key=key)
        after = ""
        if (case_done := done.case) is not None:
            now = self.retry(lambda: type(case_done).objects.get(pk=case_done.pk))
            state = doing.procedure_of(now).state(now.state).label
            after = f"事项 {now.number}：{state}" + (
                f"，时限到 {now.due_on:%Y-%m-%d}{'（暂算）' if now.provisional else ''}"
                if now.due_on
                else ""
            )
        self.report(article, self.who(username), text, outcome or after)
        return done

    def expect_refusal(
        self,
        article: str,
        username: str,
        text: str,
        verb: str,
        values: Mapping[str, Any],
        *,
        case: int | None = None,
        status: int = 409,
    ) -> Problem:
        """Try an act the platform must refuse, under that article."""
        actor = self.actor(username)
        try:
            self.retry(lambda: doing.perform(actor, verb, values, case=case))
        except Problem as no:
            if no.status != status:
                raise Broken(f"{text}：应拒绝为 {status}，实为 {no.status} {no.detail}") from no
            self.report(
                article,
                self.who(username),
                text,
                f"已拒绝（{article_words(no.article or article)}）：{no.detail}",
            )
            return no
        raise Broken(f"{text}：本应被拒绝")

    def who(self, username: str) -> str:
        actor = self.actor(username)
        return f"{actor.body_name}{'、'.join(sorted(p.label for p in actor.posts))} {actor.name}"

    def once(self, key: str, prove: Callable[[], None]) -> None:
        """Give a proof that cannot be given twice, because the story changes later what it shows; a
        second time it is remembered."""
        journal = self.data / "run" / "story-proven"
        proven = journal.read_text().split() if journal.exists() else []
        if key in proven:
            self.say(f"  ··  “{key}”此前已证实，不再重复")
            return
        prove()
        write_private(journal, "\n".join([*proven, key]))

    def check(self, condition: Any, text: str) -> None:
        if not condition:
            raise Broken(text)

    def until(
        self, text: str, look: Callable[[], T | None], seconds: float = PATIENCE, every: float = 0.1
    ) -> T:
        """Wait for ``look`` to return something. Raises `Broken` when it does not."""
        end = time.monotonic() + seconds
        while True:
            try:
                if (result := look()) is not None:
                    return result
            except TROUBLE:
                self._reconnect()
            if time.monotonic() > end:
                raise Broken(f"等了 {seconds:.0f} 秒仍未发生：{text}")
            time.sleep(every)

    def retry(self, act: Callable[[], T]) -> T:
        """Do the act, and try again while parts are being restarted."""
        end = time.monotonic() + PATIENCE
        while True:
            server = self._departments()
            try:
                close_old_connections()
                return act()
            except TROUBLE as trouble:
                if time.monotonic() > end or not _passing(trouble):
                    raise
            except Problem:  # refused because the department's database went down meanwhile?
                if time.monotonic() > end or (server is not None and server == self._departments()):
                    raise
                # the platform counts connections that are refused, and bars who tries too often
                while self._departments() is None and time.monotonic() < end:
                    time.sleep(0.2)
            self._reconnect()
            time.sleep(0.2)

    def ask(self, ask: Callable[[], httpx.Response]) -> httpx.Response:
        """Ask a part; again while it, or what it stands on, is being restarted (5xx)."""

        def ask_once() -> httpx.Response:
            response = ask()
            if response.status_code >= 500:
                raise ConnectionError(
                    f"{response.request.url}: {response.status_code} {response.text[:200]}"
                )
            return response

        return self.retry(ask_once)

    def _departments(self) -> tuple[int, int] | None:
        """Return process and start of the server of the departments' databases; None while it is
        not ready."""
        data = self.data / "departments" / "postgresql" / MAJOR
        try:
            lines, since = (
                (data / "postmaster.pid").read_text().split("\n"),
                (data / "postmaster.pid").stat().st_mtime_ns,
            )
            pid, state = int(lines[0]), lines[7].strip()
        except (OSError, ValueError, IndexError):
            return None
        return (
            (pid, since) if state == "ready" and running_from(pid, "postgres", str(data)) else None
        )

    @staticmethod
    def _reconnect() -> None:
        connection.close()

    def end(self) -> None:
        self.say(f"\n全部 {self.steps} 步均成立，用时 {time.monotonic() - self.started:.1f} 秒。")
        sys.stdout.flush()


def _passing(trouble: BaseException) -> bool:
    """Whether the trouble passes: lost connections do; a fault in our own SQL or data does not."""
    from django.db import DataError, IntegrityError, NotSupportedError, ProgrammingError

    lasting = (
        DataError,
        IntegrityError,
        NotSupportedError,
        ProgrammingError,
        psycopg.DataError,
        psycopg.IntegrityError,
        psycopg.ProgrammingError,
        psycopg.NotSupportedError,
    )
    return not isinstance(trouble, lasting)
