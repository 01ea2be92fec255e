"""Applications and what comes of them: grants, credentials, facts of delivery (A20-A23, A26,
A28, A30); what was granted before there was this platform (A19)."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models

from huitong.access.rules.disuse import circumstance_words
from huitong.access.rules.personal import basis_words
from huitong.kernel.ledger import Record
from huitong.publishing.rules import Authority

BODY = "organizations.Body"
SYSTEM = "catalog.InformationSystem"


class Excepted(Record):
    """What may be in a special circumstance, in which it does not count as unused (A26): a code of
    `data/circumstances.csv`, the months of a season, words."""

    circumstance = models.CharField(max_length=40, blank=True)
    months = ArrayField(models.PositiveSmallIntegerField(), default=list, blank=True)
    circumstance_words = models.CharField(max_length=200, blank=True)

    class Meta:
        abstract = True

    @property
    def special(self) -> str:
        """The circumstance in words; empty for none."""
        return circumstance_words(self.circumstance, self.months, self.circumstance_words)


class Grounded(Record):
    """What rests on a legal basis where it is about personal data: a code of `data/bases.csv`,
    words. Empty where no personal data are asked for, and on forms older than the question."""

    legal_basis = models.CharField(max_length=40, blank=True)
    legal_words = models.CharField(max_length=200, blank=True)

    class Meta:
        abstract = True

    @property
    def ground(self) -> str:
        """The legal basis in words, with its article; empty for none."""
        return basis_words(self.legal_basis, self.legal_words)


class Form(Excepted, Grounded):
    """The stamped application form (A20): one for several resources, printed in a version, sealed,
    scanned back.

    ``printed_hash`` is the digest of the content as last printed, empty once that has been changed;
    the scan must have been made of that very content.
    """

    # empty until the row exists: made of its key
    number = models.CharField(max_length=40, unique=True, null=True)  # noqa: DJ001
    consumer = models.ForeignKey(BODY, on_delete=models.PROTECT, related_name="+")
    duty = models.ForeignKey("organizations.Duty", on_delete=models.PROTECT, related_name="+")
    matter = models.ForeignKey(
        "organizations.Matter", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    system = models.ForeignKey(SYSTEM, on_delete=models.PROTECT, related_name="+")
    purpose = models.CharField(max_length=500)
    scenario = models.CharField(max_length=500, blank=True)
    #: the impact on personal data as it was assessed: the three things the law names, by whom, when
    impact_purpose = models.CharField(max_length=1000, blank=True)
    impact_effect = models.CharField(max_length=1000, blank=True)
    impact_measures = models.CharField(max_length=1000, blank=True)
    impact_by = models.CharField(max_length=60, blank=True)
    impact_on = models.DateField(null=True)
    period_from = models.DateField()
    period_to = models.DateField()
    contact = models.CharField(max_length=60)
    phone = models.CharField(max_length=40)
    version = models.PositiveIntegerField(default=1)
    printed_hash = models.CharField(max_length=64, blank=True)
    printed_at = models.DateTimeField(null=True)
    #: what was printed: once submitted a form says this for ever, whatever is renamed later
    printed_content = models.JSONField(default=dict, blank=True)
    #: the very PDF that was printed
    printed = models.ForeignKey(
        "work.Attachment", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    scan = models.ForeignKey(
        "work.Attachment", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    scanned_hash = models.CharField(max_length=64, blank=True)
    #: what of the scan people must look at themselves (keys of `work.rules.stamped.DOUBTS`)
    scan_doubts = models.JSONField(default=list, blank=True)
    archive_number = models.CharField(max_length=60, blank=True)
    #: who wrote it, as `Case.hands`: applications added later have gone through these hands too
    hands = models.JSONField(default=dict)
    opened_by = models.BigIntegerField()
    opened_at = models.DateTimeField(auto_now_add=True)
    #: what was undertaken by submitting it, word for word (`queries.undertaken`): it goes with
    #: every grant that comes of it (A30); empty for what was submitted before that was kept
    undertaken = models.JSONField(default=dict, blank=True)
    #: from then on provider and bureau see it
    submitted_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["consumer", "-opened_at"])]

    @property
    def undertaken_at(self) -> datetime | None:
        """When it was undertaken."""
        return datetime.fromisoformat(self.undertaken["at"]) if self.undertaken else None


class ConsentLetter(Record):
    """A letter by which persons consent to the handling of their data, brought with a form: signed
    ones, or the sample all of them sign."""

    form = models.ForeignKey(Form, on_delete=models.CASCADE, related_name="letters")
    attachment = models.ForeignKey("work.Attachment", on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering: ClassVar = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["form", "attachment"], name="consent_letter_once")
        ]


class Application(Record):
    """One resource asked for in a form: its case, and the scope asked (`scope.Scope` as JSON)."""

    form = models.ForeignKey(Form, on_delete=models.CASCADE, related_name="applications")
    case = models.OneToOneField("kernel.Case", on_delete=models.PROTECT, related_name="+")
    mount = models.ForeignKey("publishing.Mount", on_delete=models.PROTECT, related_name="+")
    scope = models.JSONField()
    frequency = models.CharField(max_length=100, blank=True)
    #: where rows shall arrive, for a table mount: the consumer's own front-end database
    target = models.ForeignKey(
        "catalog.Database", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    target_table = models.CharField(max_length=200, blank=True)
    #: the grant whose period is over, or soon will be, that this asks for again (A26)
    renews = models.ForeignKey(
        "Grant", null=True, blank=True, on_delete=models.PROTECT, related_name="renewals"
    )

    class Meta:
        ordering: ClassVar = ["pk"]


class Grant(Excepted, Grounded):
    """What all planes enforce: who, which resource, what for, how much of it, for how long (A22,
    A26, A30)."""

    case = models.OneToOneField("kernel.Case", on_delete=models.PROTECT, related_name="+")
    application = models.OneToOneField(Application, on_delete=models.PROTECT, related_name="grant")
    mount = models.ForeignKey("publishing.Mount", on_delete=models.PROTECT, related_name="+")
    consumer = models.ForeignKey(BODY, on_delete=models.PROTECT, related_name="+")
    system = models.ForeignKey(SYSTEM, on_delete=models.PROTECT, related_name="+")
    matter = models.ForeignKey(
        "organizations.Matter", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    purpose = models.CharField(max_length=500)
    scope = models.JSONField()
    per_second = models.PositiveIntegerField()
    per_day = models.PositiveIntegerField(null=True, blank=True)
    valid_from = models.DateField()
    valid_to = models.DateField()
    #: the time of its last day at which the grant ends; none = when that day is over
    until = models.TimeField(null=True, blank=True)
    target = models.ForeignKey(
        "catalog.Database", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    target_table = models.CharField(max_length=200, blank=True)
    #: the day its consumer was told that it ends soon and may be applied for again (A26)
    renewal_offered_on = models.DateField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["consumer", "-valid_to"]),
            models.Index(fields=["mount", "ended_at"]),
            models.Index(fields=["valid_to"], name="grant_ends"),
        ]


class Intake(Record):
    """A table of grants an older platform gave, or a paper, as one person of the bureau brings it
    in and another confirms (补录)."""

    case = models.OneToOneField("kernel.Case", on_delete=models.PROTECT, related_name="+")
    #: the older platform, or the file of papers
    source = models.CharField(max_length=60)
    #: the scans that came with it
    papers = ArrayField(models.BigIntegerField(), default=list, blank=True)
    prepared_by = models.CharField(max_length=60)
    confirmed_by = models.CharField(max_length=60, blank=True)
    confirmed_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar = ["-pk"]


class IntakeRow(Record):
    """A row of it, and the grant it has become: the mark of that grant wherever it is shown.

    ``void``: it counts no longer, and its number may come again; its table was given up, or its
    grant has ended without the provider's agreement."""

    intake = models.ForeignKey(Intake, on_delete=models.PROTECT, related_name="rows")
    row = models.PositiveIntegerField()
    source = models.CharField(max_length=60)
    number = models.CharField(max_length=60)
    #: the cells as they were read, by heading
    given = models.JSONField()
    decided_on = models.DateField()
    #: who decided then, `publishing.rules.Authority`
    decided_by = models.CharField(max_length=12)
    note = models.CharField(max_length=300, blank=True)
    paper = models.ForeignKey(
        "work.Attachment", null=True, on_delete=models.PROTECT, related_name="+"
    )
    grant = models.OneToOneField(
        Grant, null=True, on_delete=models.PROTECT, related_name="intake_row"
    )
    void = models.BooleanField(default=False)

    class Meta:
        ordering: ClassVar = ["row"]
        constraints = [
            models.UniqueConstraint(
                fields=["source", "number"],
                condition=models.Q(void=False),
                name="intake_number_once",
            )
        ]

    @property
    def decider(self) -> str:
        """Who decided then, in words."""
        return Authority(self.decided_by).label


