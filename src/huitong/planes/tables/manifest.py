"""What other rooms need of the table plane."""

from huitong.kernel.actor import Post
from huitong.kernel.manifest import BUSINESS, EventKind, Manifest, MenuLine, Section
from huitong.planes.tables import api, jobs, queries, urls

MANIFEST = Manifest(
    context="huitong.planes.tables",
    urls=urls,
    routes=api.router,
    jobs=jobs,
    deliveries=queries.delivered,
    events={EventKind.DELIVERY: queries.runs_in_case},
    menu=(
        MenuLine(
            Section.EXCHANGE,
            10,
            "交换监控",
            "tables:exchanges",
            "exchange",
            BUSINESS | {Post.PLATFORM_OPERATOR},
            letter="k",
        ),
    ),
    home=queries.home_panels,
)
