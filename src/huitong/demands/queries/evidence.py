"""What an evidence package holds of a demand beside the steps of its case (A34)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from huitong.demands.models import Demand
from huitong.kernel.case import Case
from huitong.work import queries as work


def written_about(case: Case) -> Iterator[tuple[str, str]]:
    """Objects whose acts belong to the evidence: the demand and every paper."""
    if (demand := _demand_behind(case)) is not None:
        yield Demand._meta.label_lower, str(demand.pk)
        for _, paper in work.papers_handed_in(demand, [case.pk]):
            yield paper._meta.label_lower, str(paper.pk)


def papers_of(case: Case) -> Iterator[tuple[str, Iterable[bytes]]]:
    """The papers as files, and the list of them."""
    if (demand := _demand_behind(case)) is not None:
        yield from work.paper_files(demand, [case.pk])


def _demand_behind(case: Case) -> Demand | None:
    return Demand.objects.select_related("case", "scan", "printed").filter(case=case).first()
