"""Records of working on cases: files, copies, notices, warnings, urgings (A15, A19, A28)."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models

from huitong.kernel.addresses import reverse
from huitong.kernel.ledger import Record
from huitong.work.rules import Card, Channel, DigestAt, Frequency, Level, NoticeKind

PERSON = settings.AUTH_USER_MODEL


class Attachment(Record):
    """An uploaded file whose content was checked; its bytes lie below MEDIA_ROOT under their hash.

    Until it is handed in it is its uploader's, in the body in which it was uploaded."""

    sha256 = models.CharField(max_length=64, db_index=True)
    name = models.CharField(max_length=200)
    size = models.BigIntegerField()
    media_type = models.CharField(max_length=100)
    pages = models.PositiveIntegerField(null=True)
    uploader = models.ForeignKey(PERSON, null=True, on_delete=models.PROTECT, related_name="+")
    #: the body the uploader acted in; null: the platform itself
    body = models.BigIntegerField(null=True)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["uploader", "body", "sha256", "name"],
                name="attachment_once",
                nulls_distinct=False,
            )
        ]


class AttachmentUse(Record):
    """A case in which a file was handed in: its parties may read the file."""

    attachment = models.ForeignKey(Attachment, on_delete=models.PROTECT, related_name="uses")
    case = models.ForeignKey("kernel.Case", on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["case", "attachment"], name="attachment_use_once")
        ]


class Copy(Record):
    """A person to whom a case was copied for information (抄送): may read it, may not act.

    It was given to who they are in a body, and counts while they hold a business post there."""

    case = models.ForeignKey("kernel.Case", on_delete=models.PROTECT, related_name="+")
    person = models.ForeignKey(PERSON, on_delete=models.PROTECT, related_name="+")
    #: the body in which the person was given it; null: none is known any more, and it counts for
    #: nothing
    body = models.BigIntegerField(null=True)
    by = models.ForeignKey(PERSON, null=True, on_delete=models.PROTECT, related_name="+")
    words = models.CharField(max_length=300, blank=True)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["person", "case", "body"], name="copy_once", nulls_distinct=False
            )
        ]


class Notice(Record):
    """A notice to a person. The list in the product is the record; mail and webhook repeat it.

    One that asks for something ends with it, see `queries.unread_of`: it is then settled, and says
    by whom. Notices of one kind, topic and day are one line of the list."""

    person = models.ForeignKey(PERSON, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=12, choices=NoticeKind.choices())
    title = models.CharField(max_length=200)
    text = models.CharField(max_length=1000, blank=True)
    url = models.CharField(max_length=300, blank=True)
    case = models.ForeignKey("kernel.Case", null=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now_add=True)
    #: what it is about in a word or two, and the day in Nantong on which it was told
    topic = models.CharField(max_length=80, blank=True)
    on = models.DateField()
    #: from when it counts: at once, or with the person's digest; null: the person wants none of it
    rings_at = models.DateTimeField(null=True)
    read_at = models.DateTimeField(null=True)
    #: when what it asked for was done or fell away, and by whom, in words
    settled_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=200, blank=True)
    #: the limit a warning is about, and the last day it named: true while both still hold
    clock = models.ForeignKey("kernel.Clock", null=True, on_delete=models.PROTECT, related_name="+")
    watch = models.ForeignKey("kernel.Watch", null=True, on_delete=models.PROTECT, related_name="+")
    limit_on = models.DateField(null=True)
    #: the act it is told of (`doing.act_key`): nobody is told twice of what one act means for one
    #: case, or where there is none for what one address shows; empty in notices from before it was
    #: kept
    act = models.CharField(max_length=40, blank=True)

    class Meta:
        ordering: ClassVar = ["-pk"]
        indexes = [
            models.Index(fields=["person", "-id"]),
            models.Index(
                fields=["person"],
                condition=models.Q(read_at=None, settled_at=None),
                name="notice_unread",
            ),
            # what an act settles
            models.Index(
                fields=["case"], condition=models.Q(settled_at=None), name="notice_unsettled"
            ),
            models.Index(fields=["person", "-on", "kind", "topic"], name="notice_line"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["act", "person", "kind", "case"],
                condition=~models.Q(act="") & ~models.Q(case=None),
                name="notice_of_a_case_once",
            ),
            models.UniqueConstraint(
                fields=["act", "person", "kind", "url"],
                condition=~models.Q(act="") & models.Q(case=None),
                name="notice_once",
            ),
        ]


