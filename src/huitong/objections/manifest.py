"""What other rooms need of doubts."""

from huitong.kernel.manifest import CasePage, Evidence, Manifest, Panels, Place
from huitong.objections import api, queries, urls

MANIFEST = Manifest(
    context="huitong.objections",
    urls=urls,
    routes=api.router,
    cases=(
        CasePage(
            "objection",
            facts=queries.objection_facts,
            template="objections/case_objection.html",
            openings={"report": "objections:new"},
        ),
    ),
    home=queries.home_panels,
    panels=(
        Panels(Place.ENTRY, queries.entry_panels),
        Panels(Place.MOUNT, queries.mount_panels),
        Panels(Place.CASE, queries.case_panels),
        Panels(Place.DELIVERY, queries.delivery_panels),
    ),
    evidence=Evidence(related=(queries.doubted_in,)),
)
