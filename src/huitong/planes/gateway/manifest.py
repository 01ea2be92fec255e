"""What other rooms need of the API plane."""

from huitong.kernel.actor import Post
from huitong.kernel.manifest import BUSINESS, EventKind, Evidence, Manifest, MenuLine, Section
from huitong.planes.gateway import api, jobs, queries, urls

MANIFEST = Manifest(
    context="huitong.planes.gateway",
    urls=urls,
    routes=api.router,
    jobs=jobs,
    menu=(
        MenuLine(
            Section.EXCHANGE,
            20,
            "接口调用",
            "gateway:calls",
            "plug",
            BUSINESS | {Post.AUDIT_ADMIN},
            letter="c",
        ),
    ),
    home=queries.home_panels,
    deliveries=queries.delivered,
    events={EventKind.DELIVERY: queries.calls_in_case},
    evidence=Evidence(attached=(queries.calls_of_case,)),
)