class Delivery(Record):
    """A notice on its way over a channel: waits for its time, is tried, arrives or is given up."""

    notice = models.ForeignKey(Notice, on_delete=models.CASCADE, related_name="deliveries")
    channel = models.CharField(max_length=12, choices=Channel.choices())
    frequency = models.CharField(max_length=12, choices=Frequency.choices())
    #: of a daily one, the digest it goes with
    due_at = models.DateTimeField(null=True)
    #: where it goes instead of the person's own address
    address = models.EmailField(blank=True)
    sent_at = models.DateTimeField(null=True)
    tries = models.PositiveSmallIntegerField(default=0)
    error = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["notice", "channel", "address"], name="delivery_once")
        ]
        indexes = [
            models.Index(
                fields=["channel", "frequency"],
                condition=models.Q(sent_at=None),
                name="delivery_waiting",
            )
        ]


class Preference(Record):
    """The frequency a person chose for notices of a kind over a channel; the defaults are in
    `rules.CHANNELS`."""

    person = models.ForeignKey(PERSON, on_delete=models.CASCADE, related_name="+")
    channel = models.CharField(max_length=12, choices=Channel.choices())
    kind = models.CharField(max_length=12, choices=NoticeKind.choices())
    frequency = models.CharField(max_length=12, choices=Frequency.choices())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["person", "channel", "kind"], name="preference_once")
        ]


class Digest(Record):
    """The time of a working day at which a person gets their digest, if they chose another than
    the usual one."""

    person = models.OneToOneField(PERSON, on_delete=models.CASCADE, related_name="+")
    at = models.CharField(max_length=5, choices=DigestAt.choices())


class Webhook(Record):
    """The address a person's notices are also sent to; the signing key is encrypted at rest."""

    person = models.OneToOneField(PERSON, on_delete=models.CASCADE, related_name="+")
    url = models.URLField(max_length=300)
    secret = models.CharField(max_length=400)


class Warned(Record):
    """A level a clock or a watch has reached and been warned about: once, whatever runs how often,
    and again where its day has moved since."""

    clock = models.ForeignKey("kernel.Clock", null=True, on_delete=models.PROTECT, related_name="+")
    case = models.ForeignKey("kernel.Case", null=True, on_delete=models.PROTECT, related_name="+")
    watch = models.ForeignKey("kernel.Watch", null=True, on_delete=models.PROTECT, related_name="+")
    level = models.CharField(max_length=12, choices=Level.choices())
    card = models.CharField(max_length=8, choices=Card.choices())
    body = models.BigIntegerField(null=True)
    on = models.DateField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["clock", "level", "on"], name="warned_once"),
            models.UniqueConstraint(fields=["watch", "level", "on"], name="watch_warned_once"),
            models.CheckConstraint(
                condition=models.Q(clock=None) ^ models.Q(watch=None), name="warned_of_one"
            ),
        ]
        indexes = [models.Index(fields=["body", "on"]), models.Index(fields=["case"])]


