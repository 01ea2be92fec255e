"""What other rooms need of standing documents."""

from huitong.documents import api, queries, urls
from huitong.kernel.manifest import (
    EVERYBODY,
    CasePage,
    Finder,
    Manifest,
    MenuLine,
    Panels,
    Place,
    Section,
)

TEMPLATE = "documents/case_document.html"

MANIFEST = Manifest(
    context="huitong.documents",
    urls=urls,
    routes=api.router,
    menu=(
        MenuLine(
            Section.CATALOG, 50, "制度文件", "documents:documents", "books", EVERYBODY, letter="e"
        ),
    ),
    cases=(
        CasePage(
            "city_document",
            facts=queries.case_facts,
            template=TEMPLATE,
            openings={"draft": "documents:new", "revise": ""},
        ),
        CasePage(
            "body_document",
            facts=queries.case_facts,
            template=TEMPLATE,
            openings={"draft": "documents:new_own", "revise": ""},
        ),
    ),
    home=queries.home_panels,
    panels=(Panels(Place.BODY, queries.body_panels),),
    finders=(Finder("制度文件", queries.documents_named),),
)
