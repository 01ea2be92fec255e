"""What a procedure is: a table of steps. Plain Python, so that a lawyer's table is tested in
milliseconds.

Everything that can be asked of a procedure is read from its table: the check, the buttons, the
API's actions, the command's help, the clocks, the ledger's article, the docs, the test matrix.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from huitong.kernel.actor import SYSTEM, Labelled, Seat

ARTICLE = re.compile(r"^A([1-9]|[12]\d|3[0-6])$")


# -- what can be said when something is refused ----------------------------------------------------


class Problem(Exception):
    """A refusal a person can act on. ``status`` is the HTTP status every door uses for it (RFC
    9457 body)."""

    status = 500
    code = "problem"

    def __init__(self, detail: str, *, article: str = "", who: str = "", remedy: str = "") -> None:
        super().__init__(detail)
        self.detail, self.article, self.who, self.remedy = detail, article, who, remedy

    def as_body(self) -> dict[str, Any]:
        """The one error body of every door: what happened, under which article, who acts, what
        next."""
        body: dict[str, Any] = {"status": self.status, "code": self.code, "detail": self.detail}
        return body | {k: v for k in ("article", "who", "remedy") if (v := getattr(self, k))}


class NotVisible(Problem):
    """Not there, or not for this actor to know of: the two look alike on purpose."""

    status, code = 404, "not_visible"

    def __init__(self, what: str = "该内容") -> None:
        super().__init__(
            f"{what}不存在，或您无权查看。",
            remedy="请核对编号；如确需查看，请联系安全管理员核对您的岗位。",
        )


class NotYours(Problem):
    """Visible, but this act belongs to somebody else."""

    status, code = 403, "not_yours"


class AgainstRules(Problem):
    """The rules do not allow this act in this state; ``article`` says which rule."""

    status, code = 409, "against_rules"


class Malformed(Problem):
    """What was given is incomplete or wrong: ``fields`` maps each field to what is wrong with
    it."""

    status, code = 422, "malformed"

    def __init__(self, fields: Mapping[str, str | list[str]], *, article: str = "") -> None:
        self.fields = {k: [v] if isinstance(v, str) else list(v) for k, v in fields.items()}
        said = "；".join(f"{m}" for messages in self.fields.values() for m in messages)
        super().__init__(
            said or "提交的内容有误。",
            article=article,
            remedy="请按提示修改后重新提交，已填内容不会丢失。",
        )

    def as_body(self) -> dict[str, Any]:
        return super().as_body() | {"fields": self.fields}


# -- the table -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Route:
    """A target chosen by a named fact of the case: ``route("authority", platform=…,
    provider=…)``."""

    fact: str
    targets: Mapping[str, Labelled]

    def resolve(self, facts: Mapping[str, Any]) -> Labelled:
        try:
            return self.targets[str(facts[self.fact])]
        except KeyError:
            raise AgainstRules(f"该事项缺少“{self.fact}”，无法确定下一环节。") from None


def route(fact: str, **targets: Labelled) -> Route:
    return Route(fact, targets)


@dataclass(frozen=True)
class LimitRef:
    """Names a dated row of `workdays.Limit`: the number itself is data, found by law, article
    and day."""

    article: str
    name: str = ""


def limit(article: str, name: str = "") -> LimitRef:
    return LimitRef(article, name)


@dataclass(frozen=True)
class Step:
    """One row: this seat may, under this article, move a case from these states to that one.

    ``demands`` are facts that must be given with the step or already stand in the case (reasons,
    scan …). ``optional`` steps are open to a seat but are nobody's duty: they never make a to-do.
    ``only``: the row counts in cases whose fact of this name has this value, and in no others.
    """

    verb: str
    article: str
    who: Seat
    origin: frozenset[Labelled]
    target: Labelled | Route
    label: str
    demands: frozenset[str] = frozenset()
    opening: bool = False
    optional: bool = False
    danger: bool = False
    only: tuple[str, str] | None = None

    def fits(self, facts: Mapping[str, Any]) -> bool:
        """Whether the row counts in a case with these facts."""
        return self.only is None or str(facts.get(self.only[0], "")) == self.only[1]

    @property
    def targets(self) -> frozenset[Labelled]:
        return (
            frozenset(self.target.targets.values())
            if isinstance(self.target, Route)
            else frozenset({self.target})
        )


def step(
    verb: str,
    article: str,
    who: Seat,
    origin: Collection[Labelled],
    target: Labelled | Route,
    *,
    label: str = "",
    optional: bool = False,
    danger: bool = False,
    only: tuple[str, str] | None = None,
    **demands: bool,
) -> Step:
    """A row of the table. ``reasons=True``, ``scan=True`` … name what the step demands."""
    wanted = frozenset(name for name, on in demands.items() if on)
    return Step(
        verb,
        article,
        who,
        frozenset(origin),
        target,
        label or verb,
        wanted,
        optional=optional,
        danger=danger,
        only=only,
    )


def opens(
    verb: str,
    article: str,
    who: Seat,
    target: Labelled | Route,
    *,
    label: str = "",
    **demands: bool,
) -> Step:
    """The row that brings a case into being."""
    wanted = frozenset(name for name, on in demands.items() if on)
    return Step(verb, article, who, frozenset(), target, label or verb, wanted, opening=True)


#: what a demand is called when it is missing
DEMAND_LABELS = {
    "reasons": "请写明理由",
    "ground": "请选择理由类别",
    "scan": "请上传加盖公章的扫描件",
}


@dataclass(frozen=True)
class Procedure:
    """The procedure of one kind of case under one law, in force from a day.

    ``clocks`` maps a state to the limit that runs while a case is in it. ``holds`` maps a state in
    which papers are back for correction to the state whose clock goes on meanwhile; with ``pauses``
    that clock stands still.
    """

    kind: str
    label: str
    law: str
    in_force: date
    steps: tuple[Step, ...]
    clocks: Mapping[Labelled, LimitRef] = field(default_factory=dict)
    holds: Mapping[Labelled, Labelled] = field(default_factory=dict)
    pauses: bool = False
    prefix: str = "C"

    def __post_init__(self) -> None:
        for row in self.steps:
            if not ARTICLE.match(row.article):
                raise ValueError(
                    f"{self.kind}.{row.verb} cites {row.article!r}: every step names its article,"
                    " A1-A36"
                )
        for state in self.states:
            if (
                len(
                    seats := {
                        row.who for row in self.steps if state in row.origin and not row.optional
                    }
                )
                > 1
            ):
                raise ValueError(
                    f"{self.kind}: in {state} {sorted(seats)} are all accountable; A17 wants one: "
                    "mark the side steps optional=True or split the state"
                )
        if unknown := set(self.clocks) - self.states:
            raise ValueError(f"{self.kind}: clocks on states no step leads to: {unknown}")

    @property
    def states(self) -> frozenset[Labelled]:
        return frozenset(s for row in self.steps for s in row.origin | row.targets)

    @property
    def final(self) -> frozenset[Labelled]:
        """States in which nobody owes anything any more."""
        return frozenset(s for s in self.states if self.awaits(s) is None)

    @property
    def verbs(self) -> list[str]:
        return list(dict.fromkeys(row.verb for row in self.steps))

    def rows(self, verb: str) -> list[Step]:
        if not (rows := [row for row in self.steps if row.verb == verb]):
            raise LookupError(
                f"{self.kind} has no verb {verb!r}; the table has {', '.join(self.verbs)}"
            )
        return rows

    def state(self, value: str) -> Labelled:
        """The labelled state behind a stored value."""
        return next(s for s in self.states if s.value == value)

    def awaits(self, state: str) -> Seat | None:
        """The one seat whose duty it is to move a case that is in this state (A17)."""
        return next(
            (row.who for row in self.steps if state in row.origin and not row.optional), None
        )

    @property
    def begun_by(self) -> frozenset[str]:
        """The parties that may open such a case."""
        return frozenset(row.who.party for row in self.steps if row.opening)

    def concerns_others(self, state: str, parties: Collection[str]) -> bool:
        """Whether a party beside these has something to do, or may do something, with a case in
        this state."""
        return any(
            state in row.origin and row.who.party not in {*parties, SYSTEM.name}
            for row in self.steps
        )

    def open_to(self, state: str, seats: Iterable[Seat], facts: Mapping[str, Any]) -> list[Step]:
        """The steps these seats may take now in a case with these facts. Buttons, API actions
        and command help all read this."""
        mine = frozenset(seats)
        return [
            row for row in self.steps if state in row.origin and row.who in mine and row.fits(facts)
        ]

    def check(
        self, verb: str, state: str | None, seats: Collection[Seat], given: Mapping[str, Any]
    ) -> Step:
        """The row that allows this, or the reason why none does.

        ``state`` is None for an opening. ``given`` holds the facts of the case and what came with
        the step. Raises `NotYours` (403), `AgainstRules` (409) or `Malformed` (422), in this order.
        """
        if not (rows := [row for row in self.rows(verb) if row.fits(given)]):
            raise AgainstRules(
                f"该事项不适用“{self.rows(verb)[0].label}”。", article=self.rows(verb)[0].article
            )
        here = [row for row in rows if (row.opening if state is None else state in row.origin)]
        mine = [row for row in rows if row.who in seats]
        article = (here or rows)[0].article
        if not mine:
            who = "、".join(dict.fromkeys(row.who.label for row in here or rows))
            raise NotYours(f"“{rows[0].label}”由{who}办理。", article=article, who=who)
        allowed = [row for row in here if row in mine]
        if not allowed and here:
            who = "、".join(dict.fromkeys(row.who.label for row in here))
            raise NotYours(f"当前环节的“{rows[0].label}”由{who}办理。", article=article, who=who)
        if not allowed:
            now = self.state(state).label if state else "未开始"
            can = (
                "、".join(dict.fromkeys(r.label for r in self.steps if state in r.origin))
                or "无（已办结）"
            )
            raise AgainstRules(
                f"当前状态为“{now}”，不能“{rows[0].label}”。",
                article=article,
                remedy=f"当前可办理：{can}。",
            )
        row = allowed[0]
        if missing := {
            d: DEMAND_LABELS.get(d, f"请提供{d}")
            for d in sorted(row.demands)
            if not _present(given.get(d))
        }:
            raise Malformed(missing, article=row.article)
        return row


def _present(value: Any) -> bool:
    return bool(value.strip()) if isinstance(value, str) else bool(value)


def in_force(tables: Iterable[Procedure], on: date, chosen_law: str = "") -> Procedure:
    """The table under which a case opened on this day runs: the city's choice, else the youngest
    in force (A36)."""
    known = sorted((t for t in tables if t.in_force <= on), key=lambda t: t.in_force)
    if chosen := [t for t in known if t.law == chosen_law]:
        return chosen[-1]
    if not known:
        raise AgainstRules("办理当日尚无生效的规则。", article="A36")
    return known[-1]
