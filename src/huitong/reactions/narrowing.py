"""What the consumers of a resource are told of an update of its entry (A11): when its department
has passed it, and when it is published."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from huitong.access import queries as access
from huitong.catalog import queries as catalog
from huitong.kernel.addresses import reverse
from huitong.kernel.case import Case
from huitong.kernel.ledger import Entry
from huitong.organizations import queries as organizations
from huitong.reactions.kinds import Message, tells
from huitong.work.rules import NoticeKind

Rows = Iterable[tuple[access.Effect, Iterable[str], int, int]]


@tells
def tell_of_a_narrowing_to_come(entry: Entry, case: Case | None) -> Iterator[Message]:
    """An update was passed by its department: bodies with a running grant hear beforehand what it
    will take from them."""
    if case is None or "updates" not in case.facts:
        return
    version = catalog.version_of(case)
    rows = [
        (r.effect, r.lines, r.grant.pk, r.grant.consumer_id) for r in access.effects_of(version)
    ]
    what = f"{version.entry.body.short_name}准备更新这项目录，发布之后："
    yield from _messages("目录将更新", version.entry.name, what, rows, "发布之前不受影响。")


@tells
def tell_of_a_narrowing(entry: Entry, case: Case | None) -> Iterator[Message]:
    """An update was published: bodies with a grant it touched hear what it took from them."""
    version = catalog.published_version(int(entry.object_id))
    bodies = access.consumers_of([row["grant"] for row in entry.after["grants"]])
    rows = [
        (access.Effect(row["effect"]), row["lines"], row["grant"], bodies[row["grant"]])
        for row in entry.after["grants"]
    ]
    what = f"{version.entry.body.short_name}已发布这项目录的第 {version.number} 版："
    later = "今后如再放宽，须另行申请。"
    yield from _messages("目录已更新", version.name, what, rows, later)


def _messages(title: str, name: str, what: str, rows: Rows, end: str) -> Iterator[Message]:
    for effect, lines, grant, consumer in rows:
        if effect is not access.Effect.NOTHING:
            yield Message(
                organizations.people_of([consumer]).values_list("pk", flat=True),
                NoticeKind.RESULT,  # by law beforehand, where nothing comes any more (A16)
                f"{title}：{name}",
                f"{what}本部门的授权{effect.label}。{''.join(lines)}{end}",
                reverse("access:grant", args=[grant]),
            )
