"""What other rooms need of demands."""

from huitong.demands import api, queries, urls
from huitong.kernel.manifest import CasePage, EventKind, Evidence, Manifest, MenuLine, Section

MANIFEST = Manifest(
    context="huitong.demands",
    urls=urls,
    routes=api.router,
    menu=(
        MenuLine(Section.SHARING, 15, "需求申请", "demands:demands", "message-report", letter="t"),
    ),
    cases=(
        CasePage(
            "demand",
            facts=queries.demand_facts,
            template="demands/case_demand.html",
            openings={"draft": "demands:find"},
        ),
    ),
    home=queries.home_panels,
    events={EventKind.PAPER: queries.papers_in_case},
    evidence=Evidence(related=(queries.written_about,), attached=(queries.papers_of,)),
)
