"""What is used most stands first where one asks for it, and says by how many grants (A20)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tests.sharing import RISK, Sharing

from huitong.access import actions
from huitong.catalog import queries
from huitong.catalog.management.follower import Follower
from huitong.catalog.queries import Filters, index

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("followed", [False, True], ids=["sql", "index"])
def test_by_how_many_grants_an_entry_is_used_orders_what_is_found(
    sharing: Sharing, settings: Any, tmp_path: Path, followed: bool
) -> None:
    settings.DATA = tmp_path
    marriages, divisions = sharing.mount("marriage", "api"), sharing.mount("division", "api")
    follower = Follower() if followed else None

    def most_used(**chosen: Any) -> list[tuple[int, int]]:
        if follower:
            follower.look()
        assert (index.match(["登记"]) is not None) == followed
        answer = queries.search(
            sharing.cast.civil_operator, filters=Filters(sort="-used", **chosen)
        ).entries
        return [(entry.pk, entry.uses) for entry in answer]

    older, younger = sorted((marriages.entry_id, divisions.entry_id))
    assert most_used() == [(younger, 0), (older, 0)], "alike: the younger first"
    mount = marriages if marriages.entry_id == older else divisions
    grant = sharing.granted(mount)
    assert most_used() == [(older, 1), (younger, 0)]
    page = sharing.cast.client("housing_operator").get("/catalog/?sort=-used").content.decode()
    assert page.count("项有效授权") == 1 and "1 项有效授权" in page
    assert page.index(f"/catalog/{older}/") < page.index(f"/catalog/{younger}/")
    file = sharing.cast.client("housing_operator").get("/catalog/?sort=-used&format_as=csv")
    assert "有效授权数" in b"".join(file).decode("utf-8-sig")
    case = sharing.case(grant)
    actions.suspend(sharing.cast.civil_manager, case, **RISK)
    assert most_used() == [(younger, 0), (older, 0)], "nothing of the entry itself has changed"
    actions.resume(sharing.cast.civil_manager, sharing.case(grant), reasons="情况已核实")
    assert most_used() == [(older, 1), (younger, 0)]
    actions.revoke(sharing.cast.bureau_manager, sharing.case(grant), **RISK)
    assert most_used() == [(younger, 0), (older, 0)]
