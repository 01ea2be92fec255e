"""Bodies, people and the posts they hold; duties and matters; task forces (A2, A3, A5, A6)."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Func, Value

from huitong.kernel.actor import COUNTY, Post
from huitong.kernel.ledger import GuardedQuerySet, Record, guard
from huitong.organizations.rules import AccountChangeKind, BodyKind, SuccessionKind


class Division(Record):
    """An administrative division (GB/T 2260 and below), or a zone without such a code
    (``source="local"``)."""

    code = models.CharField(max_length=12, primary_key=True)
    name = models.CharField(max_length=80)
    level = models.CharField(max_length=12)
    parent_code = models.CharField(max_length=12, blank=True, db_index=True)
    #: first and last day in force; empty = not limited on that side as far as we know
    valid_from = models.DateField(null=True, blank=True)
    valid_to = models.DateField(null=True, blank=True)
    source = models.CharField(max_length=20, default="local")
    #: the code that took over
    successor = models.CharField(max_length=12, blank=True)
    note = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering: ClassVar = ["code"]


class Body(Record):
    """A body of A2 or A6, with validity: it is never deleted, others succeed it.

    ``number`` is its number in codes (A7): given once by the database, never to another, kept when
    the body is renamed.
    """

    name = models.CharField(max_length=120)
    short_name = models.CharField(max_length=40)
    kind = models.CharField(max_length=24, choices=BodyKind.choices())
    credit_code = models.CharField(max_length=18)
    division_code = models.CharField(max_length=12)
    parent = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="subordinates"
    )
    is_bureau = models.BooleanField(default=False)
    #: manages sharing in its county or zone (A6)
    managing_organ = models.BooleanField(default=False)
    #: offices of the installation it holds: finance (A32), government … (`kernel.actor.PARTIES`)
    offices = ArrayField(models.CharField(max_length=20), default=list, blank=True)
    valid_from = models.DateField()
    number = models.PositiveIntegerField(
        db_default=Func(
            Value("organizations_body_number"),
            function="nextval",
            output_field=models.PositiveIntegerField(),
        )
    )
    #: the last day; a successor may carry the same name or credit code afterwards
    valid_to = models.DateField(null=True, blank=True)

    class Meta:
        ordering: ClassVar = ["division_code", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["is_bureau"],
                condition=models.Q(is_bureau=True, valid_to=None),
                name="body_one_bureau",
            ),
            models.UniqueConstraint(
                fields=["name"], condition=models.Q(valid_to=None), name="body_name_once"
            ),
            models.UniqueConstraint(
                fields=["credit_code"], condition=models.Q(valid_to=None), name="body_code_once"
            ),
            models.UniqueConstraint(
                fields=["number"], condition=models.Q(valid_to=None), name="body_number_once"
            ),
        ]

    def __str__(self) -> str:
        return self.short_name

    @property
    def held_offices(self) -> frozenset[str]:
        """The offices of the installation it holds, the county's organ by its register (A6)."""
        return frozenset(self.offices) | ({COUNTY.name} if self.managing_organ else frozenset())


class Succession(Record):
    """One body followed by another on a day, under a document."""

    predecessor = models.ForeignKey(Body, on_delete=models.PROTECT, related_name="successions")
    successor = models.ForeignKey(Body, on_delete=models.PROTECT, related_name="inheritances")
    kind = models.CharField(max_length=12, choices=SuccessionKind.choices())
    on = models.DateField()
    document = models.CharField(max_length=200)
    #: this successor takes what was not given to another: resources, grants, cases, people
    heir = models.BooleanField(default=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["predecessor"], condition=models.Q(heir=True), name="succession_one_heir"
            )
        ]


class PersonManager(BaseUserManager["Person"]):
    use_in_migrations = False


