"""Entries with their versions: items, grounds and remarks (A7-A12)."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models

from huitong.catalog.models.sources import BODY, Database, InformationSystem
from huitong.catalog.rules import (
    STRICTEST,
    Cycle,
    EntryState,
    Format,
    Industry,
    Layer,
    Level,
    OpenClass,
    OpenMode,
    Origin,
    ShareClass,
    choices,
    label_of,
)
from huitong.kernel.ledger import Record
from huitong.scope.literals import ItemType

if TYPE_CHECKING:
    from huitong.kernel.case import Case


def several(size: int = 40) -> ArrayField:
    """A set of short codes of a vocabulary."""
    return ArrayField(models.CharField(max_length=size), default=list, blank=True)


class Entry(Record):
    """A resource of the catalog (目录), for ever: whose it is, where it comes from, its code.

    What is said of it (A7-A9) stands in its versions: ``current`` is the published one, which
    search, mounts, grants and planes read; ``latest`` the youngest, on which its body works.
    """

    body = models.ForeignKey(BODY, on_delete=models.PROTECT, related_name="+")
    #: the subordinate unit in whose name its department catalogs and publishes it (A5, A7); the
    #: provider stays the department
    unit = models.ForeignKey(
        BODY, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    database = models.ForeignKey(
        Database, null=True, blank=True, on_delete=models.PROTECT, related_name="entries"
    )
    source_schema = models.CharField(max_length=120, blank=True)
    source_table = models.CharField(max_length=200, blank=True)
    code = models.CharField(max_length=40, unique=True, null=True, blank=True)
    current = models.OneToOneField(
        "Version", null=True, on_delete=models.PROTECT, related_name="current_of"
    )
    latest = models.OneToOneField(
        "Version", null=True, on_delete=models.PROTECT, related_name="latest_of"
    )
    #: the sharing conditions the bureau struck, as `rules.StruckTerm`: they hold for every version
    struck = models.JSONField(default=list, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    #: when what everybody reads of it last changed
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        indexes = [
            # the index follower looks twice a second
            models.Index(fields=["updated_at"], name="entry_changed"),
            models.Index(fields=["database", "source_table"], name="entry_of_table"),
        ]

    #: the number of the last act on its latest version, where `queries.entry_for` read it: sent
    #: back with an edit, it shows what others changed since
    revision: int
    #: the same of what its readers read: no act on a draft moves it
    text_revision: int
    followed: bool

    @property
    def is_published(self) -> bool:
        return self.current_id is not None

    @property
    def published(self) -> Version:
        """What may be used, and how: of a published entry, whatever its drafts say."""
        return self._own(self.current)

    @property
    def text(self) -> Version:
        """What its readers read: the published version, until there is one the draft."""
        return self._own(self.current or self.latest)

    @property
    def draft(self) -> Version:
        """What its body works on: the latest version, published or not yet."""
        return self._own(self.latest)

    def _own(self, version: Version | None) -> Version:
        assert version is not None, "an entry begins with a draft"  # noqa: S101 - an invariant
        version.entry = self
        return version

    @property
    def name(self) -> str:
        return self.text.name

    @property
    def case(self) -> Case:
        """The case of its latest version."""
        return self.draft.case

    @property
    def case_id(self) -> int:
        return self.draft.case_id

    @property
    def state(self) -> EntryState:
        return self.draft.state


class Version(Record):
    """What is said of an entry: a draft on its case, until it is published.

    Published, it has a number and is frozen with its items and grounds: the database refuses
    every change but one, that a named body is followed by its heir (A2). Another draft is another
    version on another case; publishing it moves `Entry.current`.
    """

    entry = models.ForeignKey(Entry, on_delete=models.PROTECT, related_name="versions")
    case = models.OneToOneField("kernel.Case", on_delete=models.PROTECT, related_name="+")
    # basics
    name = models.CharField(max_length=120)
    system = models.ForeignKey(
        InformationSystem, null=True, blank=True, on_delete=models.PROTECT, related_name="versions"
    )
    summary = models.TextField(blank=True)
    #: empty on entries of before this was asked: demanded at their next submission
    origin = models.CharField(max_length=12, choices=choices(Origin), blank=True)
    #: `rules.categories`: dated rows, so no choices of the column
    category = models.CharField(max_length=3, blank=True)
    themes = several(3)
    industry = models.CharField(max_length=1, choices=choices(Industry), blank=True)
    format = models.CharField(max_length=20, choices=choices(Format), blank=True)
    format_detail = models.CharField(max_length=60, blank=True)
    standard = models.CharField(max_length=200, blank=True)
    dictionary = models.CharField(max_length=300, blank=True)
    # sharing
    share_class = models.CharField(max_length=1, choices=choices(ShareClass), blank=True)
    shapes = several()
    named_bodies = ArrayField(models.BigIntegerField(), default=list, blank=True)
    condition = models.CharField(max_length=500, blank=True)
    #: as `rules.Term`
    sharing_terms = models.JSONField(default=list, blank=True)
    personal_reason = models.CharField(max_length=500, blank=True)
    share_modes = several(8)
    usage = several()
    control_parameters = models.JSONField(default=list, blank=True)
    # opening to society
    open_class = models.CharField(max_length=1, choices=choices(OpenClass), blank=True)
    open_mode = models.CharField(max_length=12, choices=choices(OpenMode), blank=True)
    open_condition = models.CharField(max_length=300, blank=True)
    # updating and publishing
    update_cycle = models.CharField(max_length=1, choices=choices(Cycle), blank=True)
    data_cycle = models.CharField(max_length=1, choices=choices(Cycle), blank=True)
    publish_on = models.DateField(null=True, blank=True)
    contact_office = models.CharField(max_length=80, blank=True)
    contact_name = models.CharField(max_length=60, blank=True)
    contact_phone = models.CharField(max_length=40, blank=True)
    remark = models.CharField(max_length=500, blank=True)
    # relating
    catalog_item = models.CharField(max_length=60, blank=True)
    sub_item = models.CharField(max_length=60, blank=True)
    layer = models.CharField(max_length=12, choices=choices(Layer), blank=True)
    keywords = several(20)
    related_codes = several()
    difference = models.CharField(max_length=500, blank=True)
    # what happened to it
    #: the bureau's name, where it entered this in the provider's place (代录)
    entered_by = models.CharField(max_length=120, blank=True)
    #: how often it has been submitted; remarks belong to a round
    round = models.PositiveIntegerField(default=0)
    #: when the bureau first received it: from then on it sees it, if it did not enter it
    received_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)
    #: `rules.words_for`, kept by the actions: what search looks in
    words = models.TextField(blank=True)
    #: given when it is published; ``content`` is what everybody could read then, ``sha256`` its
    #: digest, which the ledger keeps too
    number = models.PositiveIntegerField(null=True)
    content = models.JSONField(default=dict)
    sha256 = models.CharField(max_length=64, blank=True)
    published_at = models.DateTimeField(null=True)
    published_by = models.CharField(max_length=60, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["-published_at"], name="version_published"),
            # lists by the name of a resource
            models.Index(fields=["name"], name="version_name"),
            models.Index(
                fields=["entry"],
                name="version_not_shared",
                condition=models.Q(share_class=ShareClass.NOT_SHARED),
            ),
            GinIndex(fields=["themes"], name="version_themes"),
        ]
        constraints = [models.UniqueConstraint(fields=["entry", "number"], name="version_once")]

    @property
    def state(self) -> EntryState:
        return EntryState(self.case.state)

    @property
    def is_published(self) -> bool:
        return self.number is not None

    @property
    def reached_bureau(self) -> bool:
        """Whether the bureau knows what it says: it received it, or entered it."""
        return self.received_at is not None or bool(self.entered_by)


class Item(Record):
    """An information item (信息项) of a version."""

    version = models.ForeignKey(Version, on_delete=models.CASCADE, related_name="items")
    position = models.PositiveIntegerField()
    name = models.CharField(max_length=100)
    column = models.CharField(max_length=128, blank=True)
    type = models.CharField(max_length=1, choices=choices(ItemType))
    length = models.PositiveIntegerField(null=True, blank=True)
    nullable = models.BooleanField(default=True)
    is_key = models.BooleanField(default=False)
    level = models.CharField(max_length=1, choices=choices(Level), default=STRICTEST.level)
    share_class = models.CharField(
        max_length=1, choices=choices(ShareClass), default=STRICTEST.share_class
    )
    #: a name of `scope.masks.NAMED`, or nothing
    mask = models.CharField(max_length=30, blank=True, default=STRICTEST.mask)
    code_list = models.ForeignKey(
        "CodeListVersion", null=True, to_field="title", on_delete=models.PROTECT, related_name="+"
    )
    standard = models.ForeignKey(
        "Standard", null=True, to_field="number", on_delete=models.PROTECT, related_name="+"
    )
    dictionary = models.CharField(max_length=120, blank=True)
    remark = models.CharField(max_length=300, blank=True)
    column_type = models.CharField(max_length=80, blank=True)
    suggestion = models.JSONField(default=dict, blank=True)
    #: why what was recognised is not kept as suggested
    declined = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering: ClassVar = ["position"]
        constraints = [
            models.UniqueConstraint(
                fields=["version", "position"],
                name="item_position",
                deferrable=models.Deferrable.DEFERRED,
            )
        ]
        indexes: ClassVar = [
            # which entries have items of the same names (一数一源)
            models.Index(fields=["name"], name="item_name")
        ]


class FieldRemark(Record):
    """What a reviewer wrote about one field in one round; shown beside the field until the next
    submission, kept for ever (A10)."""

    version = models.ForeignKey(Version, on_delete=models.CASCADE, related_name="remarks")
    round = models.PositiveIntegerField()
    field = models.CharField(max_length=120)
    text = models.CharField(max_length=500)
    by = models.CharField(max_length=60)
    by_seat = models.CharField(max_length=60)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering: ClassVar = ["-round", "pk"]

    @property
    def label(self) -> str:
        """What the field is called."""
        return label_of(self.field)


class LegalGround(Record):
    """Why a resource is not shared: filed with the bureau when the department passes the version
    on (A8 备案)."""

    version = models.ForeignKey(Version, on_delete=models.CASCADE, related_name="grounds")
    #: the code of a `GroundKind`
    kind = models.CharField(max_length=20)
    document = models.CharField(max_length=200)
    article = models.CharField(max_length=80)
    quotation = models.TextField()
    filed_at = models.DateTimeField(null=True)

    #: what its kind and its standing are called, where a query looked them up
    kind_label: str
    standing_label: str

    class Meta:
        ordering: ClassVar = ["pk"]