class Credential(Record):
    """A machine's sign-in: OAuth 2.0 client credentials. The secret is shown once and kept only
    as its digest."""

    system = models.ForeignKey(SYSTEM, on_delete=models.PROTECT, related_name="+")
    client_id = models.CharField(max_length=60, unique=True)
    label = models.CharField(max_length=60, blank=True)
    digest = models.CharField(max_length=64)
    #: the secret before the last change, good until that moment
    former_digest = models.CharField(max_length=64, blank=True)
    former_until = models.DateTimeField(null=True)
    networks = ArrayField(models.CharField(max_length=43), default=list, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)
    last_used_on = models.DateField(null=True)

    class Meta:
        ordering: ClassVar = ["pk"]


class Serving(Record):
    """That a plane hands data out under a grant by itself, from what it was last told: since
    when, and when it confirmed to have stopped (A28). Until then a grant taken back is *being*
    taken back."""

    grant = models.ForeignKey(Grant, on_delete=models.PROTECT, related_name="+")
    plane = models.CharField(max_length=12)
    since = models.DateTimeField()
    stopped_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["grant", "plane"], name="serving_once")]


class DeliveryFact(Record):
    """That something was delivered under a grant, as a plane reports it; counted once per
    ``reference`` (A26, A30, A34)."""

    grant = models.ForeignKey(Grant, on_delete=models.PROTECT, related_name="deliveries")
    plane = models.CharField(max_length=12)
    reference = models.CharField(max_length=120)
    at = models.DateTimeField()
    rows = models.BigIntegerField(null=True)
    bytes = models.BigIntegerField(null=True)
    checksum = models.CharField(max_length=80, blank=True)
    status = models.CharField(max_length=20, default="delivered")
    detail = models.JSONField(default=dict)

    class Meta:
        indexes = [models.Index(fields=["grant", "-at"])]
        constraints = [
            models.UniqueConstraint(fields=["plane", "reference"], name="delivery_fact_once")
        ]
