"""What other rooms need of applications, grants and credentials."""

from huitong.access import actions, api, jobs, queries, urls
from huitong.access.views import accepting
from huitong.kernel.manifest import (
    CasePage,
    EventKind,
    Evidence,
    Manifest,
    MenuLine,
    Panels,
    Place,
    Section,
    Uses,
)

MANIFEST = Manifest(
    context="huitong.access",
    urls=urls,
    routes=api.router,
    jobs=jobs,
    menu=(
        MenuLine(Section.SHARING, 10, "共享申请", "access:applications", "file-text", letter="g"),
        MenuLine(Section.SHARING, 20, "我的授权", "access:grants", "key", letter="w"),
    ),
    cases=(
        CasePage(
            "application",
            facts=queries.application_facts,
            template="access/case_application.html",
            openings={"draft": "access:begin", "bring_in": ""},
        ),
        CasePage(
            "grant",
            facts=queries.grant_facts,
            template="access/case_grant.html",
            # a grant comes from a decision, never from a form of its own (A22, A23)
            openings={"issue": "", "bring_in": ""},
        ),
        CasePage(
            "intake",
            facts=queries.intake_facts,
            template="access/case_intake.html",
            openings={"prepare": "access:intakes"},
        ),
    ),
    bulk=accepting.acts,
    home=queries.home_panels,
    panels=(
        Panels(Place.ENTRY, queries.entry_panels),
        Panels(Place.MOUNT, queries.mount_panels),
        Panels(Place.VERSION, queries.version_panels),
        Panels(Place.SYSTEM, queries.system_panels),
    ),
    # a system that may still have data is not taken out of use
    binders=(actions.keep_systems_in_use,),
    # what a publication narrows is narrowed in it, not after it
    closers=(actions.narrow_with,),
    events={EventKind.PAPER: queries.papers_in_case},
    uses=Uses(queries.grants_of_entries, queries.entries_granted_otherwise),
    evidence=Evidence(
        related=(queries.written_about, queries.belonging), attached=(queries.papers_of,)
    ),
)
