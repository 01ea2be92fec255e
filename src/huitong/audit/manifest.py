"""What other rooms need of the ledger's pages."""

from huitong.audit import api, jobs, queries, urls
from huitong.kernel.actor import Post
from huitong.kernel.manifest import Manifest, MenuLine, Section

MANIFEST = Manifest(
    context="huitong.audit",
    urls=urls,
    routes=api.router,
    jobs=jobs,
    menu=(
        MenuLine(
            Section.ADMINISTRATION,
            90,
            "审计台账",
            "audit:entries",
            "history",
            frozenset({Post.AUDIT_ADMIN}),
            letter="a",
        ),
    ),
    acts={"audit.export": "audit:export"},
    home=queries.home_panels,
)
