"""Writes the city's past into an installation that has its registers and the people of the
story."""

from __future__ import annotations

from django.utils import timezone

from huitong.cli.demo.living.catalog import CatalogOfTheCity
from huitong.cli.demo.living.demands import DemandsOfTheCity
from huitong.cli.demo.living.history import BATCH, Past, insert
from huitong.cli.demo.living.notices import notices
from huitong.cli.demo.living.people import offices
from huitong.cli.demo.living.sharing import SharingOfTheCity
from huitong.kernel.case import Case


def write() -> dict[str, int]:
    """All of it, in the caller's act. Returns how much there is."""
    now, past, desks = timezone.now(), Past(), offices()
    bureau = desks["市大数据局"]
    catalog = CatalogOfTheCity(past, desks, bureau, now)
    sharing = SharingOfTheCity(past, desks, bureau, now)
    demands = DemandsOfTheCity(past, desks, bureau)
    compiled = catalog.plant()
    catalog.write()
    sharing.plant(compiled)
    demands.plant()
    past.write()
    sharing.write()
    demands.write()
    insert(list(notices(past.cases, desks, now)))
    stamped = [running.case for _, running, _ in sharing.applications if running.case.is_open]
    stamped += demands.cases
    Case.objects.bulk_update(stamped, ["facts"], BATCH)
    return {
        "entries": len(compiled),
        "items": sum(len(c.resource.items) for c in compiled),
        "cases": len(past.cases),
        "grants": len(sharing.grants),
        "demands": len(demands.demands),
        "deliveries": sharing.delivered,
    }
