"""What other rooms need of disputes."""

from huitong.disputes import actions, api, queries, urls
from huitong.kernel.manifest import CasePage, Evidence, Manifest, MenuLine, Panels, Place, Section

MANIFEST = Manifest(
    context="huitong.disputes",
    urls=urls,
    routes=api.router,
    menu=(MenuLine(Section.SHARING, 30, "争议协商", "disputes:disputes", "message", letter="a"),),
    cases=(
        CasePage(
            "dispute",
            facts=queries.dispute_facts,
            template="disputes/case_dispute.html",
            openings={"draft": "disputes:new"},
        ),
    ),
    panels=(Panels(Place.CASE, queries.case_panels),),
    # the application an outcome opened the way for is known as such from its first word
    closers=(actions.follow_up,),
    evidence=Evidence(related=(queries.disputed_in,)),
)