class Person(AbstractBaseUser):
    """Someone who signs in. Django itself may note a sign-in or upgrade a password hash; all
    else is an act."""

    username = models.CharField(max_length=60, unique=True)
    name = models.CharField(max_length=60)
    mobile = models.CharField(max_length=20, blank=True)
    email = models.EmailField(blank=True)
    is_active = models.BooleanField(default=True)
    must_change_password = models.BooleanField(default=False)
    #: until when the one-time password lets its person in; empty once it has, and nobody else signs
    #: in with it
    one_time_until = models.DateTimeField(null=True, blank=True)
    #: the one session that counts: a new sign-in makes the older ones worthless
    session_key = models.CharField(max_length=40, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    USERNAME_FIELD = "username"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar = ["name"]

    objects = PersonManager.from_queryset(GuardedQuerySet)()

    #: what the sign-in machinery may write by itself
    SIGN_IN_FIELDS = frozenset({"last_login", "password", "session_key"})

    def save(self, *args: Any, **more: Any) -> None:
        if not set(more.get("update_fields") or ["all"]) <= self.SIGN_IN_FIELDS:
            guard("Person")
        super().save(*args, **more)

    def __str__(self) -> str:
        return self.name

    def delete(self, *args: Any, **more: Any) -> tuple[int, dict[str, int]]:
        guard("Person")
        return super().delete(*args, **more)


class AccountChange(Record):
    """A change that lets somebody into an account: asked for by the system administrator, of no
    effect until another administrator releases it. The password it will set is kept as a hash,
    its second half encrypted until then."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="changes")
    kind = models.CharField(max_length=12, choices=AccountChangeKind.choices())
    asked_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    email = models.EmailField(blank=True)
    password = models.CharField(max_length=128, blank=True)
    second_half = models.CharField(max_length=200, blank=True)
    settled_at = models.DateTimeField(null=True, blank=True)
    settled_by = models.ForeignKey(
        Person, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    released = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["person", "kind"],
                condition=models.Q(settled_at=None),
                name="account_change_once",
            )
        ]

    @property
    def secret_purpose(self) -> str:
        return f"account change of {self.person_id}"


class Posting(Record):
    """A person holds a post in a body for a time; ``deputy_of`` makes it a deputy's, bounded and
    revocable."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="postings")
    body = models.ForeignKey(Body, on_delete=models.PROTECT, related_name="postings")
    post = models.CharField(max_length=24, choices=Post.choices())
    valid_from = models.DateField()
    valid_to = models.DateField(null=True, blank=True)
    deputy_of = models.ForeignKey(
        Person, null=True, blank=True, on_delete=models.PROTECT, related_name="deputized"
    )

    class Meta:
        indexes = [
            models.Index(fields=["person", "valid_to"]),
            models.Index(fields=["body", "post", "valid_to"]),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(deputy_of=None) | models.Q(valid_to__isnull=False),
                name="posting_deputy_bounded",
            )
        ]


class TaskForce(Record):
    """The task force (工作专班) of a body: leader in charge, responsible office, technical support
    (A5)."""

    body = models.OneToOneField(Body, on_delete=models.PROTECT, related_name="task_force")
    leader = models.CharField(max_length=60)
    leader_title = models.CharField(max_length=80, blank=True)
    office = models.CharField(max_length=80)
    technical_unit = models.CharField(max_length=120)
    phone = models.CharField(max_length=40, blank=True)


class TaskForceMember(Record):
    """A named person of a task force and the role there."""

    task_force = models.ForeignKey(TaskForce, on_delete=models.CASCADE, related_name="members")
    name = models.CharField(max_length=60)
    role = models.CharField(max_length=80)
    phone = models.CharField(max_length=40, blank=True)


class Duty(Record):
    """A duty (三定职责) a body performs; applications are tied to one (A3, A20).

    It is *confirmed* once the bureau has seen it in its source document, until somebody changes it.
    """

    body = models.ForeignKey(Body, on_delete=models.PROTECT, related_name="duties")
    text = models.CharField(max_length=300)
    source = models.CharField(max_length=200, blank=True)
    valid_from = models.DateField()
    valid_to = models.DateField(null=True, blank=True)
    #: who wrote its words last: somebody else confirms them
    written_by = models.BigIntegerField(null=True)
    confirmed_at = models.DateTimeField(null=True)
    confirmed_by = models.CharField(max_length=60, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["body", "text"], name="duty_once"),
            models.CheckConstraint(
                condition=models.Q(confirmed_at=None) | ~models.Q(source=""),
                name="duty_confirmed_by_source",
            ),
        ]

    @property
    def is_confirmed(self) -> bool:
        return self.confirmed_at is not None


class Matter(Record):
    """A matter (事项) handled under a duty; control parameters name its code on each call (A18,
    A30)."""

    duty = models.ForeignKey(Duty, on_delete=models.PROTECT, related_name="matters")
    code = models.CharField(max_length=40, unique=True)
    name = models.CharField(max_length=120)
    kind = models.CharField(max_length=40, blank=True)
    basis = models.CharField(max_length=200, blank=True)
    valid_to = models.DateField(null=True, blank=True)

    class Meta:
        ordering: ClassVar = ["code"]


class Token(Record):
    """A personal access token for API and command line: only its hash is kept. It acts as its
    person in one body, with the posts its person held there when it was made: it loses what ends
    and gains nothing."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="tokens")
    body = models.ForeignKey(Body, on_delete=models.PROTECT, related_name="+")
    label = models.CharField(max_length=60)
    digest = models.CharField(max_length=64, unique=True)
    #: its last characters, by which its owner tells it from others
    tail = models.CharField(max_length=6)
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    postings = ArrayField(models.BigIntegerField(), default=list)
    revoked_at = models.DateTimeField(null=True, blank=True)
