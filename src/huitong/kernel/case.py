"""One row per running matter, of whatever kind (A17, A19): so lists, clocks and rates are one query
for all kinds.

Each context hangs its own facts on the case; only `doing` moves it. Its clocks are
`kernel.clocks`.
"""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models

from huitong.kernel.actor import Actor, Bodies, Post, Seat, bodies_of
from huitong.kernel.ledger import Entry, GuardedQuerySet, InsertOnly, Record


def visible(actor: Actor, case: str = "") -> models.Q:
    """What lets an actor see a case: its parties see it; the bureau, which receives and tracks all
    of them, sees every case (A19).

    Both only once it has left the body in which it is begun: a draft is that body's own business
    (A12, A20). ``case``: the path to the case from the rows that are asked for, which is then
    joined once, whatever else is asked of it.
    """

    def q(**conditions: Any) -> models.Q:
        return models.Q(**{f"{case}{name}": value for name, value in conditions.items()})

    if actor.is_system:
        return models.Q()
    if actor.body is None or not actor.has(Post.OPERATOR, Post.MANAGER):
        return models.Q(pk__in=[])
    party = q(bodies__contains=[actor.body])
    begun = q(inside=None) | q(inside=actor.body)
    return begun & (party | q(overseen=True)) if actor.bureau else begun & party


class CaseQuerySet(GuardedQuerySet["Case"]):
    def visible_to(self, actor: Actor) -> CaseQuerySet:
        """The cases an actor may see, as `visible` says."""
        return self.filter(visible(actor))

    def waiting_for(self, actor: Actor) -> CaseQuerySet:
        """Cases whose next move is the duty of a desk this actor sits at."""
        return self.filter(awaiting__overlap=actor.desks) if actor.desks else self.none()


