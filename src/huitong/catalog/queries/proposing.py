"""What the platform knows of an entry without asking: what a form begins with, what was recognised
as personal."""

from __future__ import annotations

from typing import Any

from huitong.catalog.models import Database, Version
from huitong.catalog.queries.items import items_of
from huitong.catalog.queries.systems import systems_of
from huitong.catalog.rules import Format, Layer, OpenClass, Settled, Shape, ShareClass, ShareMode
from huitong.connectors import CAPABILITIES
from huitong.kernel.actor import Actor
from huitong.organizations import queries as organizations
from huitong.organizations.rules import BodyKind

#: the elements that say whom to ask
CONTACT = ("contact_office", "contact_name", "contact_phone")


def personal_of(version: Version) -> list[dict[str, str]]:
    """What was recognised as personal in its items and what became of it: for the ledger."""
    return [
        {
            "item": item.name,
            "kind": recognition.kind,
            "settled": str(settled),
            **({"reason": item.declined} if settled is Settled.DECLINED else {}),
        }
        for item in items_of(version)
        if (settled := item.settled(version.share_class)) and (recognition := item.recognition)
    ]


def sharing_proposed(version: Version) -> dict[str, Any]:
    """How a version would be shared by what it says already, for the form to begin with: items
    that are masked or withheld are a condition of that shape (A8), a scanned table is a table.
    Only what nobody has said yet."""
    items = items_of(version)
    given = [item for item in items if item.share_class is not ShareClass.NOT_SHARED]
    limits = {
        Shape.PARTIAL_ITEMS: 0 < len(given) < len(items),
        Shape.MASKED: any(item.mask for item in given),
    }
    proposed: dict[str, Any] = {}
    if shapes := [shape for shape, there in limits.items() if there]:
        proposed = {"share_class": ShareClass.CONDITIONAL, "shapes": shapes}
    source = version.entry.database
    if source is not None and CAPABILITIES[source.kind].source:
        proposed |= {"share_modes": [ShareMode.TABLE]}
    return {name: value for name, value in proposed.items() if not getattr(version, name)}


def known_of(actor: Actor, body: int, source: Database | None) -> dict[str, Any]:
    """What the platform knows of a new entry of a body, so that nobody is asked: the format and
    system of a scanned database, the body's only system, the data standard its last entry of that
    system names, whom its last entry or its task force names for questions. To society nothing is
    open until somebody says so."""
    kind = organizations.body_for(actor, body).kind
    in_county = kind in (BodyKind.COUNTY, BodyKind.ZONE)
    values: dict[str, Any] = {
        "open_class": OpenClass.NOT_OPEN,
        "layer": Layer.COUNTY if in_county else Layer.CITY,
    }
    if source is not None:
        values |= {"format": Format.DATABASE, "format_detail": CAPABILITIES[source.kind].label}
    if source is not None and source.system_id:
        values["system"] = source.system_id
    elif len(own := list(systems_of(body).values_list("pk", flat=True)[:2])) == 1:
        values["system"] = own[0]
    if (standard := _standard_of(body, values.get("system"))) is not None:
        values["standard"] = standard
    contacts = Version.objects.filter(entry__body=body).exclude(contact_phone="")
    if last := contacts.order_by("-pk").values(*CONTACT).first():
        return values | last
    if office := organizations.responsible_office(body):
        values |= {"contact_office": office[0], "contact_phone": office[1]}
    return values


def _standard_of(body: int, system: int | None) -> str | None:
    """The data standard the last entry of a system names: what one system holds is defined once
    (A9)."""
    if system is None:
        return None
    named = Version.objects.filter(entry__body=body, system=system).exclude(standard="")
    return named.order_by("-pk").values_list("standard", flat=True).first()
