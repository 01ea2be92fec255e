"""The register of data (数源清单), and which body leads what an entry holds (一数一源)."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import date

from django.db.models import Q, QuerySet

from huitong.catalog.models import Datum, Item, Lead, Version
from huitong.catalog.rules import ShareClass
from huitong.catalog.rules.finding import folded
from huitong.catalog.rules.leads import LeadOfItem, names_of_datum
from huitong.kernel.actor import Actor, Post
from huitong.kernel.case import Case
from huitong.kernel.procedure import NotVisible
from huitong.kernel.workdays import today

#: of words, the leads of whatever goes by one of them
Finder = Callable[[Collection[str]], Sequence[Lead]]
#: the entry in which a lead has published its datum for others and what that is called, by lead
Published = Mapping[int, tuple[int, str]]


def leads_visible_to(actor: Actor) -> QuerySet[Lead]:
    """Every lead, past ones too, for whoever catalogs or uses data in any body."""
    rows = Lead.objects.select_related("datum", "body")
    reads = actor.is_system or (actor.body is not None and actor.has(Post.OPERATOR, Post.MANAGER))
    return rows if reads else rows.none()


def standing(rows: QuerySet[Lead], on: date) -> QuerySet[Lead]:
    """Those in force on a day."""
    return rows.filter(Q(until=None) | Q(until__gte=on), in_force__lte=on)


def datum_for(actor: Actor, pk: int) -> Datum:
    """Raises `NotVisible`."""
    row = Datum.objects.filter(pk=pk, leads__in=leads_visible_to(actor).values("pk")).first()
    if row is None:
        raise NotVisible("该数据")
    return row


def newest_lead(datum: Datum) -> Lead:
    """The last lead there is, whether it has begun or ended."""
    return datum.leads.select_related("body").latest("in_force")


def last_of(data: Iterable[int]) -> dict[int, int]:
    """The last lead of each of these data: one query."""
    rows = Lead.objects.filter(datum__in=set(data)).order_by("in_force")
    return dict(rows.values_list("datum", "pk"))


def datum_choices(actor: Actor, case: Case | None = None) -> list[tuple[int, str]]:
    return list(Datum.objects.order_by("name").values_list("pk", "name")) if actor.bureau else []


def words_registered(apart: int | None = None) -> dict[str, str]:
    """The name of the datum each word belongs to."""
    rows = Datum.objects.exclude(pk=apart).values_list("name", "words")
    return {word: name for name, words in rows for word in words}


# -- of an entry -----------------------------------------------------------------------------------


def leads_called(words: Collection[str]) -> Sequence[Lead]:
    """The leads in force today of what goes by one of these words."""
    if not words:
        return []
    rows = standing(Lead.objects.select_related("datum", "body"), today())
    return list(rows.filter(datum__words__overlap=sorted(words)))


def leads_of_today() -> list[Lead]:
    """All leads in force, for whoever looks many up."""
    return list(standing(Lead.objects.select_related("datum", "body"), today()))


def leads_by_word(leads: Iterable[Lead]) -> Finder:
    """Finds among these what `leads_called` finds."""
    by_word: dict[str, Lead] = {}
    for lead in leads:
        by_word |= dict.fromkeys(lead.datum.words, lead)

    def called(words: Collection[str]) -> Sequence[Lead]:
        return list({lead.pk: lead for w in words if (lead := by_word.get(w)) is not None}.values())

    return called


def published_by(leads: Sequence[Lead]) -> Published:
    """Where each of these has published its datum, the oldest entry first: one query for all."""
    names = {lead.pk: names_of_datum(lead.datum.name, lead.datum.synonyms) for lead in leads}
    if not names:
        return {}
    rows = Item.objects.filter(
        name__in=set().union(*names.values()),
        version__current_of__body__in={lead.body_id for lead in leads},
    ).exclude(version__share_class=ShareClass.NOT_SHARED)
    entries: dict[tuple[int, str], tuple[int, str]] = {}
    columns = ("version__entry__body", "name", "version__entry", "version__name")
    for body, item, *entry in rows.order_by("version__entry").values_list(*columns):
        entries.setdefault((body, item), (entry[0], entry[1]))
    published = {
        lead.pk: [
            entries[key] for name in names[lead.pk] if (key := (lead.body_id, name)) in entries
        ]
        for lead in leads
    }
    return {pk: min(own) for pk, own in published.items() if own}


def leads_of_others(
    body: int,
    items: Iterable[str],
    called: Finder = leads_called,
    published: Published | None = None,
) -> tuple[LeadOfItem, ...]:
    """Which of these items of a body's entry another body leads. ``published``: where all leads
    have published their data, where it was read for many."""
    names = {folded(name): name for name in items}
    others = [lead for lead in called(names.keys()) if lead.body_id != body]
    if published is None:
        published = published_by(others)
    rows = []
    for lead in others:
        entry, name = published.get(lead.pk, (None, ""))
        rows += [
            LeadOfItem(names[word], lead.datum.name, lead.body.short_name, entry, name)
            for word in lead.datum.words
            if word in names
        ]
    return tuple(rows)


def led_by_provider(version: Version, items: Iterable[str]) -> list[str]:
    """The data of an entry whose lead is its own body, by name."""
    words = {folded(name) for name in items}
    rows = (lead for lead in leads_called(words) if lead.body_id == version.entry.body_id)
    return sorted({lead.datum.name for lead in rows})