class Case(Record):
    """A running matter. ``parties`` maps party → body, or bodies where the party is many; ``facts``
    are named facts that route and satisfy demands; ``hands`` maps person → the seat that person
    took, by themselves or through a deputy, for nobody decides on their own work (A12)."""

    kind = models.CharField(max_length=60)
    law = models.CharField(max_length=40)
    #: null until the first step gives one
    number = models.CharField(max_length=40, unique=True, null=True)  # noqa: DJ001
    title = models.CharField(max_length=300, blank=True)
    state = models.CharField(max_length=40, blank=True)
    #: the case this one is a part of: a campaign, a push to all grantees
    parent = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="children")
    parties = models.JSONField(default=dict)
    bodies = ArrayField(models.BigIntegerField(), default=list)
    #: the body in which the case was begun, until it enters a state that is not private
    inside = models.BigIntegerField(null=True)
    #: whether the bureau reads it though it is no party (A19); not where it is itself concerned
    overseen = models.BooleanField(default=True)
    facts = models.JSONField(default=dict)
    hands = models.JSONField(default=dict)
    #: desks "body:post" whose duty the next move is; empty when nobody owes it
    awaiting = ArrayField(models.CharField(max_length=60), default=list)
    #: how often the case has entered a joint step: opinions count for their round
    round = models.PositiveSmallIntegerField(default=0)
    #: the person who took the case from the desk, if any
    holder = models.BigIntegerField(null=True)
    opened_by = models.BigIntegerField(null=True)
    opened_at = models.DateTimeField(auto_now_add=True)
    entered_at = models.DateTimeField(auto_now_add=True)
    closed_at = models.DateTimeField(null=True)
    #: the nearest end of its running clocks
    due_on = models.DateField(null=True)
    provisional = models.BooleanField(default=False)
    paused = models.BooleanField(default=False)

    objects = CaseQuerySet.as_manager()

    class Meta:
        indexes = [
            GinIndex(fields=["awaiting"]),
            GinIndex(fields=["bodies"]),
            GinIndex(
                fields=["bodies"], condition=models.Q(closed_at=None), name="case_open_bodies"
            ),
            models.Index(fields=["kind", "state"]),
            # who sees the cases of a kind, the latest first, without a look at the cases: lists of
            # what is one to a case are ordered by it, joined to it and counted along it. Of kinds
            # with few bodies to a case: a row of an index holds no more than 2,704 bytes
            models.Index(
                fields=["kind", "id"],
                include=["state", "inside", "overseen", "bodies", "entered_at"],
                condition=models.Q(kind__in=["application", "grant"]),
                name="case_seen",
            ),
            # what moved lately, of one kind
            models.Index(fields=["kind", "entered_at"], name="case_entered"),
            # the two parts of a list by the end of the limit: cases that have one, and those that
            # have none, the last to move first
            models.Index(
                fields=["due_on"], condition=models.Q(due_on__isnull=False), name="case_due"
            ),
            models.Index(
                fields=["-entered_at", "-id"],
                condition=models.Q(due_on__isnull=True),
                name="case_undue_entered",
            ),
            models.Index(fields=["opened_by", "-opened_at"]),
            # what somebody has begun and others have to go on with, the longest first
            models.Index(
                fields=["opened_by", "entered_at"],
                condition=models.Q(closed_at=None) & ~models.Q(awaiting=[]),
                name="case_begun_waiting",
            ),
        ]

    def between(self, **parties: Bodies | None) -> None:
        """Set the parties of the case: ``case.between(consumer=3, grantees=[7, 9])``; `doing`
        adds the offices of the installation."""
        self.parties |= {
            name: sorted(set(held)) if isinstance(held, list) else held
            for name, held in parties.items()
            if held is not None
        }
        self.bodies = sorted({body for held in self.parties.values() for body in bodies_of(held)})

    def body_of(self, party: str) -> int | None:
        """The one body that is this party."""
        return next(iter(bodies_of(self.parties.get(party))), None)

    def desks_of(self, seat: Seat | None) -> list[str]:
        """The desks that sit in that seat here: one of each body that is the party."""
        bodies = bodies_of(self.parties.get(seat.party)) if seat else []
        return [f"{body}:{seat.post}" for body in bodies] if seat else []

    @property
    def readers(self) -> frozenset[int]:
        """The parties' bodies that may read the case now; the bureau reads it too once it has
        left the body it was begun in."""
        return frozenset(self.bodies if self.inside is None else {self.inside})

    @property
    def is_open(self) -> bool:
        return self.closed_at is None

    def snapshot(self) -> dict[str, Any]:
        """What a step may change, for the ledger's before and after."""
        return {
            "state": self.state,
            "parties": dict(self.parties),
            "facts": dict(self.facts),
            "due_on": self.due_on,
        }


class Opinion(InsertOnly):
    """What one body said in a joint step: its content stands in the ledger entry of the step."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="opinions")
    round = models.PositiveSmallIntegerField()
    party = models.CharField(max_length=20)
    post = models.CharField(max_length=30)
    body = models.BigIntegerField()
    person = models.BigIntegerField(null=True)
    entry = models.ForeignKey(Entry, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["case", "round", "party", "post", "body"], name="opinion_once_a_round"
            )
        ]


class ActOfCase(InsertOnly):
    """An act beside the steps that belongs to a case: a print of its form, a look at data (A34).

    It counts for hands, evidence and timeline as a step does.
    """

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="acts")
    entry = models.ForeignKey(Entry, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["case", "entry"], name="act_of_case_once")
        ]


def entries_of(*cases: int) -> models.QuerySet[Entry]:
    """The ledger entries of these cases, steps and acts beside them, in their order.

    A union, not an *or* of the two: each part is found by its index, however long the ledger.
    """
    steps = Entry.objects.filter(case__in=cases).values("pk")
    beside = ActOfCase.objects.filter(case__in=cases).values("entry")
    return Entry.objects.filter(pk__in=steps.union(beside)).order_by("seq")
