"""Housing checks marriages for public rental housing: the human part of the story, by page, by API
and by command (A13, A18-A23, A30).

By page: Civil Affairs mounts, Housing applies for two resources, prints, seals, submits; the bureau
accepts; the platform grants the one, Civil Affairs grants the other in part after a simulation. By
command a third application is filled in and refused; by API everything that came of it is read, and
a grant given back.
"""

from __future__ import annotations

import pytest
from tests.journeys.rental.applying import applied, applied_by_api, mounted
from tests.journeys.rental.deciding import credentialed, decided, refused_by_command
from tests.journeys.rental.reading import pages, read_by_api
from tests.sharing import Sharing

from huitong.access import actions, queries
from huitong.kernel.case import Case
from huitong.kernel.ledger import Entry


@pytest.mark.slow
def test_housing_checks_marriage_for_public_rental(live_db, sharing: Sharing, settings, tmp_path):
    settings.OAUTH_KEYS = tmp_path / "oauth"
    marriage, division = mounted(sharing)
    form = applied(sharing, marriage, division)
    granted, _ = decided(sharing, form)
    secret = credentialed(sharing, granted)
    refused = applied_by_api(sharing, marriage)
    refused_by_command(live_db.environment, refused)
    read_by_api(sharing, granted, refused)
    pages(sharing, granted)
    articles = dict(
        Entry.objects.filter(
            verb__in=(
                "application.accept",
                "application.grant",
                "application.refuse",
                "application.submit",
            )
        ).values_list("verb", "article")
    )
    assert (
        articles["application.accept"] == "A21"
        and articles["application.refuse"] == "A22"
        and articles["application.submit"] == "A20"
    )
    assert not any(secret in str(e.as_dict()) for e in Entry.objects.all())
    actions.give_back(sharing.cast.housing_operator, granted.case)
    assert (
        len(queries.live_grants()) == 1 and Case.objects.get(pk=granted.case_id).state == "returned"
    )
