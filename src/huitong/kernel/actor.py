"""Who acts: a person, in one body, holding posts; possibly as a deputy, possibly the system
itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import NamedTuple, Self

from huitong.kernel import shipped


class Labelled(StrEnum):
    """A closed vocabulary whose members carry the Chinese word a clerk reads: ``DRAFT = "draft",
    "草稿"``."""

    label: str

    def __new__(cls, value: str, label: str = "") -> Self:
        member = str.__new__(cls, value)
        member._value_ = value
        member.label = label or value
        return member

    @classmethod
    def choices(cls) -> list[tuple[str, str]]:
        return [(m.value, m.label) for m in cls]

    @classmethod
    def pattern(cls) -> str:
        """What a parameter looks like that names a member, or none."""
        return f"^({'|'.join(m.value for m in cls)})?$"


class Post(Labelled):
    """What a person is appointed to do in a body. The three administrators (三员) exclude
    everything else."""

    OPERATOR = "operator", "经办人"
    MANAGER = "manager", "负责人"
    PLATFORM_OPERATOR = "platform_operator", "平台运维员"
    SYSTEM_ADMIN = "system_admin", "系统管理员"
    SECURITY_ADMIN = "security_admin", "安全管理员"
    AUDIT_ADMIN = "audit_admin", "审计管理员"


class Seat(NamedTuple):
    """A party of a case together with a post: the one accountable for a step (A17)."""

    party: str
    post: Post

    @property
    def label(self) -> str:
        if self.party not in PARTIES:
            return self.post.label
        return f"{PARTIES[self.party].label}{self.post.label}"


class PartyKind(Labelled):
    """From where it is known which body a party is."""

    #: named in each case
    CASE = "case", "事项当事方"
    #: holds an office of the installation, in every case alike
    STANDING = "standing", "常设机构"
    #: another seat of the bureau: whoever takes it in a case takes none of its others there
    BUREAU = "bureau", "大数据管理局"
    #: whichever body the actor belongs to
    SELF = "self", "本部门"
    PLATFORM = "platform", "平台"


@dataclass(frozen=True)
class Party:
    """A role in a case. Call it with a post to name a seat: ``CONSUMER(Post.MANAGER)``.

    ``many``: several bodies may hold it in one case, each with its own desk.
    """

    name: str
    label: str
    kind: PartyKind = PartyKind.CASE
    many: bool = False

    def __call__(self, post: Post) -> Seat:
        return Seat(self.name, post)


#: the roles there are, rows of ``data/parties.csv``
PARTIES: Mapping[str, Party] = {
    row["name"]: Party(row["name"], row["label"], PartyKind(row["kind"]), row["many"] == "yes")
    for row in shipped.rows("kernel", "parties")
}

PROVIDER, CONSUMER, BUREAU = PARTIES["provider"], PARTIES["consumer"], PARTIES["bureau"]
#: who opens a dispute, and against whom: either may be the provider of what it is about
CLAIMANT, RESPONDENT = PARTIES["claimant"], PARTIES["respondent"]
#: the bureau entering in a provider's place (代录)
ENTERER = PARTIES["enterer"]
#: any body of A2: for acts that concern only the actor's own body
BODY = PARTIES["body"]
#: the platform acting by itself, always on somebody's behalf
SYSTEM = PARTIES["system"]
FINANCE, GOVERNMENT = PARTIES["finance"], PARTIES["government"]
COUNTY, UPPER = PARTIES["county"], PARTIES["upper"]
#: all bodies with a running grant on a resource; all bodies concerned; bodies that only read
GRANTEES, MEMBERS, READERS = PARTIES["grantees"], PARTIES["members"], PARTIES["readers"]

#: the seats the bureau's people may take
OF_BUREAU = frozenset(
    {BUREAU.name} | {name for name, party in PARTIES.items() if party.kind is PartyKind.BUREAU}
)

#: the bodies that are a party of a case: one, or several where the party is many
Bodies = int | list[int]


def bodies_of(held: Bodies | None) -> list[int]:
    """The bodies of one party as a list."""
    return held if isinstance(held, list) else [] if held is None else [held]


class Lent(NamedTuple):
    """A post somebody holds only as the deputy of another person."""

    post: Post
    person: int
    name: str


@dataclass(frozen=True)
class Actor:
    """The one who acts, as facts: no model, no request, so rules and planes can take it.

    ``person`` and ``body`` are primary keys of `organizations`; ``None`` means the system.
    ``deputy_for`` is the person represented in one act, known once `at` has said from which seat;
    ``via`` the door (page, api, cli, job).
    """

    person: int | None
    name: str
    body: int | None = None
    body_name: str = ""
    posts: frozenset[Post] = frozenset()
    #: the body that is this platform's bureau; an actor of that body sits in the BUREAU's seats
    bureau_body: int | None = None
    #: the other offices of the installation that the actor's body holds (`PartyKind.STANDING`)
    offices: frozenset[str] = frozenset()
    #: those of the posts that are not the actor's own
    lent: tuple[Lent, ...] = ()
    deputy_for: int | None = None
    deputy_for_name: str = ""
    via: str = "page"
    ip: str = ""
    request_id: str = ""

    @classmethod
    def system(
        cls, on_behalf_of: str = "", via: str = "job", bureau_body: int | None = None
    ) -> Actor:
        """The platform itself; the ledger keeps on whose behalf."""
        return cls(
            person=None, name="平台", deputy_for_name=on_behalf_of, via=via, bureau_body=bureau_body
        )

    @property
    def platform(self) -> Actor:
        """The platform acting on this one's behalf: whose hand is then in nothing it does."""
        return Actor.system(on_behalf_of=self.name, via=self.via, bureau_body=self.bureau_body)

    @property
    def bureau(self) -> bool:
        return self.body is not None and self.body == self.bureau_body

    @property
    def held_offices(self) -> frozenset[str]:
        """The offices the actor's body holds in this installation."""
        return self.offices | OF_BUREAU if self.bureau else self.offices

    @property
    def is_system(self) -> bool:
        return self.person is None

    def has(self, *posts: Post) -> bool:
        return bool(self.posts.intersection(posts))

    def through(self, **door: str) -> Actor:
        """The same actor through another door: ``actor.through(via="api", ip=…)``."""
        return replace(self, **door)  # type: ignore[arg-type]

    def at(self, *seats: Seat) -> Actor:
        """The same actor as it acts from one of these seats: on whose behalf, if it holds none
        of them in its own right."""
        if not seats or any(seat.post not in {lent.post for lent in self.lent} for seat in seats):
            return self
        whose = next(lent for lent in self.lent if lent.post == seats[0].post)
        return replace(self, deputy_for=whose.person, deputy_for_name=whose.name)

    def parties_in(self, parties: Mapping[str, Bodies]) -> frozenset[str]:
        """The parties this actor belongs to in a matter whose parties are ``{party: bodies}``.

        An office of the installation counts unless the matter names another body in it.
        """
        if self.is_system:
            return frozenset({SYSTEM.name})
        if self.body is None:
            return frozenset()
        own = {name for name, held in parties.items() if self.body in bodies_of(held)}
        own |= {
            office
            for office in self.held_offices
            if self.body in bodies_of(parties.get(office, self.body))
        }
        return frozenset(own | {BODY.name})

    def seats_in(self, parties: Mapping[str, Bodies]) -> frozenset[Seat]:
        """Every seat this actor can take in that matter."""
        if self.is_system:
            return frozenset(Seat(SYSTEM.name, post) for post in Post)
        return frozenset(
            Seat(party, post) for party in self.parties_in(parties) for post in self.posts
        )

    @property
    def desks(self) -> list[str]:
        """Keys ``"body:post"`` of the desks at which work waits for this actor
        (`Case.awaiting`)."""
        return [f"{self.body}:{post}" for post in sorted(self.posts)]

    @property
    def people(self) -> frozenset[int]:
        """Who acts, and, once `at` has told the seat, whom they represent in it."""
        return frozenset(one for one in (self.person, self.deputy_for) if one is not None)

    def as_record(self) -> dict[str, object]:
        """What the ledger keeps of the actor. Only strings, integers, booleans and nulls."""
        return {
            "person": self.person,
            "name": self.name,
            "body": self.body,
            "body_name": self.body_name,
            "posts": sorted(str(p) for p in self.posts),
            "deputy_for": self.deputy_for,
            "deputy_for_name": self.deputy_for_name,
            "via": self.via,
            "ip": self.ip,
            "request_id": self.request_id,
        }