class Urging(Record):
    """An urging of the body whose duty the next step is, by a party that waits or by the bureau
    (A15, A19)."""

    case = models.ForeignKey("kernel.Case", on_delete=models.PROTECT, related_name="+")
    urged = models.BigIntegerField()
    by_body = models.BigIntegerField()
    by = models.ForeignKey(PERSON, null=True, on_delete=models.PROTECT, related_name="+")
    card = models.CharField(max_length=8, choices=Card.choices())
    text = models.CharField(max_length=500)
    at = models.DateTimeField(auto_now_add=True)
    answer = models.CharField(max_length=500, blank=True)
    answered_by = models.ForeignKey(PERSON, null=True, on_delete=models.PROTECT, related_name="+")
    answered_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["urged", "at"]), models.Index(fields=["case"])]


class Comment(Record):
    """A word from one party of a case to the others, a question or its answer: recorded, told,
    outside of every decision. Withdrawn it is struck out, never deleted."""

    case = models.ForeignKey("kernel.Case", on_delete=models.PROTECT, related_name="+")
    #: the body in whose name it is said
    body = models.BigIntegerField()
    by = models.ForeignKey(PERSON, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now_add=True)
    text = models.CharField(max_length=1000)
    #: the bodies that are asked to answer; empty: nobody in particular
    to = ArrayField(models.BigIntegerField(), default=list)
    answers = models.ForeignKey(
        "self", null=True, on_delete=models.PROTECT, related_name="answered_by"
    )
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["case", "at"], name="comment_of_case")]

    def get_absolute_url(self) -> str:
        return reverse("work:case", args=[self.case_id], fragment=f"comment-{self.pk}")


class Follow(Record):
    """A person who wants to hear of each step of a case, as who they are in a body; it ends when
    they may read the case no longer."""

    person = models.ForeignKey(PERSON, on_delete=models.CASCADE, related_name="+")
    body = models.BigIntegerField()
    case = models.ForeignKey("kernel.Case", on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["person", "body", "case"], name="follow_once")
        ]

    def get_absolute_url(self) -> str:
        return reverse("work:case", args=[self.case_id])


class Reacted(Record):
    """A reaction that has been done: keyed by ledger entry and name, so that a repeated job does
    nothing twice."""

    entry = models.BigIntegerField()
    reaction = models.CharField(max_length=120)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["entry", "reaction"], name="reacted_once")]


class SavedView(Record):
    """A view of a list somebody keeps, private to them: under a name its conditions, order and
    columns; without one the columns and the size of page they last chose."""

    person = models.ForeignKey(PERSON, on_delete=models.CASCADE, related_name="+")
    #: the list's key, as its `List` declares it
    list = models.CharField(max_length=60)
    name = models.CharField(max_length=40, blank=True)
    #: what stands behind the question mark of the list's address
    query = models.CharField(max_length=1000, blank=True)
    #: opened instead when the list is asked for without anything
    default = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["person", "list", "name"], name="view_once"),
            models.UniqueConstraint(
                fields=["person", "list"], condition=models.Q(default=True), name="view_one_default"
            ),
        ]


class Draft(Record):
    """What a person is filling in and has not handed in: theirs alone to see, in the body they act
    in.

    It becomes an act when it is handed in, and is gone then; left alone it expires, by
    `rules.drafts.KEEPING`.
    """

    person = models.ForeignKey(PERSON, on_delete=models.CASCADE, related_name="+")
    body = models.BigIntegerField()
    #: the verb that will take it
    kind = models.CharField(max_length=60)
    #: which of them: minted with its first page, part of its address
    key = models.CharField(max_length=60)
    title = models.CharField(max_length=300)
    #: where one goes on filling it in
    url = models.CharField(max_length=300)
    #: the fields as they were typed, right or wrong (`rules.drafts.Content`)
    content = models.JSONField(default=dict)
    #: one more with every save: a page drawn from an older one does not replace a newer
    turn = models.PositiveIntegerField(default=1)
    started_at = models.DateTimeField()
    saved_at = models.DateTimeField()
    #: set aside by its person; comes back until it goes for good
    deleted_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["person", "body", "kind", "key"], name="draft_once")
        ]
        indexes = [models.Index(fields=["saved_at"])]
